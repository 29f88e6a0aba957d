"""Who lived where, and what they used there; and the meters to be read because somebody moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from onecard.registry.usage import Interval, UsagePoint

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True, slots=True)
class Stay:
    """`until` None: they live there now."""

    room_id: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class MoveToRead:
    """A meter of a room that somebody left, or moved into, at `at`, and that was not read since."""

    residence_id: str
    meter_id: str
    at: datetime


async def stays_of(database: BaseDBAsyncClient, person_id: str) -> list[Stay]:
    """Newest first."""
    rows = await database.execute_query_dict(
        "SELECT room_id, since, until FROM residence WHERE person_id = $1 ORDER BY since DESC, until DESC NULLS FIRST",
        [person_id],
    )
    return [Stay(**row) for row in rows]


async def find_persons_usage(
    database: BaseDBAsyncClient, person_id: str, interval: Interval, first: date, last: date
) -> list[UsagePoint]:
    """By day or month, the rooms they lived in told apart: `place_id` is the room."""
    assert interval is not Interval.HOUR, "a person's history has days and months"
    step = "day" if interval is Interval.DAY else "month"
    rows = await database.execute_query_dict(
        f"""
        SELECT step::timestamp AT TIME ZONE 'Asia/Shanghai' AS starts,
               (step + interval '1 {step}')::timestamp AT TIME ZONE 'Asia/Shanghai' AS ends,
               sum(wh)::bigint AS wh, bool_and(complete) AS complete, room_id AS place_id, NULL::smallint AS floor
          FROM (SELECT date_trunc('{step}', day) AS step, room_id, wh, complete FROM usage_of_person($1, $2, $3)) u
         GROUP BY step, room_id ORDER BY step, min(room_id)
        """,  # noqa: S608 - one of two words of ours
        [person_id, first, last],
    )
    return [UsagePoint(**row) for row in rows]


async def find_moves_to_read(database: BaseDBAsyncClient, since: datetime, now: datetime) -> list[MoveToRead]:
    """Moves after `since` whose meters, of the room that was left and of the one that was moved into, said nothing
    after them."""
    rows = await database.execute_query_dict(
        """SELECT r.id AS residence_id, m.id AS meter_id, r.until AS at
             FROM residence r
             JOIN residence s ON s.id = r.id OR (s.person_id = r.person_id AND s.since = r.until)
             JOIN meter m ON m.room_id = s.room_id AND m.removed_at IS NULL
            WHERE r.until BETWEEN $1 AND $2
              AND NOT EXISTS (SELECT FROM meter_reading x WHERE x.meter_id = m.id AND x.read_at >= r.until
                                                            AND x.slot >= r.until - interval '15 minutes')
            ORDER BY r.until, r.id LIMIT 200""",
        [since, now],
    )
    return [MoveToRead(**row) for row in rows]
