"""Payment codes on their way to a till: code → holder. Redis, so losable; the claim is the database's.

Kept under the code's hash, so that whoever reads Redis can pay with nothing.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from onecard.rules.clock import Clock
from onecard.together import Together

KEPT_AFTER_EXPIRY = timedelta(minutes=10)

T = TypeVar("T")


class CodeStoreUnavailable(Exception):
    """Redis did not answer in time; nothing is known about the code."""


@dataclass(frozen=True, slots=True)
class CodeHolder:
    """Whose code it is. `payer` is the masked name (张*), so that a till needs no look into the register."""

    account_id: str
    payer: str
    issued_at: datetime
    expires_at: datetime


class CodeStore(Protocol):
    """Both may raise CodeStoreUnavailable. `code_hash` is `rules.payment_code.hash_code`'s."""

    async def put(self, code_hash: bytes, holder: CodeHolder) -> None:
        """Remember until KEPT_AFTER_EXPIRY past its end, so that expired is told from unknown."""

    async def find(self, code_hash: bytes) -> CodeHolder | None: ...


class RedisCodeStore:
    """`prefix` is the school: many may share one Redis."""

    def __init__(self, redis: Redis, prefix: str, clock: Clock) -> None:
        self._redis = redis
        self._prefix = prefix
        self._clock = clock
        self._find = Together(self._find_all)

    async def put(self, code_hash: bytes, holder: CodeHolder) -> None:
        keep_s = int((holder.expires_at + KEPT_AFTER_EXPIRY - self._clock()).total_seconds())
        if keep_s > 0:
            await _answered(self._redis.set(self._key(code_hash), _pack(holder), ex=keep_s))

    async def find(self, code_hash: bytes) -> CodeHolder | None:
        packed = await _answered(self._find(code_hash))
        return None if packed is None else _unpack(packed)

    async def _find_all(self, code_hashes: Sequence[bytes]) -> Sequence[bytes | str | None]:
        return await self._redis.mget([self._key(code_hash) for code_hash in code_hashes])

    def _key(self, code_hash: bytes) -> str:
        return f"{self._prefix}:code:{code_hash.hex()}"


class FakeCodeStore:
    """In memory; `away = True` plays a lost Redis."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[bytes, CodeHolder] = {}
        self.away = False

    async def put(self, code_hash: bytes, holder: CodeHolder) -> None:
        self._answer()
        self._kept[code_hash] = holder

    async def find(self, code_hash: bytes) -> CodeHolder | None:
        self._answer()
        holder = self._kept.get(code_hash)
        if holder is not None and self._clock() >= holder.expires_at + KEPT_AFTER_EXPIRY:
            return None
        return holder

    def _answer(self) -> None:
        if self.away:
            raise CodeStoreUnavailable


async def _answered(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except (RedisError, TimeoutError, OSError) as problem:
        raise CodeStoreUnavailable(type(problem).__name__) from problem


def _pack(holder: CodeHolder) -> str:
    times = (holder.issued_at.timestamp(), holder.expires_at.timestamp())
    return json.dumps([holder.account_id, holder.payer, *times])


def _unpack(packed: bytes | str) -> CodeHolder:
    account_id, payer, issued, expires = json.loads(packed)
    return CodeHolder(
        account_id, payer, datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(expires, UTC)
    )
