"""What a school sets about power in its rooms: the night timetable, the protected hours, emergency energy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, time
from typing import Any

from onecard.rules.energy import parse_kwh
from onecard.rules.hours import ServiceHours, read_hours, read_wall_time
from onecard.rules.json_values import check_entries, read_flag, read_whole
from onecard.rules.power import PowerNight

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

_PROTECTED = ServiceHours(time(22, 0), time(7, 0))


@dataclass(frozen=True, slots=True)
class PowerPolicy:
    """`protected_hours`: nobody is cut for money then; a room that runs out is lent `emergency_wh`, once until repaid.
    `staff_switch_holds_s`: so long nothing undoes what the utility office switched on by hand; what it switched off
    stays off. After a forbidden appliance the meters light a room by themselves after `restores_after_s` (their own
    setting; ours counts down); on an application the department's office has `decide_within_s`, then the utility office
    `restore_within_s`. From `warns_from_h` o'clock residents are warned of a cut in the night."""

    cut_at_zero: bool = True
    protected_hours: ServiceHours = _PROTECTED
    emergency_wh: int = 5_000
    nights: tuple[PowerNight, ...] = ()
    holidays: frozenset[date] = frozenset()
    staff_switch_holds_s: int = 6 * 3600
    restores_after_s: int = 300
    decide_within_s: int = 24 * 3600
    restore_within_s: int = 2 * 3600
    warns_from_h: int = 17

    def __post_init__(self) -> None:
        problems = [
            f"{row.name} must be above 0"
            for row in fields(self)
            if row.name.endswith("_s") and getattr(self, row.name) <= 0
        ]
        if not 0 <= self.warns_from_h < 24:
            problems.append("warns_from_h must be an hour of the day")
        if self.emergency_wh < 0:
            problems.append("emergency_kwh must not be below 0")
        if problems:
            raise ValueError("; ".join(problems))


def read_power_policy(given: Mapping[str, Any]) -> PowerPolicy:
    """From the policy file's `power`, as docs/electricity.md shows it. ValueError says what is wrong."""
    readers: dict[str, Callable[[Any], Any]] = {
        "cut_at_zero": read_flag,
        "protected_hours": read_hours,
        "emergency_wh": parse_kwh,
        "nights": lambda value: tuple(_night(one) for one in value),
        "holidays": lambda value: frozenset(date.fromisoformat(one) for one in value),
    }
    known = {row.name: row.name for row in fields(PowerPolicy)} | {"emergency_kwh": "emergency_wh"}
    del known["emergency_wh"]
    check_entries(given, known, "power")
    return PowerPolicy(
        **{known[name]: readers.get(known[name], read_whole)(value) for name, value in given.items()}
    )


def _night(given: Mapping[str, Any]) -> PowerNight:
    check_entries(given, {"days", "off", "on", "buildings", "on_holidays"}, "a night")
    days = given.get("days", DAYS)
    if not set(days) <= set(DAYS):
        raise ValueError(f"a night's days are some of {', '.join(DAYS)}")
    return PowerNight(
        read_wall_time(given["off"]),
        read_wall_time(given["on"]),
        frozenset(DAYS.index(day) for day in days),
        frozenset(str(code) for code in given.get("buildings", ())),
        read_flag(given.get("on_holidays", False)),
    )
