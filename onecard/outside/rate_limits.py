"""How often somebody may try. Counted in Redis, in windows that begin with the first try."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from onecard.together import Together


class LimitsUnavailable(Exception):
    """Redis did not answer in time; the caller decides whether to refuse or to allow."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` tries of `name` per subject in `window_s` seconds."""

    name: str
    count: int
    window_s: int


class RateLimits(Protocol):
    async def take(self, limit: Limit, subject: str, amount: int = 1) -> int | None:
        """Count a try, or what it costs. None when it is within the limit, else the seconds until one is again.

        May raise LimitsUnavailable.
        """


class RedisRateLimits:
    """Keys are short hashes: subjects (a student number, an address) do not stand in Redis."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._take = Together(self._take_all)

    async def take(self, limit: Limit, subject: str, amount: int = 1) -> int | None:
        key = f"{self._prefix}:limit:{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"
        try:
            return await self._take((limit, key, amount))
        except (RedisError, TimeoutError, OSError) as problem:
            raise LimitsUnavailable(type(problem).__name__) from problem

    async def _take_all(self, tries: Sequence[tuple[Limit, str, int]]) -> list[int | None]:
        # Not a transaction: a key that was left without its end by a lost connection gets one at the next try.
        async with self._redis.pipeline(transaction=False) as pipe:
            for limit, key, amount in tries:
                pipe.incrby(key, amount)
                pipe.pexpire(key, limit.window_s * 1000, nx=True)
            counts = (await pipe.execute())[::2]
            over = [key for (limit, key, _), count in zip(tries, counts, strict=True) if count > limit.count]
            for key in over:
                pipe.pttl(key)
            left_ms = dict(zip(over, await pipe.execute() if over else (), strict=True))
        return [
            None if count <= limit.count else max(1, math.ceil(left_ms[key] / 1000))
            for (limit, key, _), count in zip(tries, counts, strict=True)
        ]


class FakeRateLimits:
    """In memory; `away = True` plays a lost Redis."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}
        self.away = False

    async def take(self, limit: Limit, subject: str, amount: int = 1) -> int | None:
        if self.away:
            raise LimitsUnavailable
        now = self._monotonic()
        ends, tries = self._windows.get((limit.name, subject), (now + limit.window_s, 0))
        if ends <= now:
            ends, tries = now + limit.window_s, 0
        self._windows[limit.name, subject] = (ends, tries + amount)
        return None if tries + amount <= limit.count else max(1, math.ceil(ends - now))
