"""How often somebody may try. Counted in Redis, in windows that begin with the first try."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError


class LimitsUnavailable(Exception):
    """Redis did not answer in time; the caller decides whether to refuse or to allow."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` tries of `name` per subject in `window_s` seconds."""

    name: str
    count: int
    window_s: int


class RateLimits(Protocol):
    async def take(self, limit: Limit, subject: str) -> int | None:
        """Count a try. None when it is within the limit, else the seconds until one is again.

        May raise LimitsUnavailable.
        """


class RedisRateLimits:
    """Keys are short hashes: subjects (a student number, an address) do not stand in Redis."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix

    async def take(self, limit: Limit, subject: str) -> int | None:
        key = f"{self._prefix}:limit:{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.incr(key)
                pipe.pexpire(key, limit.window_s * 1000, nx=True)
                pipe.pttl(key)
                tries, _, left_ms = await pipe.execute()
        except (RedisError, TimeoutError, OSError) as problem:
            raise LimitsUnavailable(type(problem).__name__) from problem
        return None if tries <= limit.count else max(1, math.ceil(left_ms / 1000))


class FakeRateLimits:
    """In memory; `away = True` plays a lost Redis."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}
        self.away = False

    async def take(self, limit: Limit, subject: str) -> int | None:
        if self.away:
            raise LimitsUnavailable
        now = self._monotonic()
        ends, tries = self._windows.get((limit.name, subject), (now + limit.window_s, 0))
        if ends <= now:
            ends, tries = now + limit.window_s, 0
        self._windows[limit.name, subject] = (ends, tries + 1)
        return None if tries < limit.count else max(1, math.ceil(ends - now))
