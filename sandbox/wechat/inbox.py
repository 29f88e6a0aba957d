"""Messages the school sent, for people to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.wechat.store import Store

KEPT = 500
PER_MINUTE = 30


class Inbox:
    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def put(self, userid: str, text: str, *, drop_repeats_s: int = 0) -> int | None:
        """The message's number; None when it is dropped, because this member got 30 within the minute.

        A repeat of what this member was told within `drop_repeats_s` is not put, and has the first one's number.
        """
        now = self._clock()
        told = self._store.find(
            "SELECT max(id) AS id FROM message WHERE userid = ? AND text = ? AND at > ?",
            userid,
            text,
            now - drop_repeats_s,
        )
        assert told is not None
        if drop_repeats_s and told["id"] is not None:
            return int(told["id"])
        sent = self._store.find(
            "SELECT count(*) AS count FROM message WHERE userid = ? AND at > ?", userid, now - 60
        )
        assert sent is not None
        if sent["count"] >= PER_MINUTE:
            return None
        self._store.do("INSERT INTO message (userid, text, at) VALUES (?, ?, ?)", userid, text, now)
        self._store.do("DELETE FROM message WHERE id <= (SELECT max(id) FROM message) - ?", KEPT)
        row = self._store.find("SELECT max(id) AS id FROM message")
        assert row is not None
        return int(row["id"])

    def newest(self, userid: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        return self._store.all(
            "SELECT id, userid, text, at FROM message WHERE ? IS NULL OR userid = ? ORDER BY id DESC LIMIT ?",
            userid,
            userid,
            limit,
        )
