"""Writes to the register, each on the connection of the transaction it belongs to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from onecard.registry.things import Login
from onecard.rules.ids import new_id


async def record_audit(
    connection: BaseDBAsyncClient, at: datetime, actor: str, verb: str, subject: str, **detail: object
) -> None:
    """Who did what to whom: `verb` is BIND, REFUND, TERMINAL_STOP, … `detail` holds ids, never names or secrets."""
    await connection.execute_query(
        "INSERT INTO audit (at, actor, verb, subject, detail) VALUES ($1, $2, $3, $4, $5::text::jsonb)",
        [at, actor, verb, subject, json.dumps(detail, ensure_ascii=False)],
    )


async def record_login(
    connection: BaseDBAsyncClient, wecom_userid: str, openid: str | None, at: datetime
) -> Login:
    """The login of that WeCom user, made when new; an openid that is not known now stays as it was."""
    rows = await connection.execute_query_dict(
        """INSERT INTO login (id, wecom_userid, openid, created_at, last_login_at) VALUES ($1, $2, $3, $4, $4)
           ON CONFLICT (wecom_userid) DO UPDATE
              SET openid = coalesce(excluded.openid, login.openid), last_login_at = excluded.last_login_at
           RETURNING id, wecom_userid, openid, person_id""",
        [new_id("usr"), wecom_userid, openid, at],
    )
    return Login(**rows[0])


async def record_openid(connection: BaseDBAsyncClient, login_id: str, openid: str) -> None:
    await connection.execute_query("UPDATE login SET openid = $2 WHERE id = $1", [login_id, openid])


async def record_binding(
    connection: BaseDBAsyncClient, login_id: str, person_id: str, account_id: str, at: datetime
) -> None:
    """The login is the person's from now on. The person's first `bound_at` stays."""
    await connection.execute_query(
        "UPDATE person SET account_id = $2, bound_at = coalesce(bound_at, $3) WHERE id = $1",
        [person_id, account_id, at],
    )
    await connection.execute_query("UPDATE login SET person_id = $2 WHERE id = $1", [login_id, person_id])


async def count_attempts(
    connection: BaseDBAsyncClient, subject: str, since: datetime, at: datetime
) -> tuple[int, datetime]:
    """Records a try and returns how many there were since, this one included, and when the first was."""
    # One at a time per subject, so that fifty at once are fifty and not one.
    await connection.execute_query_dict("SELECT pg_advisory_xact_lock(20, hashtext($1))", [subject])
    await connection.execute_query("INSERT INTO attempt (subject, at) VALUES ($1, $2)", [subject, at])
    rows = await connection.execute_query_dict(
        "SELECT count(*) AS tries, min(at) AS first FROM attempt WHERE subject = $1 AND at > $2",
        [subject, since],
    )
    return rows[0]["tries"], rows[0]["first"]


async def forget_what_ended(
    connection: BaseDBAsyncClient, attempts_before: datetime, sessions_before: datetime
) -> Mapping[str, int]:
    """Removes old attempts and long-ended sessions; how many of each."""
    attempts, _ = await connection.execute_query("DELETE FROM attempt WHERE at < $1", [attempts_before])
    sessions, _ = await connection.execute_query(
        "DELETE FROM login_session WHERE expires_at < $1 OR revoked_at < $1", [sessions_before]
    )
    return {"attempts": attempts, "sessions": sessions}
