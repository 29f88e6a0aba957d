"""Tries are counted in Redis, and in the database while Redis is away: never unlimited."""

from __future__ import annotations

from datetime import timedelta

from onecard.actions.parts import Parts
from onecard.outside.rate_limits import Limit, LimitsUnavailable
from onecard.registry.database import transaction
from onecard.registry.record import count_attempts
from onecard.rules.refusals import Refusal, RefusalCode


async def take_attempt(parts: Parts, limit: Limit, subject: str) -> None:
    """Count a try; TOO_MANY_ATTEMPTS above the limit. When neither can count, the database's error rises."""
    try:
        wait_s = await parts.limits.take(limit, subject)
    except LimitsUnavailable:
        wait_s = await _count_in_database(parts, limit, subject)
    if wait_s is not None:
        raise Refusal(RefusalCode.TOO_MANY_ATTEMPTS, retry_after_s=wait_s)


async def _count_in_database(parts: Parts, limit: Limit, subject: str) -> int | None:
    now, window = parts.clock(), timedelta(seconds=limit.window_s)
    async with transaction(parts.database) as connection:
        tries, first = await count_attempts(connection, f"{limit.name}:{subject}", now - window, now)
    if tries <= limit.count:
        return None
    return max(1, int((first + window - now).total_seconds()) + 1)
