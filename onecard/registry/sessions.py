"""Login sessions: families of refresh tokens, each good once.

A token is `session.number.mac`; the row keeps the newest number. Using a token gives the next one. A number
that was used before means that somebody has a copy: the whole family ends. For GRACE_S the one before is
still taken, because two tabs refresh at the same moment; both then get the same next token, so that
whichever answer reaches the cookie last is good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.backends.base.client import BaseDBAsyncClient

from onecard.registry.database import transaction
from onecard.registry.vault import Vault
from onecard.rules.ids import new_id

LIVES_FOR = timedelta(days=14)  # from its last use
GRACE_S = 10

_PURPOSE = "refresh token"


@dataclass(frozen=True, slots=True)
class Session:
    """`token` is the refresh token to hand out now."""

    id: str
    login_id: str
    token: str
    expires_at: datetime


class Sessions:
    def __init__(self, database: BaseDBAsyncClient, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def open(self, login_id: str, now: datetime) -> Session:
        session_id, expires_at = new_id("ses"), now + LIVES_FOR
        await self._database.execute_query(
            """INSERT INTO login_session (id, login_id, newest, created_at, rotated_at, expires_at)
               VALUES ($1, $2, 1, $3, $3, $4)""",
            [session_id, login_id, now, expires_at],
        )
        return Session(session_id, login_id, self._token(session_id, 1), expires_at)

    def find_id(self, token: str) -> str | None:
        """The session a token of ours belongs to, good or not; None when it is forged. Asks no database."""
        read = self._read(token)
        return read[0] if read else None

    async def rotate(self, token: str, now: datetime) -> Session | None:
        """The session with its next token; None when the token is forged, expired, revoked or used again."""
        read = self._read(token)
        if read is None:
            return None
        session_id, number = read
        async with transaction(self._database) as connection:
            rows = await connection.execute_query_dict(
                """SELECT login_id, newest, rotated_at FROM login_session
                    WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2 FOR UPDATE""",
                [session_id, now],
            )
            if not rows:
                return None
            newest, expires_at = rows[0]["newest"], now + LIVES_FOR
            in_grace = now - rows[0]["rotated_at"] <= timedelta(seconds=GRACE_S)
            if number == newest:
                newest += 1
                await connection.execute_query(
                    "UPDATE login_session SET newest = $2, rotated_at = $3, expires_at = $4 WHERE id = $1",
                    [session_id, newest, now, expires_at],
                )
            elif number != newest - 1 or not in_grace:
                await connection.execute_query(
                    "UPDATE login_session SET revoked_at = $2 WHERE id = $1", [session_id, now]
                )
                return None
        return Session(session_id, rows[0]["login_id"], self._token(session_id, newest), expires_at)

    async def revoke(self, token: str, now: datetime) -> None:
        """Log out: the family of this token ends. A forged one ends nothing."""
        read = self._read(token)
        if read is not None:
            await self._database.execute_query(
                "UPDATE login_session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
                [read[0], now],
            )

    def _token(self, session_id: str, number: int) -> str:
        text = f"{session_id}.{number}"
        return f"{text}.{self._vault.sign(text, purpose=_PURPOSE)}"

    def _read(self, token: str) -> tuple[str, int] | None:
        text, _, mac = token.rpartition(".")
        if not self._vault.signed(text, mac, purpose=_PURPOSE):
            return None
        session_id, _, number = text.partition(".")
        return session_id, int(number)
