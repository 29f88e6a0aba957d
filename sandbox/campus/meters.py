"""A meter in each of the 2,000 rooms, two lines a building. In the north the meters count their own credit; in the
south they only measure, and the school's ledger counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sandbox.campus.model import Building, Room
from sandbox.campus.places import NORTH

LINES_A_BUILDING = 2
SHOWN_IN_THE_GUIDE = "2476.870"  # kWh, of the first student's room
DAYS_OF_USE = 30
BAUD = 9600
PLAIN, PREPAID = "plain", "prepaid"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class MeterSpec:
    """`number`: twelve digits, its address. `line`: which serial server it hangs on, counted from 0 on the campus."""

    id: str
    number: str
    room: str  # its code
    prepaid: bool
    line: int
    remaining_kwh: str

    @property
    def model(self) -> str:
        return PREPAID if self.prepaid else PLAIN

    @property
    def bus(self) -> str:
        return f"line-{self.line + 1:02d}"


def build_meters(
    draw: Random, buildings: Sequence[Building], rooms: Sequence[Room], first_students_room: str | None
) -> tuple[MeterSpec, ...]:
    """In the order of the rooms."""
    numbers = {building.code: place for place, building in enumerate(buildings)}
    northern = {building.code for building in buildings if building.campus == NORTH.code}
    floors = {building.code: building.floors for building in buildings}
    specs = []
    for room in rooms:
        number = f"2026{int(room.building):04d}{int(room.number):04d}"
        remaining = f"{draw.randint(20, 180)}.{draw.randint(0, 99):02d}0"
        half = int(room.floor > floors[room.building] / 2)
        specs.append(
            MeterSpec(
                id=_id(number),
                number=number,
                room=room.code,
                prepaid=room.building in northern,
                line=LINES_A_BUILDING * numbers[room.building] + half,
                remaining_kwh=SHOWN_IN_THE_GUIDE if room.code == first_students_room else remaining,
            )
        )
    return tuple(specs)


def invent_use(draw: Random, meters: Sequence[MeterSpec], today: date) -> Iterator[tuple[str, date, str]]:
    """What each used on each of the last days: (number, day, kWh). Weekends are quieter, people differ."""
    for meter in meters:
        usual = draw.uniform(1.2, 5.5)
        for back in range(DAYS_OF_USE, 0, -1):
            day = today - timedelta(days=back)
            kwh = usual * (0.7 if day.weekday() >= 5 else 1.0) * draw.uniform(0.7, 1.3)
            yield meter.number, day, f"{kwh:.2f}0"


def _id(number: str) -> str:
    """An id of the form the register makes, always the same for a number."""
    bits = int.from_bytes(hashlib.sha256(f"pretend meter {number}".encode()).digest()[:16], "big")
    return "met_" + "".join(_ALPHABET[bits >> 5 * place & 31] for place in reversed(range(26)))
