"""校区、楼栋、宿舍: where people live, and who lives there. `…_by_ids` are for loaders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True, slots=True)
class Campus:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Building:
    id: str
    campus_id: str
    code: str
    name: str
    floors: int


@dataclass(frozen=True, slots=True)
class Room:
    """`name` is what people say: the building's name and the room's number."""

    id: str
    building_id: str
    floor: int
    number: str
    name: str


_BUILDING = "SELECT id, campus_id, code, name, floors FROM building"
_ROOM = """
    SELECT r.id, r.building_id, r.floor, r.number, b.name || ' ' || r.number AS name
      FROM room r JOIN building b ON b.id = r.building_id
"""


async def find_campuses(database: BaseDBAsyncClient) -> list[Campus]:
    rows = await database.execute_query_dict("SELECT id, name FROM campus ORDER BY code")
    return [Campus(**row) for row in rows]


async def campuses_by_ids(database: BaseDBAsyncClient, ids: Iterable[str]) -> dict[str, Campus]:
    rows = await database.execute_query_dict("SELECT id, name FROM campus WHERE id = ANY ($1)", [list(ids)])
    return {row["id"]: Campus(**row) for row in rows}


async def buildings_of_campuses(
    database: BaseDBAsyncClient, campus_ids: Iterable[str]
) -> dict[str, list[Building]]:
    """By campus, in the order of their codes."""
    rows = await database.execute_query_dict(
        _BUILDING + " WHERE campus_id = ANY ($1) ORDER BY code", [list(campus_ids)]
    )
    found: dict[str, list[Building]] = {}
    for row in rows:
        found.setdefault(row["campus_id"], []).append(Building(**row))
    return found


async def buildings_by_ids(database: BaseDBAsyncClient, ids: Iterable[str]) -> dict[str, Building]:
    rows = await database.execute_query_dict(_BUILDING + " WHERE id = ANY ($1)", [list(ids)])
    return {row["id"]: Building(**row) for row in rows}


async def rooms_by_ids(database: BaseDBAsyncClient, ids: Iterable[str]) -> dict[str, Room]:
    rows = await database.execute_query_dict(_ROOM + " WHERE r.id = ANY ($1)", [list(ids)])
    return {row["id"]: _room(row) for row in rows}


async def find_room(database: BaseDBAsyncClient, room_id: str) -> Room | None:
    return (await rooms_by_ids(database, [room_id])).get(room_id)


async def find_rooms(database: BaseDBAsyncClient, building_id: str, floor: int | None = None) -> list[Room]:
    """The rooms of a building, or of one of its floors, by floor and number."""
    rows = await database.execute_query_dict(
        _ROOM + " WHERE r.building_id = $1 AND ($2::int IS NULL OR r.floor = $2) "
        "ORDER BY r.floor, length(r.number), r.number",
        [building_id, floor],
    )
    return [_room(row) for row in rows]


async def rooms_of_people(database: BaseDBAsyncClient, person_ids: Iterable[str]) -> dict[str, Room]:
    """Where people live now, by person."""
    rows = await database.execute_query_dict(
        """SELECT h.person_id, r.id, r.building_id, r.floor, r.number, b.name || ' ' || r.number AS name
             FROM residence h JOIN room r ON r.id = h.room_id JOIN building b ON b.id = r.building_id
            WHERE h.person_id = ANY ($1) AND h.until IS NULL""",
        [list(person_ids)],
    )
    return {row["person_id"]: _room(row) for row in rows}


async def may_look_into(database: BaseDBAsyncClient, person_id: str, room_id: str) -> bool:
    """Does this person live there, or care for somebody who does (a counselor's classes)?"""
    rows = await database.execute_query_dict(
        """SELECT EXISTS (SELECT FROM residence WHERE person_id = $1 AND room_id = $2 AND until IS NULL)
               OR EXISTS (SELECT FROM residence h JOIN person p ON p.id = h.person_id
                            JOIN class_counselor c ON c.class_id = p.class_id
                           WHERE h.room_id = $2 AND h.until IS NULL AND c.person_id = $1) AS may""",
        [person_id, room_id],
    )
    return bool(rows[0]["may"])


async def rooms_cared_for(database: BaseDBAsyncClient, person_id: str) -> list[Room]:
    """Where students of a counselor's classes live now, by name."""
    rows = await database.execute_query_dict(
        _ROOM
        + """ WHERE EXISTS (SELECT FROM residence h JOIN person p ON p.id = h.person_id
                              JOIN class_counselor c ON c.class_id = p.class_id
                             WHERE h.room_id = r.id AND h.until IS NULL AND c.person_id = $1)
             ORDER BY b.code, r.floor, length(r.number), r.number""",
        [person_id],
    )
    return [_room(row) for row in rows]


def _room(row: Mapping[str, Any]) -> Room:
    return Room(row["id"], row["building_id"], row["floor"], row["number"], row["name"])
