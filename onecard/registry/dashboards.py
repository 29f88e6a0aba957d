"""Tokens for dashboards outside: what each may read, until when. The token is the row's id and a MAC over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from onecard.registry.record import record_audit
from onecard.registry.vault import Vault
from onecard.rules.ids import check_id, new_id

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

PREFIX = "dtk_"
_PURPOSE = "dashboard token"


@dataclass(frozen=True, slots=True)
class DashboardToken:
    """`campus_id` None: all campuses. `campus`: its name."""

    id: str
    name: str
    campus_id: str | None
    campus: str | None
    made_by: str
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    used_on: date | None

    def is_good(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at


_FOUND = """
    SELECT t.id, t.name, t.campus_id, c.name AS campus, t.made_by, t.made_at, t.expires_at, t.ended_at, t.used_on
      FROM dashboard_token t LEFT JOIN campus c ON c.id = t.campus_id
"""


def write_token(vault: Vault, token_id: str) -> str:
    """What stands after `Bearer`; the same each time."""
    return token_id + vault.sign(token_id, purpose=_PURPOSE)


def read_token(vault: Vault, token: str) -> str | None:
    """The id in a token of ours; None for any other text. Asks no database."""
    bare = token[: len(PREFIX) + 26]
    try:
        token_id = check_id("dtk", bare)
    except ValueError:
        return None
    return token_id if vault.signed(token_id, token[len(bare) :], purpose=_PURPOSE) else None


async def make_token(
    database: BaseDBAsyncClient,
    name: str,
    campus_code: str | None,
    actor: str,
    now: datetime,
    expires_at: datetime,
) -> DashboardToken | None:
    """None: no campus has that code."""
    token_id = new_id("dtk")
    rows = await database.execute_query_dict(
        """INSERT INTO dashboard_token (id, name, campus_id, made_by, made_at, expires_at)
           SELECT $1, $2, (SELECT id FROM campus WHERE code = $3), $4, $5, $6
            WHERE $3::text IS NULL OR EXISTS (SELECT FROM campus WHERE code = $3) RETURNING id""",
        [token_id, name, campus_code, actor, now, expires_at],
    )
    if not rows:
        return None
    await record_audit(database, now, actor, "MAKE_DASHBOARD_TOKEN", token_id)
    return await find_token(database, token_id)


async def find_token(database: BaseDBAsyncClient, token_id: str) -> DashboardToken | None:
    rows = await database.execute_query_dict(_FOUND + "WHERE t.id = $1", [token_id])
    return _token(rows[0]) if rows else None


async def all_tokens(database: BaseDBAsyncClient) -> list[DashboardToken]:
    """Oldest first, ended ones too."""
    rows = await database.execute_query_dict(_FOUND + "ORDER BY t.made_at, t.id")
    return [_token(row) for row in rows]


async def end_token(database: BaseDBAsyncClient, token_id: str, actor: str, now: datetime) -> bool:
    """Whether there is such a token; ended twice is ended."""
    rows = await database.execute_query_dict(
        "UPDATE dashboard_token SET ended_at = coalesce(ended_at, $2) WHERE id = $1 RETURNING id",
        [token_id, now],
    )
    if rows:
        await record_audit(database, now, actor, "END_DASHBOARD_TOKEN", token_id)
    return bool(rows)


async def note_use(database: BaseDBAsyncClient, token_id: str, day: date) -> None:
    """Written once a day, so that one that nobody uses is seen."""
    await database.execute_query(
        "UPDATE dashboard_token SET used_on = $2 WHERE id = $1 AND used_on IS DISTINCT FROM $2",
        [token_id, day],
    )


def _token(row: Mapping[str, Any]) -> DashboardToken:
    return DashboardToken(**row)
