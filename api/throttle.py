"""How many operations a caller may send. Counted in Redis for all processes together.

A gateway sends hundreds a second, so its requests are counted here and told to Redis in strides: one question
for fifty requests. When Redis is away everybody passes: no fen depends on a limit.
"""

import math
import time
from dataclasses import dataclass

from onecard.outside.rate_limits import Limit, LimitsUnavailable, RateLimits
from onecard.rules.access import Caller, Dashboard, Gateway, Nobody

KEPT_COUNTS = 10_000


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `count` in `window_s` seconds, asked of Redis once in `stride` requests."""

    name: str
    count: int
    window_s: int
    stride: int = 1

    @property
    def limit(self) -> Limit:
        return Limit(self.name, max(1, self.count // self.stride), self.window_s)


PEOPLE = Pace("operations", 300, 60)
GATEWAYS = Pace("gateway", 30_000, 60, stride=50)
DASHBOARDS = Pace("dashboard", 120, 60)
"""By token; what it reads is counted besides (onecard.actions.read_usage)."""
STRANGERS = Pace("stranger", 3_000, 60, stride=10)
"""By address; a whole campus may share one."""
LOGINS = Pace("login", 1_200, 60)
"""By address, for /auth."""
REFRESHES = Pace("refresh", 60, 60)
"""By session: tabs and reloads of one browser."""


class Throttle:
    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits
        self._counts: dict[tuple[str, str], int] = {}
        self._waiting: dict[tuple[str, str], float] = {}

    async def take(self, pace: Pace, subject: str) -> int | None:
        """Count a request. None when it may go on, else the seconds to wait."""
        key = (pace.name, subject)
        if pace.stride > 1:
            if wait := self._still_waiting(key):
                return wait
            count = self._counts.get(key, 0)
            if len(self._counts) >= KEPT_COUNTS and key not in self._counts:
                self._counts.clear()
            self._counts[key] = (count + 1) % pace.stride
            if count:
                return None
        try:
            wait_s = await self._limits.take(pace.limit, subject)
        except LimitsUnavailable:
            return None
        if wait_s is not None and pace.stride > 1:
            self._waiting[key] = time.monotonic() + wait_s
        return wait_s

    def _still_waiting(self, key: tuple[str, str]) -> int | None:
        """Seconds left of a refusal that counts for the whole stride."""
        until = self._waiting.get(key)
        if until is None:
            return None
        left = until - time.monotonic()
        if left <= 0:
            del self._waiting[key]
            return None
        return math.ceil(left)


def pace_of(caller: Caller) -> Pace:
    if isinstance(caller, Gateway):
        return GATEWAYS
    if isinstance(caller, Dashboard):
        return DASHBOARDS
    return STRANGERS if isinstance(caller, Nobody) else PEOPLE
