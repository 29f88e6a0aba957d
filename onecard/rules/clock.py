"""Time is passed in: a `Clock` gives the aware UTC instant; screens and days are Asia/Shanghai."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Clock = Callable[[], datetime]

# No summer time in China since 1991, so a fixed offset needs no time zone files.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def system_clock() -> datetime:
    return datetime.now(UTC)


BELIEVED = timedelta(days=1)  # a device's clock drifts by minutes, or is lost altogether


def believe_now(told: datetime, now: datetime) -> datetime:
    """When something happened that happens now, by a device's clock; by ours when that one is lost."""
    return told if abs(told - now) <= BELIEVED else now


def in_shanghai(moment: datetime) -> datetime:
    """The same instant on the school's wall clock. `moment` must be aware."""
    assert moment.tzinfo is not None, "a time without an offset"
    return moment.astimezone(SHANGHAI)
