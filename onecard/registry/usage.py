"""What was used, by hour, day or month; and what a gateway's readings make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
    """From the first day to the last, both included; places in the order of their codes, then by time.

    One statement over the rollup: hours from `usage_hour`, days and months from `usage_day`.
    """
    place, floor = _PLACE[by]
    if interval is Interval.HOUR:
        source, moment = "usage_hour", "u.hour"
        within = (
            "u.hour >= $1::date::timestamp AT TIME ZONE 'Asia/Shanghai' "
            "AND u.hour < ($2::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'"
        )
    else:
        source = "usage_day"
        day = "u.day" if interval is Interval.DAY else "date_trunc('month', u.day)"
        moment = f"({day})::timestamp AT TIME ZONE 'Asia/Shanghai'"
        within = "u.day BETWEEN $1 AND $2"
    rows = await database.execute_query_dict(
        f"""
        SELECT {moment} AS starts,
               (({moment}) AT TIME ZONE 'Asia/Shanghai' + interval '{_STEP[interval]}') AT TIME ZONE 'Asia/Shanghai'
                   AS ends,
               sum(u.wh)::bigint AS wh, bool_and(u.complete) AS complete, {place} AS place_id, {floor} AS floor
          FROM {source} u JOIN room r ON r.id = u.room_id JOIN building b ON b.id = r.building_id
         WHERE {within}
           AND ($3::text IS NULL OR b.campus_id = $3) AND ($4::text IS NULL OR r.building_id = $4)
           AND ($5::int IS NULL OR r.floor = $5) AND ($6::text IS NULL OR u.room_id = $6)
         GROUP BY 1, 2, 5, 6 ORDER BY 5, 6, 1
        """,  # noqa: S608 - our own words for what was chosen from a closed list
        [first, last, scope.campus_id, scope.building_id, scope.floor, scope.room_id],
    )
    return [UsagePoint(**row) for row in rows]


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
