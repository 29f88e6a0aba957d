"""用电提醒: when a resident hears of their room, and in which words. Each thing once, until it is over.

What was said is remembered for each subscription (`said`), so that a worker that stops and starts says nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from onecard.rules.clock import in_shanghai
from onecard.rules.energy import format_kwh
from onecard.rules.hours import ServiceHours
from onecard.rules.kinds import AlertKind, PowerState
from onecard.rules.power_words import explain_power, remedy_of_power

USUAL_THRESHOLD_WH = 10_000
THRESHOLDS_WH = range(100, 1_000_001)
NOT_AGAIN_WITHIN = timedelta(minutes=10)  # one kind to one person: a relay that flaps is told once
LITTLE_WH = 50  # a day; below it nobody can say how long the rest lasts
# The timetable's nights are known to everybody, and a silent meter says nothing.
_DARK = frozenset((PowerState.CUT, PowerState.LOCKED, PowerState.NO_ENERGY, PowerState.SWITCHED_OFF))
_SAID = "SAID"


@dataclass(frozen=True, slots=True)
class Watched:
    """One subscription. `said`: what was told and is not over yet."""

    kind: AlertKind
    threshold_wh: int
    said: str | None
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoomNow:
    """`state` None: never heard. `remaining_wh` None: unknown, or by an old reading. `daily_wh`: of the last fortnight;
    None: not known. `cuts`: does it go dark at 0?"""

    state: PowerState | None
    remaining_wh: int | None
    daily_wh: int | None
    cuts: bool


def decide_alert(
    watched: Watched, room: RoomNow, now: datetime, protected: ServiceHours, warns_from_h: int
) -> tuple[str | None, bool]:
    """What is to be remembered as said from now on, and whether it is told now."""
    said = _find_reason(watched, room, now, protected, warns_from_h)
    if watched.kind is AlertKind.POWER_RESTORED:
        tells = watched.said is not None and said is None  # what was dark is lit
    else:
        tells = said is not None and said != watched.said
    if tells and watched.told_at is not None and now - watched.told_at < NOT_AGAIN_WITHIN:
        return watched.said, False  # looked at again later
    return said, tells


def _find_reason(
    watched: Watched, room: RoomNow, now: datetime, protected: ServiceHours, warns_from_h: int
) -> str | None:
    match watched.kind:
        case AlertKind.LOW_ENERGY:
            if room.remaining_wh is None:
                return watched.said
            return _SAID if room.remaining_wh < watched.threshold_wh else None
        case AlertKind.NIGHT_CUT:
            wall = in_shanghai(now)
            if wall.hour < warns_from_h or not _runs_out(room, now, protected):
                return watched.said
            return wall.date().isoformat()
        case AlertKind.POWER_CUT | AlertKind.POWER_RESTORED:
            if room.state in _DARK:
                return room.state
            return None if room.state is PowerState.NORMAL else watched.said


def _runs_out(room: RoomNow, now: datetime, protected: ServiceHours) -> bool:
    """Will what is left be used up before the protected hours end, at the recent rate?"""
    if not room.cuts or room.state is not PowerState.NORMAL or not room.remaining_wh or not room.daily_wh:
        return False
    if room.remaining_wh < 0 or room.daily_wh < LITTLE_WH:
        return False
    return room.remaining_wh < room.daily_wh * (_night_ends(now, protected) - now) / timedelta(days=1)


def word_alert(watched: Watched, room: RoomNow, now: datetime, protected: ServiceHours) -> str:
    """Without names and numbers of rooms: a phone shows it on its locked screen. With the time, so that the next one of
    a kind has other words."""
    at = in_shanghai(now).strftime("%m-%d %H:%M")
    left = "" if room.remaining_wh is None else format_kwh(room.remaining_wh)[:-1]
    match watched.kind:
        case AlertKind.LOW_ENERGY:
            limit = format_kwh(watched.threshold_wh)[:-1]
            return f"{at} 你的宿舍剩余电量 {left} 度，低于你设的 {limit} 度，请及时缴电费。"
        case AlertKind.NIGHT_CUT:
            ends = in_shanghai(_night_ends(now, protected)).strftime("%H:%M")
            return (
                f"{at} 你的宿舍剩余电量 {left} 度，按最近的用法，明早 {ends} 之前可能用完，用完会断电。"
                "现在缴电费就不会断。"
            )
        case AlertKind.POWER_CUT:
            assert room.state is not None, "a dark room was heard"
            todo = remedy_of_power(room.state, None, None, overdue=False, language="ZH")
            return f"{at} 你的宿舍断电了。{explain_power(room.state, 'ZH')}{todo}"
        case AlertKind.POWER_RESTORED:
            return f"{at} 你的宿舍恢复供电了。"


def _night_ends(now: datetime, protected: ServiceHours) -> datetime:
    wall = in_shanghai(now)
    ends = datetime.combine(wall.date(), protected.closes_at, wall.tzinfo)
    return ends if ends > wall else ends + timedelta(days=1)
