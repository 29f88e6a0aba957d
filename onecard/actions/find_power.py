"""Why rooms have power or have none: what their meters said, what was switched, what is left, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from onecard.actions.command_meter import RELAY, MeterOperation
from onecard.actions.look_into_rooms import ROOM_ENERGY
from onecard.actions.parts import Parts
from onecard.registry.meters import MeterFlag, Relay
from onecard.rules.kinds import IncidentState, MeterWay, PowerState
from onecard.rules.power import Seen, Switch, find_night, name_state

FORBIDDEN = frozenset((MeterFlag.MALICIOUS_CUT, MeterFlag.MALICIOUS_LOCKED))


@dataclass(frozen=True, slots=True)
class RoomPower:
    """`drawn_w`: the last power that was seen while there was any. `night_until`: the timetable keeps it dark until
    then."""

    room_id: str
    meter_id: str
    seen: Seen
    flags: frozenset[MeterFlag]
    drawn_w: int | None
    heard_at: datetime
    night_until: datetime | None

    @property
    def state(self) -> PowerState:
        return name_state(self.seen, self.night_until)


async def find_power(parts: Parts, room_ids: Sequence[str] | None = None) -> list[RoomPower]:
    """Of these rooms; None: of all those where something may have to be done. One statement."""
    now, power = parts.clock(), parts.policy.power
    codes = await parts.database.execute_query_dict("SELECT code FROM building")
    nights = {row["code"]: find_night(power.nights, power.holidays, row["code"], now) for row in codes}
    rows = await parts.database.execute_query_dict(
        _POWER,
        [
            [code for code, until in nights.items() if until is not None],
            sorted(FORBIDDEN),
            now - timedelta(seconds=parts.policy.reading_stale_s),
            now,
            sorted(RELAY),
            None if room_ids is None else list(room_ids),
        ],
    )
    return [_room(row, nights[row["building"]]) for row in rows]


async def power_of_rooms(parts: Parts, room_ids: Sequence[str]) -> dict[str, RoomPower]:
    """By room; rooms whose meter never spoke are left out."""
    return {room.room_id: room for room in await find_power(parts, room_ids)}


def _room(row: Mapping[str, Any], night_until: datetime | None) -> RoomPower:
    newest = None
    if row["operation"] is not None:
        newest = Switch(
            row["operation"] == MeterOperation.RELAY_OPEN,
            row["actor"],
            row["issued_at"],
            row["under_way"],
            row["is_done"],
            row["tries"],
        )
    flags = frozenset(MeterFlag(flag) for flag in row["flags"])
    seen = Seen(
        is_closed=None if row["relay"] is None or not row["answers"] else row["relay"] == Relay.CLOSED,
        forbidden=bool(flags & FORBIDDEN),
        incident=None if row["incident"] is None else IncidentState(row["incident"]),
        meter_counts=row["way"] == MeterWay.METER_CREDIT,
        remaining_wh=row["remaining_wh"],
        owes=row["owes"],
        newest=newest,
    )
    return RoomPower(
        row["room_id"], row["meter_id"], seen, flags, row["drawn_w"], row["heard_at"], night_until
    )


# remaining_wh: null by an old reading, and where nothing was ever counted.
_POWER = f"""
SELECT * FROM (
    SELECT m.room_id, m.id AS meter_id, m.way, m.position, b.code AS building,
           s.silent_since IS NULL AS answers, s.relay, s.flags, s.drawn_w, s.heard_at, i.state AS incident,
           CASE WHEN e.read_at >= $3 THEN e.remaining_wh END AS remaining_wh, e.owed_fen > 0 AS owes, k.*
      FROM meter m JOIN meter_state s ON s.meter_id = m.id
      JOIN room r ON r.id = m.room_id JOIN building b ON b.id = r.building_id
      JOIN ({ROOM_ENERGY}) e ON e.meter_id = m.id
      LEFT JOIN power_incident i ON i.room_id = m.room_id AND i.state <> 'CLOSED'
      LEFT JOIN LATERAL (
          SELECT n.operation, n.actor, n.issued_at,
                 n.state IN ('PENDING', 'RECEIVED', 'SENT', 'ACKNOWLEDGED') AND n.expires_at > $4 AS under_way,
                 n.state = 'VERIFIED' AS is_done,
                 count(*) FILTER (WHERE n.operation = n.first AND n.actor LIKE 'power:%') OVER () AS tries
            FROM (SELECT d.*, first_value(d.operation) OVER (ORDER BY d.sequence DESC) AS first
                    FROM device_command d
                   WHERE d.device = m.id AND d.operation = ANY ($5) ORDER BY d.sequence DESC LIMIT 6) n
           ORDER BY n.sequence DESC LIMIT 1) k ON true
     WHERE m.removed_at IS NULL AND s.heard_at IS NOT NULL AND ($6::text[] IS NULL OR m.room_id = ANY ($6))
) found
 WHERE $6 IS NOT NULL OR incident IS NOT NULL
    OR (answers AND (relay = 'OPEN' OR flags && $2 OR building = ANY ($1)
                     OR (way = 'SERVER_CREDIT' AND remaining_wh <= 0)))
 ORDER BY position
"""  # noqa: S608 - our own
