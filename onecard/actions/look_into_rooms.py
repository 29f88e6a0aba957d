"""What a room has left, how long it lasts, and who may look into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from onecard.actions.parts import Parts
from onecard.ledger.energy import find_room_energy
from onecard.registry.meters import Meter, MeterState, meters_of_rooms, states_by_meters
from onecard.registry.places import may_look_into
from onecard.registry.usage import find_daily_use
from onecard.rules.access import Caller, Person, Role
from onecard.rules.clock import in_shanghai
from onecard.rules.kinds import MeterWay

LOOKS_INTO_ALL = (Role.UTILITY_STAFF, Role.FINANCE, Role.AUDITOR, Role.DEPARTMENT_OFFICE)
USED_LATELY_DAYS = 14
LITTLE_WH = 50  # a day; below it nobody can say how long the rest lasts


@dataclass(frozen=True, slots=True)
class RoomEnergy:
    """Wh. `bought_wh` and `quota_wh` are None where the meter alone counts."""

    room_id: str
    remaining_wh: int
    bought_wh: int | None
    quota_wh: int | None
    owed_fen: int
    as_of: datetime
    stale: bool


async def find_energy(parts: Parts, room_ids: Iterable[str]) -> dict[str, RoomEnergy]:
    """By room; rooms of which nothing is known are left out. Three statements for however many."""
    ids = list(room_ids)
    meters = await meters_of_rooms(parts.database, ids)
    states = await states_by_meters(parts.database, [meter.id for meter in meters.values()])
    booked = await find_room_energy(parts.database, ids)
    found: dict[str, RoomEnergy] = {}
    for room_id in ids:
        meter = meters.get(room_id)
        state = states.get(meter.id) if meter else None
        if meter is None or state is None or state.read_at is None:
            continue
        stale = parts.clock() - state.read_at > timedelta(seconds=parts.policy.reading_stale_s)
        if meter.way is MeterWay.METER_CREDIT:
            if state.remaining_wh is not None:
                found[room_id] = RoomEnergy(room_id, state.remaining_wh, None, None, 0, state.read_at, stale)
            continue
        has = booked.get(room_id)
        if has is None:
            found[room_id] = RoomEnergy(room_id, 0, 0, 0, 0, state.read_at, stale)
            continue
        # What ran since the last posting is not in the ledger yet: free energy first.
        ran = _not_posted(meter, state, has.meter_id, has.counted_wh)
        free = min(has.quota_wh, ran)
        found[room_id] = RoomEnergy(
            room_id,
            has.remaining_wh - ran,
            has.bought_wh - (ran - free),
            has.quota_wh - free,
            has.emergency_fen,
            state.read_at,
            stale,
        )
    return found


async def may_look_into_room(parts: Parts, caller: Caller, room_id: str) -> bool:
    """Its residents, who cares for them, and the offices that look after power and money."""
    if not isinstance(caller, Person) or caller.person_id is None:
        return False
    if caller.has(*LOOKS_INTO_ALL):
        return True
    return await may_look_into(parts.database, caller.person_id, room_id)


async def find_days_left(parts: Parts, room_ids: Iterable[str]) -> dict[str, float]:
    """By the use of the last fortnight; rooms that used next to nothing, or have nothing left, are left out."""
    ids = list(room_ids)
    today = in_shanghai(parts.clock()).date()
    daily = await find_daily_use(
        parts.database, ids, today - timedelta(days=USED_LATELY_DAYS), today - timedelta(days=1)
    )
    energy = await find_energy(parts, [room_id for room_id, wh in daily.items() if wh >= LITTLE_WH])
    return {
        room_id: has.remaining_wh / daily[room_id] for room_id, has in energy.items() if has.remaining_wh > 0
    }


def _not_posted(meter: Meter, state: MeterState, counted_of: str | None, counted_wh: int | None) -> int:
    if state.total_wh is None or counted_wh is None or counted_of != meter.id:
        return 0
    return max(0, state.total_wh - counted_wh)
