"""Should a room have power now? One decision from what is known, taken anew every few seconds by the worker.

Whoever is first in this list has the say: the meter that saw a forbidden appliance (恶性负载), the utility office, the
night timetable, the money. What we opened, and nothing else, we close again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from onecard.rules.clock import SHANGHAI, in_shanghai
from onecard.rules.hours import ServiceHours
from onecard.rules.kinds import IncidentState, PowerState

RULE = "power:"  # how the actors of our own commands begin
TRY_AGAIN_AFTER = timedelta(minutes=5)  # doubled with each try that did not work, up to
TRY_AGAIN_AT_LEAST_EVERY = timedelta(hours=1)
NIGHTS_AHEAD = 8  # days that are looked at for the next one
LOCKED_STATES = frozenset((IncidentState.LOCKED, IncidentState.APPLIED, IncidentState.APPROVED))


class Cause(StrEnum):
    """Why we switch; with RULE before it, the command's actor."""

    NIGHT = "night"
    MONEY = "money"
    BACK = "back"

    @property
    def actor(self) -> str:
        return RULE + self


class Want(StrEnum):
    OPEN = "OPEN"
    CLOSE = "CLOSE"
    LEND = "LEND"  # emergency energy: it is night, and none is left


@dataclass(frozen=True, slots=True)
class Switch:
    """The newest command to a room's relay. `is_done`: the meter was read back and did it. `tries`: how many of ours in
    a row said the same."""

    opens: bool
    actor: str
    issued_at: datetime
    is_under_way: bool
    is_done: bool
    tries: int

    @property
    def is_ours(self) -> bool:
        return self.actor.startswith(RULE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a room. `is_closed` None: the relay's state was never said, or its meter does not answer now;
    `remaining_wh` None: unknown, or by an old reading. `meter_counts`: it opens by itself at 0. `forbidden`: its meter
    complains of a forbidden appliance; `incident`: how far the last such cut has come, None when it is over."""

    is_closed: bool | None
    forbidden: bool
    incident: IncidentState | None
    meter_counts: bool
    remaining_wh: int | None
    owes: bool
    newest: Switch | None

    @property
    def is_empty(self) -> bool:
        return self.remaining_wh is not None and self.remaining_wh <= 0


@dataclass(frozen=True, slots=True)
class Now:
    """`night_until`: the timetable keeps this building dark until then. `protected`: no room is cut for money."""

    at: datetime
    night_until: datetime | None
    protected: bool
    cuts_at_zero: bool
    staff_holds: timedelta


@dataclass(frozen=True, slots=True)
class PowerNight:
    """No power from `off_at` until `on_at`, in the nights that begin on `days` (0: Monday); in those of holidays only
    `on_holidays`. `buildings`: codes; empty: all of them."""

    off_at: time
    on_at: time
    days: frozenset[int]
    buildings: frozenset[str] = frozenset()
    on_holidays: bool = False

    def __post_init__(self) -> None:
        if self.off_at == self.on_at:
            raise ValueError("a night begins and ends at different times")
        if not self.days or not self.days <= frozenset(range(7)):
            raise ValueError("a night's days are some of MON to SUN")


def find_night(
    nights: Sequence[PowerNight], holidays: frozenset[date], building: str, now: datetime
) -> datetime | None:
    """Until when the timetable keeps the building dark; None: it does not."""
    wall = in_shanghai(now)
    days = (wall.date() - timedelta(days=1), wall.date())
    return max(
        (ends for begins, ends in _nights_of(nights, holidays, building, days) if begins <= wall < ends),
        default=None,
    )


def find_next_night(
    nights: Sequence[PowerNight], holidays: frozenset[date], building: str, now: datetime
) -> tuple[datetime, datetime] | None:
    """The night that the building is in, else the next one within NIGHTS_AHEAD: from when it is dark until when. Nights
    that overlap are one."""
    wall = in_shanghai(now)
    days = [wall.date() + timedelta(days=ahead) for ahead in range(-1, NIGHTS_AHEAD)]
    left = sorted(one for one in _nights_of(nights, holidays, building, days) if one[1] > wall)
    if not left:
        return None
    begins, ends = left[0]
    for other_begins, other_ends in left[1:]:
        if other_begins > ends:
            break
        ends = max(ends, other_ends)
    return begins, ends


def _nights_of(
    nights: Sequence[PowerNight], holidays: frozenset[date], building: str, days: Iterable[date]
) -> Iterator[tuple[datetime, datetime]]:
    """Those that begin on one of the days, in the school's time."""
    for night in nights:
        if night.buildings and building not in night.buildings:
            continue
        for day in days:
            if day.weekday() not in night.days or (day in holidays and not night.on_holidays):
                continue
            ends_on = day if night.on_at > night.off_at else day + timedelta(days=1)
            yield (
                datetime.combine(day, night.off_at, SHANGHAI),
                datetime.combine(ends_on, night.on_at, SHANGHAI),
            )


def night_of(protected: ServiceHours, now: datetime) -> str:
    """The name of the protected night that `now` is in: the day it began, "2026-11-26"."""
    wall = in_shanghai(now)
    began_yesterday = protected.opens_at >= protected.closes_at and wall.time() < protected.closes_at
    return (wall.date() - timedelta(days=1) if began_yesterday else wall.date()).isoformat()


def decide_power(seen: Seen, now: Now) -> tuple[Want, Cause] | None:
    """What is to be done now; None: nothing."""
    newest = seen.newest
    if seen.is_closed is None or seen.forbidden or seen.incident in LOCKED_STATES:
        return None
    if newest is not None and not newest.is_ours and _holds(newest, seen, now):
        return None
    want: Want | None
    if now.night_until is not None:
        want, cause = Want.OPEN, Cause.NIGHT
    elif seen.is_empty and now.cuts_at_zero and not seen.meter_counts:
        want, cause = (_at_night(seen) if now.protected else Want.OPEN), Cause.MONEY
    else:
        want, cause = (Want.CLOSE if _is_ours_to_close(seen) else None), Cause.BACK
    if want is Want.LEND:
        return want, cause
    if want is None or (want is Want.CLOSE) is seen.is_closed:
        return None
    return None if newest is not None and _is_too_soon(newest, want, now.at) else (want, cause)


def _holds(switched: Switch, seen: Seen, now: Now) -> bool:
    """What people switched off stays off; what they switched on stays on, for a while."""
    if switched.opens:
        return switched.is_under_way or not seen.is_closed
    return now.at - switched.issued_at < now.staff_holds


def _at_night(seen: Seen) -> Want | None:
    """A room that is lit stays so; one that is dark already, or owes for another night, gets nothing."""
    return Want.LEND if seen.is_closed and not seen.owes else None


def _is_ours_to_close(seen: Seen) -> bool:
    """What we opened, unless somebody on the spot opened it again after it was closed."""
    newest = seen.newest
    if newest is None or not newest.is_ours or (not newest.opens and newest.is_done):
        return False
    return newest.actor == Cause.NIGHT.actor or (seen.remaining_wh is not None and not seen.is_empty)


def _is_too_soon(newest: Switch, want: Want, at: datetime) -> bool:
    if newest.opens is not (want is Want.OPEN):
        return False  # the one before it is overtaken
    pause = min(TRY_AGAIN_AFTER * 2 ** max(0, newest.tries - 1), TRY_AGAIN_AT_LEAST_EVERY)
    return newest.is_under_way or at - newest.issued_at < pause


def name_state(seen: Seen, night_until: datetime | None) -> PowerState:
    """What to tell the room."""
    if seen.incident in LOCKED_STATES:
        return PowerState.LOCKED
    if seen.incident is IncidentState.CUT or seen.forbidden:
        return PowerState.CUT
    if seen.is_closed is None:
        return PowerState.UNKNOWN
    if seen.is_closed:
        return PowerState.NORMAL
    opened = seen.newest if seen.newest is not None and seen.newest.opens else None
    if night_until is not None and opened is not None and opened.actor == Cause.NIGHT.actor:
        return PowerState.NIGHT
    if seen.is_empty and (opened is None or opened.is_ours):
        return PowerState.NO_ENERGY
    return PowerState.SWITCHED_OFF
