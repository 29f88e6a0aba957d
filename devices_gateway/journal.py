"""What must outlive a crash, in one SQLite file: events and answers, outbox, command log, dead letters.

One thread owns the file. Work is queued to it and committed in groups: everything that queued while the last
group was being synced goes together, and a caller is answered only after its commit. WAL, synchronous=FULL.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

QUEUE_SIZE = 1024  # callers wait for room beyond it; protects memory while a disk is slow
GROUP_SIZE = 128
BUSY_TIMEOUT_S = 2.0  # at the start, for the lock of a gateway that is just ending
HIGH_WATER = 0.8  # of the size cap: answered events are forgotten early

SCHEMA_VERSION = 2
_SCHEMA = """
CREATE TABLE event (            -- what a device said; its id is the idempotency key, there and at the API
  id TEXT PRIMARY KEY,
  boot_id TEXT NOT NULL,        -- which run of the gateway saw it
  device TEXT NOT NULL,
  device_sequence TEXT NOT NULL,
  kind TEXT NOT NULL,           -- PURCHASE, REVERSAL
  occurred_at TEXT NOT NULL,    -- the device's clock
  observed_at TEXT NOT NULL,    -- the gateway's
  observed_s REAL NOT NULL,
  body BLOB NOT NULL,           -- digest of what may not differ in a repeat
  payload TEXT NOT NULL,        -- JSON, secrets masked
  raw_hex TEXT NOT NULL,        -- the frame, secrets masked
  answer TEXT                   -- JSON of what the device is told; NULL: not decided yet
) WITHOUT ROWID;
CREATE INDEX event_observed ON event (observed_s);
CREATE INDEX event_unanswered ON event (kind) WHERE answer IS NULL;
CREATE TABLE outbox (           -- what the API must still hear, in order per lane
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL UNIQUE,
  lane INTEGER NOT NULL,
  kind TEXT NOT NULL,
  device TEXT NOT NULL,
  message TEXT NOT NULL,        -- JSON: the variables
  since_s REAL NOT NULL
);
CREATE INDEX outbox_lane ON outbox (lane, device, sequence);
CREATE TABLE dead_letter (      -- what the API will not hear; a person looks at it
  event_id TEXT PRIMARY KEY,
  lane INTEGER NOT NULL,
  kind TEXT NOT NULL,
  device TEXT NOT NULL,
  message TEXT NOT NULL,
  since_s REAL NOT NULL,
  reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE command (          -- the command log: a command in it is never carried out again
  id TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL,
  device TEXT NOT NULL,
  operation TEXT NOT NULL,
  state TEXT NOT NULL,
  detail TEXT,
  at TEXT NOT NULL,
  reported INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX command_unreported ON command (sequence) WHERE NOT reported;
CREATE TABLE device_state (     -- what commands left behind
  device TEXT PRIMARY KEY,
  stopped INTEGER NOT NULL,
  command_sequence INTEGER NOT NULL
) WITHOUT ROWID;
"""

# What each later version adds to the one before: a gateway that is brought up to date keeps its file.
_STEPS = {
    1: """
ALTER TABLE command ADD COLUMN arguments TEXT NOT NULL DEFAULT '{}';
ALTER TABLE command ADD COLUMN expires_at TEXT;
CREATE TABLE reading (          -- what meters said that the API must still hear: the newest of each quarter of an hour
  meter TEXT NOT NULL,
  slot INTEGER NOT NULL,
  message TEXT NOT NULL,        -- JSON: a MeterReadingInput
  since_s REAL NOT NULL,
  PRIMARY KEY (meter, slot)
) WITHOUT ROWID;
"""
}

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]


# What a work can do wrong; any other of SQLite's errors is about the file: full, damaged, unreadable.
_OF_THE_WORK = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)


class JournalError(Exception):
    """The file cannot be used now (disk full, I/O error, damaged): nothing of this work is kept."""


class JournalDamaged(JournalError):
    """The file is no sound database: a person must save what is in it."""


class Journal:
    """`run(work)` runs `work` on the file and returns its result once that is on disk.

    A work may run twice (the first time undone), so it changes nothing but the file.
    """

    def __init__(self, path: Path, cap_bytes: int) -> None:
        self._path = path
        self._cap_bytes = cap_bytes
        self._queue: asyncio.Queue[tuple[Work[Any], asyncio.Future[Any]] | None] = asyncio.Queue(QUEUE_SIZE)
        self._thread = ThreadPoolExecutor(1, "journal")
        self._writer: asyncio.Task[None] | None = None
        self._live_bytes = 0
        self.groups = 0  # committed so far; with `works`, how well grouping works
        self.works = 0

    @property
    def fullness(self) -> float:
        """Live bytes as a share of the cap; from 1.0 on no new sale is taken."""
        return self._live_bytes / self._cap_bytes

    async def start(self) -> None:
        """Open or create the file. JournalError when that fails, or another gateway has it; JournalDamaged."""
        loop = asyncio.get_running_loop()
        try:
            connection = await loop.run_in_executor(self._thread, self._open)
        except (sqlite3.OperationalError, OSError) as error:
            raise JournalError(f"{self._path}: {error}") from error
        except sqlite3.Error as error:
            raise JournalDamaged(f"{self._path}: {error}") from error
        self._writer = asyncio.create_task(self._write(connection), name="journal")

    async def aclose(self) -> None:
        """Commit what is queued, then close the file."""
        if self._writer is not None:
            await self._queue.put(None)
            await self._writer
            self._writer = None
        self._thread.shutdown()

    async def run(self, work: Work[Result]) -> Result:
        """What `work` raises undoes `work` alone and is raised here; JournalError: nothing was kept."""
        assert self._writer is not None, "the journal is not open"
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        await self._queue.put((work, done))
        return await done

    async def _write(self, connection: sqlite3.Connection) -> None:
        loop = asyncio.get_running_loop()
        ending = False
        while not ending:
            group = [await self._queue.get()]
            while len(group) < GROUP_SIZE and not self._queue.empty():
                group.append(self._queue.get_nowait())
            ending = None in group
            works = [entry for entry in group if entry is not None]
            outcomes: list[tuple[Any, Exception | None]]
            try:
                outcomes = await loop.run_in_executor(
                    self._thread, self._commit, connection, [work for work, _ in works]
                )
            except Exception as fault:  # a disk that fails in the ROLLBACK too; the group is not committed
                outcomes = [(None, JournalError(repr(fault)))] * len(works)
            for (_, done), (result, error) in zip(works, outcomes, strict=True):
                if done.done():  # its caller has gone; the work is kept all the same
                    continue
                if error is None:
                    done.set_result(result)
                else:
                    done.set_exception(error)
        await loop.run_in_executor(self._thread, connection.close)

    def _commit(
        self, connection: sqlite3.Connection, works: list[Work[Any]]
    ) -> list[tuple[Any, Exception | None]]:
        try:
            outcomes = self._transact(connection, works)
        except sqlite3.Error as error:
            if len(works) == 1:
                return [(None, JournalError(str(error)))]
            # One work alone may be what the file cannot take (a full disk still reads): each by itself.
            return [self._commit(connection, [work])[0] for work in works]
        self.groups += 1
        self.works += len(works)
        with suppress(sqlite3.Error):  # what is kept is kept; measured again with the next group
            self._live_bytes = _live_bytes(connection)
        return outcomes

    def _transact(
        self, connection: sqlite3.Connection, works: list[Work[Any]]
    ) -> list[tuple[Any, Exception | None]]:
        """All in one transaction; what a work raises is its own, unless it is about the file."""
        outcomes: list[tuple[Any, Exception | None]] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for work in works:
                connection.execute("SAVEPOINT work")
                try:
                    outcomes.append((work(connection), None))
                except Exception as error:
                    if isinstance(error, sqlite3.Error) and not isinstance(error, _OF_THE_WORK):
                        raise
                    connection.execute("ROLLBACK TO work")
                    outcomes.append((None, error))
                connection.execute("RELEASE work")
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return outcomes

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.touch(0o600)
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        # One gateway, one journal: a second process is refused instead of sharing the outbox.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in (_SCHEMA + "".join(_STEPS.values())).split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
        if 0 < version < SCHEMA_VERSION:
            connection.execute("BEGIN EXCLUSIVE")
            for step in range(version, SCHEMA_VERSION):
                for statement in _STEPS[step].split(";\n"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            connection.execute("COMMIT")
        if version > SCHEMA_VERSION:
            raise JournalError(f"{self._path} was written by a newer gateway (version {version})")
        (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if sound != "ok":
            raise JournalDamaged(f"{self._path}: {sound}")
        self._live_bytes = _live_bytes(connection)
        return connection


def _live_bytes(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)
