"""A token all processes share and one of them fetches: WeCom's access_token and jsapi_ticket.

WeCom counts fetches (100 an hour for the ticket) and a new access_token may end the old one, so it is kept in
Redis, with a copy in this process. Without Redis each process keeps its own.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from onecard.rules.clock import Clock

REDIS_S = 1.0  # any one call to Redis
FETCHING_S = 10  # how long one process may hold the right to fetch
WAIT_S = 6.0  # how long the others wait for it before they fetch themselves
LOOK_EVERY_S = 0.05
MARGIN_S = 300  # a token is left alone this long before its end
LOCAL_S = 60  # how long a copy from Redis is believed without looking again


@dataclass(frozen=True, slots=True)
class Fetched:
    value: str = field(repr=False)
    valid_s: int


@dataclass(slots=True)
class _Copy:
    value: str = field(repr=False)
    until: datetime


class SharedToken:
    """`get()` is single-flight, here and among processes; `forget(value)` once it was refused."""

    def __init__(
        self, name: str, fetch: Callable[[], Awaitable[Fetched]], clock: Clock, redis: Redis | None
    ) -> None:
        self._key = name
        self._fetch = fetch
        self._clock = clock
        self._redis = redis
        self._copy: _Copy | None = None
        self._turn = asyncio.Lock()
        self._failed = 0  # how often
        self._failure: Exception | None = None  # the last one

    async def get(self) -> str:
        """Whoever waited for a fetch that failed hears the same, and does not wait for one more."""
        failed = self._failed
        async with self._turn:
            if self._copy is not None and self._clock() < self._copy.until:
                return self._copy.value
            if self._failure is not None and self._failed != failed:
                raise self._failure
            try:
                return await self._renew()
            except Exception as problem:
                self._failed, self._failure = self._failed + 1, problem
                raise

    async def _renew(self) -> str:
        if self._redis is None:
            return await self._fetch_and_keep(None)
        try:
            return await self._from_redis(self._redis)
        except (RedisError, TimeoutError):  # lost Redis costs a fetch, never a login
            return await self._fetch_and_keep(None)

    async def forget(self, value: str) -> None:
        """WeCom no longer takes `value`. Of ten callers that learn so at once, one fetch follows."""
        async with self._turn:
            if self._copy is not None and self._copy.value == value:
                self._copy = None
            if self._redis is None:
                return
            try:
                async with asyncio.timeout(REDIS_S):
                    if _text(await self._redis.get(self._key)) == value:
                        await self._redis.delete(self._key)
            except (RedisError, TimeoutError):
                return

    async def _from_redis(self, redis: Redis) -> str:
        holder, deadline = secrets.token_hex(8), self._clock() + timedelta(seconds=WAIT_S)
        while True:
            async with asyncio.timeout(REDIS_S):
                value = await redis.get(self._key)
                if value is not None:
                    left_s = max(await redis.ttl(self._key), 1)
                    return self._keep(_text(value), min(left_s, LOCAL_S))
                won = await redis.set(f"{self._key}:fetching", holder, nx=True, ex=FETCHING_S)
            if won or self._clock() >= deadline:
                try:
                    return await self._fetch_and_keep(redis)
                finally:
                    with suppress(RedisError, TimeoutError):  # it ends by itself, and what was fetched holds
                        async with asyncio.timeout(REDIS_S):
                            if _text(await redis.get(f"{self._key}:fetching")) == holder:
                                await redis.delete(f"{self._key}:fetching")
            await asyncio.sleep(LOOK_EVERY_S)

    async def _fetch_and_keep(self, redis: Redis | None) -> str:
        fetched = await self._fetch()
        keep_s = max(fetched.valid_s - MARGIN_S, fetched.valid_s // 2, 1)
        shared = redis is not None and await self._share(redis, fetched.value, keep_s)
        return self._keep(fetched.value, min(keep_s, LOCAL_S) if shared else keep_s)

    async def _share(self, redis: Redis, value: str, for_s: int) -> bool:
        try:
            async with asyncio.timeout(REDIS_S):
                await redis.set(self._key, value, ex=for_s)
        except (RedisError, TimeoutError):
            return False
        return True

    def _keep(self, value: str, for_s: int) -> str:
        self._copy = _Copy(value, self._clock() + timedelta(seconds=for_s))
        return value


def _text(value: bytes | str | None) -> str:
    """Whatever the client was told about decoding."""
    return value.decode() if isinstance(value, bytes) else value or ""
