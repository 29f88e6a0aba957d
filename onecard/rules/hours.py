"""Service hours (服务时间) and the accounting day (记账日), on the school's wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from onecard.rules.clock import in_shanghai
from onecard.rules.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True)
class ServiceHours:
    """Open from `opens_at` until before `closes_at`; over midnight when closes_at is the earlier one.

    Equal times mean round the clock.
    """

    opens_at: time
    closes_at: time

    def is_open(self, now: datetime) -> bool:
        wall = in_shanghai(now).time()
        if self.opens_at < self.closes_at:
            return self.opens_at <= wall < self.closes_at
        return wall >= self.opens_at or wall < self.closes_at

    def require_open(self, now: datetime) -> None:
        """Only what a person starts asks this; notifications and uploads are taken round the clock."""
        if not self.is_open(now):
            raise Refusal(
                RefusalCode.OUTSIDE_SERVICE_HOURS,
                opens_at=self.opens_at.strftime("%H:%M"),
                closes_at=self.closes_at.strftime("%H:%M"),
            )


def accounting_day(moment: datetime, closes_at: time) -> date:
    """The day a moment belongs to: with 23:00, the 22nd 23:00 up to before the 23rd 23:00 is the 23rd."""
    wall = in_shanghai(moment)
    return wall.date() if wall.time() < closes_at else wall.date() + timedelta(days=1)


def read_wall_time(text: str) -> time:
    """ "23:00" on the school's wall clock; ValueError otherwise."""
    found = time.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError("the school's wall clock is meant, without an offset")
    return found


def read_hours(value: Any) -> ServiceHours:
    """`["05:00", "22:55"]`; ValueError otherwise."""
    opens_at, closes_at = value
    return ServiceHours(read_wall_time(opens_at), read_wall_time(closes_at))
