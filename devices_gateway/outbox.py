"""Sends what the API must hear until it says it has: nothing lost, nothing twice, in order per device.

Eight lanes by a hash of the device, one message in flight each. An API that is down stops a lane; a message
that the API alone cannot take holds up its own device only, and ends as a dead letter that is reported.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from devices_gateway.journal import Journal, JournalError
from devices_gateway.transport.api import ApiError

LANES = 8
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
MAX_FAILURES = 10  # of one message, each while the API answered others
JOURNAL_DELAY_S = 5.0
LETTERS_SHOWN = 20  # dead letters told by name; the rest is a number
LANE_HEADS = 64  # devices looked at per round

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outgoing:
    """A message of `kind` about an event; `message` goes to the sender as it is."""

    event_id: str
    device: str
    kind: str
    message: Mapping[str, Any]


class Undeliverable(Exception):
    """The API has heard it and says no, for good."""


Send = Callable[[Mapping[str, Any]], Awaitable[None]]


def lane_of(device: str) -> int:
    return zlib.crc32(device.encode()) % LANES


def enqueue(connection: sqlite3.Connection, outgoing: Outgoing, since_s: float) -> None:
    """Work for the journal: keep `outgoing` once."""
    connection.execute(
        "INSERT OR IGNORE INTO outbox (event_id, lane, kind, device, message, since_s)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            outgoing.event_id,
            lane_of(outgoing.device),
            outgoing.kind,
            outgoing.device,
            json.dumps(outgoing.message),
            since_s,
        ),
    )


@dataclass(frozen=True)
class DeadLetter:
    """What a person needs to know of one; `message` holds ids and times, no secrets."""

    event_id: str
    device: str
    kind: str
    reason: str
    since_s: float
    message: Mapping[str, Any]


@dataclass(frozen=True)
class Backlog:
    """How much waits, since when (epoch seconds; None: nothing), how much was given up, the oldest of it."""

    waiting: int
    oldest_s: float | None
    dead: int
    letters: tuple[DeadLetter, ...]


def find_backlog(connection: sqlite3.Connection) -> Backlog:
    waiting, oldest = connection.execute("SELECT count(*), min(since_s) FROM outbox").fetchone()
    (dead,) = connection.execute("SELECT count(*) FROM dead_letter").fetchone()
    letters = connection.execute(
        "SELECT event_id, device, kind, reason, since_s, message FROM dead_letter ORDER BY since_s LIMIT ?",
        (LETTERS_SHOWN,),
    )
    told = tuple(
        DeadLetter(event_id, device, kind, reason, since_s, json.loads(message))
        for event_id, device, kind, reason, since_s, message in letters
    )
    return Backlog(waiting, oldest, dead, told)


def requeue_dead_letters(connection: sqlite3.Connection) -> int:
    """Work for the journal: try them all once more; how many."""
    moved = connection.execute(
        "INSERT OR IGNORE INTO outbox (event_id, lane, kind, device, message, since_s)"
        " SELECT event_id, lane, kind, device, message, since_s FROM dead_letter ORDER BY since_s"
    ).rowcount
    connection.execute("DELETE FROM dead_letter")
    return moved


@dataclass(frozen=True)
class _Row:
    sequence: int
    event_id: str
    kind: str
    device: str
    message: str


class Outbox:
    """`senders` by kind: they return when the API has it; ApiError: try again; Undeliverable: never."""

    def __init__(self, journal: Journal, senders: Mapping[str, Send], successes: Callable[[], int]) -> None:
        self._journal = journal
        self._senders = senders
        self._successes = successes
        self._wake = [asyncio.Event() for _ in range(LANES)]

    def wake(self, device: str) -> None:
        """Something for `device` was enqueued."""
        self._wake[lane_of(device)].set()

    async def run(self) -> None:
        """Until cancelled. A message in flight then is sent again after the next start."""
        async with asyncio.TaskGroup() as group:
            for lane in range(LANES):
                group.create_task(self._run_lane(lane), name=f"outbox-{lane}")

    async def _run_lane(self, lane: int) -> None:
        patience = _Patience(self._successes)
        while True:
            self._wake[lane].clear()
            try:
                wait_s = await self._round(lane, patience)
            except JournalError as error:
                log.error("journal_unwritable", reason=str(error))
                wait_s = JOURNAL_DELAY_S
            if wait_s == 0.0:
                continue
            if patience.is_down:  # what comes meanwhile waits with the others
                await asyncio.sleep(patience.lane_delay_s)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake[lane].wait()

    async def _round(self, lane: int, patience: _Patience) -> float | None:
        """Send what may go now; how long to wait for the next round (None: until something comes)."""
        heads = await self._journal.run(lambda connection: _heads(connection, lane))
        now = asyncio.get_running_loop().time()
        for row in heads:
            if patience.ready_at(row.device) > now:
                continue
            if not await self._send(row, patience):
                return None
        if not heads:
            return None
        waits = [patience.ready_at(row.device) for row in heads]
        return max(0.0, min(waits) - asyncio.get_running_loop().time())

    async def _send(self, row: _Row, patience: _Patience) -> bool:
        """One attempt. False: the API is down."""
        try:
            await self._senders[row.kind](json.loads(row.message))
        except Undeliverable as refused:
            await self._bury(row, str(refused))
        except ApiError as error:
            log.warning(
                "not_delivered",
                event_id=row.event_id,
                device=row.device,
                reason=f"{type(error).__name__} {error}",
            )
            if not error.is_about_this_call:
                patience.api_is_down()
                return False
            if patience.count_failure(row.event_id, row.device) >= MAX_FAILURES:
                await self._bury(row, f"{type(error).__name__} {error}")
        else:
            await self._journal.run(
                lambda connection: connection.execute(
                    "DELETE FROM outbox WHERE sequence = ?", (row.sequence,)
                )
            )
            patience.forget(row.event_id)
            log.info("delivered", event_id=row.event_id, device=row.device, kind=row.kind)
        patience.api_is_up()
        return True

    async def _bury(self, row: _Row, reason: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO dead_letter (event_id, lane, kind, device, message, since_s, reason)"
                " SELECT event_id, lane, kind, device, message, since_s, ? FROM outbox WHERE sequence = ?",
                (reason, row.sequence),
            )
            connection.execute("DELETE FROM outbox WHERE sequence = ?", (row.sequence,))

        await self._journal.run(work)
        log.error("dead_letter", event_id=row.event_id, device=row.device, reason=reason)


class _Patience:
    """When to try again: a lane after an API that is down, a device after a message that fails alone."""

    def __init__(self, successes: Callable[[], int]) -> None:
        self._successes = successes
        self._downs = 0
        self._ready_at: dict[str, float] = {}  # at most one entry per device with a failing head
        self._failures: dict[str, tuple[int, int]] = {}  # event → (counted failures, successes seen then)

    @property
    def is_down(self) -> bool:
        return self._downs > 0

    @property
    def lane_delay_s(self) -> float:
        return _delay_s(self._downs)

    def ready_at(self, device: str) -> float:
        return self._ready_at.get(device, 0.0)

    def api_is_down(self) -> None:
        self._downs += 1

    def api_is_up(self) -> None:
        self._downs = 0

    def forget(self, event_id: str) -> None:
        """It is in no lane any more."""
        self._failures.pop(event_id, None)

    def count_failure(self, event_id: str, device: str) -> int:
        """A failure counts only if the API answered somebody since the last one: an outage is not poison."""
        count, seen = self._failures.get(event_id, (0, -1))
        successes = self._successes()
        if successes > seen:
            count += 1
        if count >= MAX_FAILURES:
            self.forget(event_id)
            self._ready_at.pop(device, None)
        else:
            self._failures[event_id] = (count, successes)
            self._ready_at[device] = asyncio.get_running_loop().time() + _delay_s(count)
        return count


def _delay_s(tries: int) -> float:
    """Exponential, with jitter: a hundred gateways do not come back in one beat."""
    longest: float = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(tries, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreading, not secrecy


def _heads(connection: sqlite3.Connection, lane: int) -> list[_Row]:
    """The oldest message of each device."""
    return [
        _Row(*row)
        for row in connection.execute(
            "SELECT sequence, event_id, kind, device, message FROM outbox WHERE sequence IN"
            " (SELECT min(sequence) FROM outbox WHERE lane = ? GROUP BY device) ORDER BY sequence LIMIT ?",
            (lane, LANE_HEADS),
        )
    ]
