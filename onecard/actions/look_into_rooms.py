"""What a room has left, how long it lasts, and who may look into it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from onecard.actions.parts import Parts
from onecard.registry.places import may_look_into
from onecard.registry.usage import find_daily_use
from onecard.rules.access import Caller, Person, Role
from onecard.rules.alerts import LITTLE_WH
from onecard.rules.clock import in_shanghai
from onecard.rules.kinds import MeterWay

LOOKS_INTO_ALL = (Role.UTILITY_STAFF, Role.FINANCE, Role.AUDITOR, Role.DEPARTMENT_OFFICE)
USED_LATELY_DAYS = 14


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


# What each room has left; `remaining_wh` is null where nothing was ever counted. What ran since the last posting is
# not in the ledger yet: free energy first.
ROOM_ENERGY = """
    SELECT m.room_id, m.id AS meter_id, m.way, s.read_at,
           CASE m.way WHEN 'METER_CREDIT' THEN s.meter_remaining_wh ELSE e.bought_wh + e.quota_wh - ran.wh END
               AS remaining_wh,
           CASE m.way WHEN 'SERVER_CREDIT' THEN e.bought_wh - (ran.wh - least(e.quota_wh, ran.wh)) END AS bought_wh,
           CASE m.way WHEN 'SERVER_CREDIT' THEN e.quota_wh - least(e.quota_wh, ran.wh) END AS quota_wh,
           coalesce(e.emergency_fen, 0) AS owed_fen
      FROM meter m JOIN meter_state s ON s.meter_id = m.id
      LEFT JOIN room_energy e ON e.room_id = m.room_id
      LEFT JOIN meter_consumed c ON c.meter_id = m.id
     CROSS JOIN LATERAL (SELECT greatest(0, s.total_wh - c.total_wh) AS wh) ran
     WHERE m.removed_at IS NULL AND m.room_id IS NOT NULL
"""


async def find_energy(parts: Parts, room_ids: Iterable[str]) -> dict[str, RoomEnergy]:
    """By room; rooms of which nothing is known are left out. One statement for however many."""
    rows = await parts.database.execute_query_dict(
        f"SELECT * FROM ({ROOM_ENERGY}) e WHERE room_id = ANY ($1) AND read_at IS NOT NULL",  # noqa: S608 - our own
        [list(room_ids)],
    )
    old = parts.clock() - timedelta(seconds=parts.policy.reading_stale_s)
    found = {}
    for row in rows:
        counted_here = row["way"] == MeterWay.SERVER_CREDIT
        if row["remaining_wh"] is None and not counted_here:
            continue
        found[row["room_id"]] = RoomEnergy(
            row["room_id"],
            row["remaining_wh"] or 0,
            (row["bought_wh"] or 0) if counted_here else None,
            (row["quota_wh"] or 0) if counted_here else None,
            row["owed_fen"],
            row["read_at"],
            row["read_at"] < old,
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
    daily = await find_recent_use(parts, list(room_ids))
    energy = await find_energy(parts, [room_id for room_id, wh in daily.items() if wh >= LITTLE_WH])
    return {
        room_id: has.remaining_wh / daily[room_id] for room_id, has in energy.items() if has.remaining_wh > 0
    }


async def find_recent_use(parts: Parts, room_ids: Sequence[str]) -> dict[str, int]:
    """Wh a day of the last fortnight, by room."""
    today = in_shanghai(parts.clock()).date()
    first, last = today - timedelta(days=USED_LATELY_DAYS), today - timedelta(days=1)
    return await find_daily_use(parts.database, room_ids, first, last)
