"""What the sandbox remembers, in one SQLite file: a restart forgets no order, no code and no notification."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS trade (
    out_trade_no TEXT PRIMARY KEY, openid TEXT NOT NULL, description TEXT NOT NULL,
    asked_fen INTEGER NOT NULL,         -- what the school ordered
    total_fen INTEGER NOT NULL,         -- what was paid; another amount when a fault says so
    notify_url TEXT NOT NULL, state TEXT NOT NULL, created_at REAL NOT NULL, expires_at REAL NOT NULL,
    transaction_id TEXT UNIQUE, paid_at REAL);
CREATE TABLE IF NOT EXISTS prepay (
    prepay_id TEXT PRIMARY KEY, out_trade_no TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS refund (
    out_refund_no TEXT PRIMARY KEY, refund_id TEXT NOT NULL, out_trade_no TEXT NOT NULL,
    refund_fen INTEGER NOT NULL, reason TEXT NOT NULL, notify_url TEXT NOT NULL, state TEXT NOT NULL,
    created_at REAL NOT NULL, finished_at REAL,
    due_at REAL, outcome TEXT NOT NULL); -- when and how it will end by itself; NULL: by hand
CREATE TABLE IF NOT EXISTS notice (
    id TEXT PRIMARY KEY, about TEXT NOT NULL, event TEXT NOT NULL, url TEXT NOT NULL, plain TEXT NOT NULL,
    mode TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at REAL, delivered_at REAL, answer TEXT);
CREATE INDEX IF NOT EXISTS notice_next ON notice (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS paycode (    -- on the screen of a customer's WeChat
    code TEXT PRIMARY KEY, openid TEXT NOT NULL, expires_at REAL NOT NULL, used_by TEXT);
CREATE TABLE IF NOT EXISTS codepay (    -- what a code payment has besides its trade
    out_trade_no TEXT PRIMARY KEY, code TEXT NOT NULL,
    due_at REAL, outcome TEXT NOT NULL, -- when and how it ends by itself while the customer is paying
    revoked_at REAL);
CREATE TABLE IF NOT EXISTS bill (
    token TEXT PRIMARY KEY, content BLOB NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS code (
    code TEXT PRIMARY KEY, userid TEXT NOT NULL, appid TEXT NOT NULL, expires_at REAL NOT NULL, used_at REAL);
CREATE TABLE IF NOT EXISTS token (token TEXT PRIMARY KEY, kind TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, userid TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

Row = dict[str, Any]


class Store:
    """Short statements from one thread. Each is its own transaction unless `with store.together():`."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, timeout=5)
        path.chmod(0o600)
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_TABLES)

    def close(self) -> None:
        self._database.close()

    def do(self, statement: str, *values: Any) -> int:
        """How many rows changed."""
        return self._database.execute(statement, values).rowcount

    def find(self, statement: str, *values: Any) -> Row | None:
        row = self._database.execute(statement, values).fetchone()
        return None if row is None else dict(row)

    def all(self, statement: str, *values: Any) -> list[Row]:
        return [dict(row) for row in self._database.execute(statement, values)]

    def together(self) -> _Together:
        return _Together(self._database)


class _Together:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._database.execute("COMMIT" if kind is None else "ROLLBACK")
