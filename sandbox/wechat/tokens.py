"""Codes of logins, access tokens and JSSDK tickets: how long they hold, and that a code works once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from sandbox.wechat.faults import Faults
from sandbox.wechat.store import Store
from sandbox.wechat_keys import Names

CODE_S = 300
TOKEN_S = 7200
TICKETS_PER_HOUR = 100


class Tokens:
    def __init__(self, store: Store, faults: Faults, names: Names, clock: Callable[[], float]) -> None:
        self._store = store
        self._faults = faults
        self._names = names
        self._clock = clock
        self._ticket_asked: list[float] = []

    def new_code(self, userid: str, appid: str) -> str:
        code = secrets.token_urlsafe(32)
        self._store.do(
            "INSERT INTO code (code, userid, appid, expires_at) VALUES (?, ?, ?, ?)",
            code,
            userid,
            appid,
            self._clock() + CODE_S,
        )
        self._store.do("DELETE FROM code WHERE expires_at < ?", self._clock() - 86_400)
        return code

    def use_code(self, code: str, appid: str) -> str | None:
        """Whose code it is; None when it is used, old, invented, or another app's."""
        used = self._store.do(
            "UPDATE code SET used_at = ?"
            " WHERE code = ? AND appid = ? AND used_at IS NULL AND expires_at >= ?",
            self._clock(),
            code,
            appid,
            self._clock(),
        )
        row = self._store.find("SELECT userid FROM code WHERE code = ?", code) if used else None
        return str(row["userid"]) if row else None

    def access_token(self) -> str:
        return self._current("access")

    def holds(self, token: str) -> bool:
        row = self._store.find(
            "SELECT 1 FROM token WHERE token = ? AND kind = 'access' AND expires_at >= ?",
            token,
            self._clock(),
        )
        return row is not None

    def ticket(self) -> str | None:
        """None when it was asked for more than 100 times within the hour."""
        now = self._clock()
        self._ticket_asked = [at for at in self._ticket_asked if at > now - 3600]
        if len(self._ticket_asked) >= TICKETS_PER_HOUR:
            return None
        self._ticket_asked.append(now)
        return self._current("ticket")

    def end_all(self) -> None:
        """What was handed out does not hold any more."""
        self._store.do("DELETE FROM token")

    def is_signed_page(self, nonce: str, timestamp: str, url: str, signature: str) -> bool:
        """Whether `wx.config` was signed with a ticket of ours for this address."""
        rows = self._store.all(
            "SELECT token FROM token WHERE kind = 'ticket' AND expires_at >= ?", self._clock()
        )
        return any(
            secrets.compare_digest(_page_signature(row["token"], nonce, timestamp, url), signature)
            for row in rows
        )

    def _current(self, kind: str) -> str:
        """The same while it holds, as WeCom does."""
        row = self._store.find(
            "SELECT token FROM token WHERE kind = ? AND expires_at >= ?", kind, self._clock() + 60
        )
        if row:
            return str(row["token"])
        token = secrets.token_urlsafe(48)
        self._store.do("DELETE FROM token WHERE expires_at < ?", self._clock())
        self._store.do(
            "INSERT INTO token (token, kind, expires_at) VALUES (?, ?, ?)",
            token,
            kind,
            self._clock() + TOKEN_S,
        )
        return token


def _page_signature(ticket: str, nonce: str, timestamp: str, url: str) -> str:
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
