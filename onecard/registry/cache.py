"""A few thousand things for a few seconds, so that a till's terminal is not read for every lunch."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class ShortCache(Generic[T]):
    """At most `size` values, each at most `seconds` old; the oldest goes first."""

    def __init__(self, size: int, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._seconds = seconds
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, T]] = {}

    def get(self, key: str) -> T | None:
        found = self._kept.get(key)
        if found is None or found[0] <= self._monotonic():
            return None
        return found[1]

    def put(self, key: str, value: T) -> None:
        self._kept.pop(key, None)
        if len(self._kept) >= self._size:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (self._monotonic() + self._seconds, value)

    def forget(self, key: str) -> None:
        self._kept.pop(key, None)

    def clear(self) -> None:
        self._kept.clear()
