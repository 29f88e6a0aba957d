"""缴费链接 in the register: with one, somebody without an account pays for a room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from onecard.rules.ids import new_id

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True, slots=True)
class PayLink:
    """`open`: its maker has not ended it and still lives in the room, and its time is not over."""

    id: str
    room_id: str
    made_by: str
    label: str
    made_at: datetime
    expires_at: datetime
    open: bool


_LINK = """
    SELECT l.id, l.room_id, l.made_by, l.label, l.made_at, l.expires_at,
           l.ended_at IS NULL AND l.expires_at > $1 AND EXISTS (
               SELECT FROM residence h
                WHERE h.person_id = l.made_by AND h.room_id = l.room_id AND h.until IS NULL) AS open
      FROM pay_link l
"""


async def find_link(database: BaseDBAsyncClient, link_id: str, now: datetime) -> PayLink | None:
    rows = await database.execute_query_dict(_LINK + "WHERE l.id = $2", [now, link_id])
    return _link(rows[0]) if rows else None


async def links_by_ids(
    database: BaseDBAsyncClient, link_ids: Sequence[str], now: datetime
) -> dict[str, PayLink]:
    rows = await database.execute_query_dict(_LINK + "WHERE l.id = ANY ($2)", [now, list(link_ids)])
    return {row["id"]: _link(row) for row in rows}


async def open_links_of(database: BaseDBAsyncClient, person_id: str, now: datetime) -> list[PayLink]:
    """Oldest first."""
    rows = await database.execute_query_dict(
        _LINK + "WHERE l.made_by = $2 AND l.ended_at IS NULL ORDER BY l.made_at, l.id", [now, person_id]
    )
    return [link for link in map(_link, rows) if link.open]


async def record_link(
    database: BaseDBAsyncClient,
    person_id: str,
    room_id: str,
    label: str,
    now: datetime,
    expires_at: datetime,
) -> str:
    """The id of the one under that label: one that was open before runs anew from now on."""
    rows = await database.execute_query_dict(
        """INSERT INTO pay_link (id, room_id, made_by, label, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (made_by, room_id, label) WHERE ended_at IS NULL DO UPDATE SET expires_at = excluded.expires_at
           RETURNING id""",
        [new_id("lnk"), room_id, person_id, label, now, expires_at],
    )
    found: str = rows[0]["id"]
    return found


async def end_link(database: BaseDBAsyncClient, person_id: str, link_id: str, now: datetime) -> bool:
    """Whether there is such a link of that person; ended twice is ended."""
    rows = await database.execute_query_dict(
        "UPDATE pay_link SET ended_at = coalesce(ended_at, $3) WHERE id = $1 AND made_by = $2 RETURNING id",
        [link_id, person_id, now],
    )
    return bool(rows)


def _link(row: Mapping[str, Any]) -> PayLink:
    return PayLink(**row)
