"""What was used, by hour, day or month; and what a gateway's readings make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


class Interval(StrEnum):
    HOUR = "HOUR"
    DAY = "DAY"
    MONTH = "MONTH"


class UsageBy(StrEnum):
    """Which places are told apart."""

    ALL = "ALL"
    CAMPUS = "CAMPUS"
    BUILDING = "BUILDING"
    FLOOR = "FLOOR"
    ROOM = "ROOM"


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which places: the narrowest that is given."""

    campus_id: str | None = None
    building_id: str | None = None
    floor: int | None = None
    room_id: str | None = None


@dataclass(frozen=True, slots=True)
class UsagePoint:
    """[starts, ends) in the school's time. `place_id`: a campus, building or room, None for all together; `floor`
    besides a building where floors are told apart."""

    starts: datetime
    ends: datetime
    wh: int
    complete: bool
    place_id: str | None
    floor: int | None


_STEP = {Interval.HOUR: "1 hour", Interval.DAY: "1 day", Interval.MONTH: "1 month"}
# By the places' codes, as people list them.
_ORDER = {
    UsageBy.ALL: "ORDER BY step",
    UsageBy.CAMPUS: "JOIN campus o ON o.id = place_id ORDER BY o.code, step",
    UsageBy.BUILDING: "JOIN building o ON o.id = place_id ORDER BY o.code, step",
    UsageBy.FLOOR: "JOIN building o ON o.id = place_id ORDER BY o.code, grouped.floor, step",
    UsageBy.ROOM: (
        "JOIN room o ON o.id = place_id JOIN building i ON i.id = o.building_id "
        "ORDER BY i.code, o.floor, length(o.number), o.number, step"
    ),
}
_PLACE = {
    UsageBy.ALL: ("NULL::text", "NULL::smallint"),
    UsageBy.CAMPUS: ("b.campus_id", "NULL::smallint"),
    UsageBy.BUILDING: ("r.building_id", "NULL::smallint"),
    UsageBy.FLOOR: ("r.building_id", "r.floor"),
    UsageBy.ROOM: ("r.id", "NULL::smallint"),
}


async def find_usage(
    database: BaseDBAsyncClient, scope: Scope, by: UsageBy, interval: Interval, first: date, last: date
) -> list[UsagePoint]:
    """From the first day to the last, both included; places in the order of their codes, then by time."""
    statement, values = usage_statement(scope, by, interval, first, last)
    return [UsagePoint(**row) for row in await database.execute_query_dict(statement, values)]


def usage_statement(
    scope: Scope, by: UsageBy, interval: Interval, first: date, last: date
) -> tuple[str, list[str | int]]:
    """One statement over the rollup, and its values: hours from `usage_hour`, days and months from `usage_day`.

    The days stand in it as they are: planned for any days at all, it would take the road for a few rows.
    """
    place, floor = _PLACE[by]
    if interval is Interval.HOUR:
        source, step, moment = "usage_hour", "u.hour", "step"
        within = (
            f"u.hour >= timestamp '{first}' AT TIME ZONE 'Asia/Shanghai' "
            f"AND u.hour < timestamp '{last + timedelta(days=1)}' AT TIME ZONE 'Asia/Shanghai'"
        )
    else:
        source, moment = "usage_day", "step::timestamp AT TIME ZONE 'Asia/Shanghai'"
        step = "u.day" if interval is Interval.DAY else "date_trunc('month', u.day)"
        within = f"u.day BETWEEN date '{first}' AND date '{last}'"
    narrowed, values = _narrow(scope)
    within += narrowed
    statement = f"""
        SELECT {moment} AS starts,
               (({moment}) AT TIME ZONE 'Asia/Shanghai' + interval '{_STEP[interval]}') AT TIME ZONE 'Asia/Shanghai'
                   AS ends, wh, complete, place_id, grouped.floor
          FROM (SELECT {step} AS step, sum(u.wh)::bigint AS wh, bool_and(u.complete) AS complete,
                       {place} AS place_id, {floor} AS floor
                  FROM {source} u JOIN room r ON r.id = u.room_id JOIN building b ON b.id = r.building_id
                 WHERE {within} GROUP BY 1, 4, 5) grouped
          {_ORDER[by]}
        """  # noqa: S608 - our own words for what was chosen from closed lists, and dates
    return statement, values


async def count_places(database: BaseDBAsyncClient, scope: Scope, by: UsageBy) -> int:
    """How many places of that kind there are, whether anything was used there or not."""
    place, floor = _PLACE[by]
    narrowed, values = _narrow(scope)
    rows = await database.execute_query_dict(
        f"""SELECT count(DISTINCT ({place}, {floor})) AS places
              FROM room r JOIN building b ON b.id = r.building_id WHERE true{narrowed}""",  # noqa: S608 - our own words
        values,
    )
    return int(rows[0]["places"])


def _narrow(scope: Scope) -> tuple[str, list[str | int]]:
    """Further conditions on a room `r` and its building `b`, and their values."""
    asked = {
        "b.campus_id": scope.campus_id,
        "r.building_id": scope.building_id,
        "r.floor": scope.floor,
        "r.id": scope.room_id,
    }
    given = {column: value for column, value in asked.items() if value is not None}
    return "".join(f" AND {column} = ${number}" for number, column in enumerate(given, 1)), list(
        given.values()
    )


async def find_daily_use(
    database: BaseDBAsyncClient, room_ids: Sequence[str], first: date, last: date
) -> dict[str, int]:
    """Wh a day on average over the days of that span that are known, by room; rooms without any are left out."""
    rows = await database.execute_query_dict(
        """SELECT room_id, (sum(wh) / count(*))::bigint AS wh FROM usage_day
            WHERE room_id = ANY ($1) AND day BETWEEN $2 AND $3 GROUP BY room_id""",
        [list(room_ids), first, last],
    )
    return {row["room_id"]: row["wh"] for row in rows}
