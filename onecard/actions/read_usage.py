"""用电记录 of many places, for the offices and for dashboards; what a dashboard reads is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from onecard.actions.parts import Parts
from onecard.outside.rate_limits import Limit, LimitsUnavailable
from onecard.registry.usage import Interval, Scope, UsageBy, UsagePoint, count_places, find_usage
from onecard.rules.access import Caller, Dashboard
from onecard.rules.refusals import Refusal, RefusalCode

MOST_POINTS = 20_000  # in one answer
# Points a minute and token: a wall of charts, drawn anew every few seconds.
DASHBOARD_POINTS = Limit("dashboard points", 100_000, 60)
_HOURS_A_DAY = 24
_DAYS_A_MONTH = 28  # the shortest; so a span is never counted too low


class TooManyPoints(Exception):
    """More than MOST_POINTS would be answered; nothing was read."""


async def read_usage(
    parts: Parts, caller: Caller, scope: Scope, by: UsageBy, interval: Interval, first: date, last: date
) -> list[UsagePoint]:
    """As `find_usage`. Raises TooManyPoints. A dashboard reads its own campus alone, and is refused TOO_MANY_ATTEMPTS
    above DASHBOARD_POINTS; while nobody can count, it reads on."""
    if isinstance(caller, Dashboard) and caller.campus_id is not None:
        if scope.campus_id not in (None, caller.campus_id):
            return []
        scope = replace(scope, campus_id=caller.campus_id)
    points = await count_places(parts.database, scope, by) * steps_of(interval, first, last)
    if points > MOST_POINTS:
        raise TooManyPoints
    if isinstance(caller, Dashboard):
        try:
            wait_s = await parts.limits.take(DASHBOARD_POINTS, caller.token_id, max(1, points))
        except LimitsUnavailable:
            wait_s = None
        if wait_s is not None:
            raise Refusal(RefusalCode.TOO_MANY_ATTEMPTS, retry_after_s=wait_s)
    return await find_usage(parts.database, scope, by, interval, first, last)


def steps_of(interval: Interval, first: date, last: date) -> int:
    """How many hours, days or months a span has at the most."""
    days = (last - first).days + 1
    if interval is Interval.HOUR:
        return days * _HOURS_A_DAY
    return days if interval is Interval.DAY else (days - 1) // _DAYS_A_MONTH + 2
