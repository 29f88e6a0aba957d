"""How often somebody may try. Counted in Redis, in fixed windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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
        """Count a try. None when it is within the limit, else the seconds until one is again."""
