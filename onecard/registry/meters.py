"""电表: which meter is in which room, and what it said last. Readings as facts are in `usage`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from onecard.rules.kinds import MeterWay

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


class Relay(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class MeterFlag(StrEnum):
    """What a meter says of itself, by the status bits that its model names."""

    MALICIOUS_CUT = "MALICIOUS_CUT"
    MALICIOUS_LOCKED = "MALICIOUS_LOCKED"
    RELAY_FAULT = "RELAY_FAULT"
    TAMPERED = "TAMPERED"
    BATTERY_LOW = "BATTERY_LOW"


@dataclass(frozen=True, slots=True)
class Meter:
    """One installation of one meter. `position` orders them for pages."""

    id: str
    number: str
    model: str
    protocol: str
    way: MeterWay
    room_id: str | None
    gateway_id: str
    bus: str
    installed_at: datetime
    removed_at: datetime | None
    position: int


@dataclass(frozen=True, slots=True)
class MeterState:
    """The newest words; None: never said. Wh and W."""

    meter_id: str
    read_at: datetime | None
    total_wh: int | None
    power_w: int | None
    relay: Relay | None
    flags: frozenset[MeterFlag]
    remaining_wh: int | None
    credit_counter: int | None
    heard_at: datetime | None
    silent_since: datetime | None


_METER = """
    SELECT m.id, m.number, m.model, m.protocol, m.way, m.room_id, m.gateway_id, m.bus, m.installed_at,
           m.removed_at, m.position FROM meter m
"""
_STATE = """
    SELECT meter_id, read_at, total_wh, power_w, relay, flags, meter_remaining_wh, credit_counter, heard_at,
           silent_since FROM meter_state
"""


async def meters_by_ids(database: BaseDBAsyncClient, ids: Iterable[str]) -> dict[str, Meter]:
    rows = await database.execute_query_dict(_METER + "WHERE m.id = ANY ($1)", [list(ids)])
    return {row["id"]: _meter(row) for row in rows}


async def meters_of_rooms(database: BaseDBAsyncClient, room_ids: Iterable[str]) -> dict[str, Meter]:
    """The meter that is in each room now, by room."""
    rows = await database.execute_query_dict(
        _METER + "WHERE m.room_id = ANY ($1) AND m.removed_at IS NULL", [list(room_ids)]
    )
    return {row["room_id"]: _meter(row) for row in rows}


async def find_meter(database: BaseDBAsyncClient, meter_id: str) -> Meter | None:
    return (await meters_by_ids(database, [meter_id])).get(meter_id)


async def find_meter_of_room(database: BaseDBAsyncClient, room_id: str) -> Meter | None:
    return (await meters_of_rooms(database, [room_id])).get(room_id)


async def find_meters(
    database: BaseDBAsyncClient,
    first: int,
    after: int | None = None,
    *,
    building_id: str | None = None,
    silent: bool | None = None,
    flag: MeterFlag | None = None,
) -> tuple[list[Meter], bool]:
    """Those installed, in the order they were registered, and whether there are more. `after`: a position."""
    rows = await database.execute_query_dict(
        _METER
        + """ LEFT JOIN meter_state s ON s.meter_id = m.id LEFT JOIN room r ON r.id = m.room_id
             WHERE m.removed_at IS NULL AND ($1::bigint IS NULL OR m.position > $1)
               AND ($2::text IS NULL OR r.building_id = $2)
               AND ($3::bool IS NULL OR (s.silent_since IS NOT NULL) = $3)
               AND ($4::text IS NULL OR $4 = ANY (s.flags))
             ORDER BY m.position LIMIT $5""",
        [after, building_id, silent, flag, first + 1],
    )
    return [_meter(row) for row in rows[:first]], len(rows) > first


async def states_by_meters(database: BaseDBAsyncClient, meter_ids: Iterable[str]) -> dict[str, MeterState]:
    rows = await database.execute_query_dict(_STATE + " WHERE meter_id = ANY ($1)", [list(meter_ids)])
    return {row["meter_id"]: _state(row) for row in rows}


def _meter(row: Mapping[str, Any]) -> Meter:
    return Meter(**{**row, "way": MeterWay(row["way"])})


def _state(row: Mapping[str, Any]) -> MeterState:
    return MeterState(
        meter_id=row["meter_id"],
        read_at=row["read_at"],
        total_wh=row["total_wh"],
        power_w=row["power_w"],
        relay=None if row["relay"] is None else Relay(row["relay"]),
        flags=frozenset(MeterFlag(flag) for flag in row["flags"]),
        remaining_wh=row["meter_remaining_wh"],
        credit_counter=row["credit_counter"],
        heard_at=row["heard_at"],
        silent_since=row["silent_since"],
    )
