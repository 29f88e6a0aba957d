"""Obeys device commands: never twice, never late, and says what became of each until that is heard.

The command log decides before anything is touched: a command found there is only reported again. Terminals
are stopped and started here, at the gateway, so doing it, its row in the log and the state it leaves are one
transaction: a restart remembers all three. A meter's command is written down as RECEIVED and handed on; what
was under way when the gateway stopped is handed on again with the state it had.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog

from devices_gateway.journal import Journal, JournalError
from devices_gateway.tasks import end
from devices_gateway.transport.api import Api, ApiError

CALL_TIMEOUT_S = 10.0
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
LOOK_AGAIN_S = 60.0  # a query now and then: what both the subscription and the first query missed

STOP, START = "TERMINAL_STOP", "TERMINAL_START"
RECEIVED, SENT, ACKNOWLEDGED = "RECEIVED", "SENT", "ACKNOWLEDGED"
VERIFIED, REJECTED, EXPIRED, UNKNOWN = "VERIFIED", "REJECTED", "EXPIRED", "UNKNOWN"

# What ends a connection: the API, the disk, or an answer that cannot be read.
_TROUBLE = (ApiError, JournalError, KeyError, TypeError, ValueError)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Command:
    id: str
    sequence: int
    device: str
    operation: str
    arguments: Mapping[str, Any]
    expires_at: datetime

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Command:
        return cls(
            id=given["id"],
            sequence=int(given["sequence"]),
            device=given["device"],
            operation=given["operation"],
            arguments=json.loads(given["arguments"]),
            expires_at=datetime.fromisoformat(given["expiresAt"]),
        )


@dataclass(frozen=True)
class Report:
    command: str
    state: str
    at: str
    detail: str | None


class Executor(Protocol):
    """Carries out the commands of devices that answer for themselves."""

    def knows(self, device: str) -> bool: ...

    def understands(self, command: Command) -> bool: ...

    def report_to(self, mark: Callable[[str, str, str | None], Awaitable[None]]) -> None: ...

    def start(self, command: Command, state: str) -> None:
        """Goes on with it from the state it has in the log; returns at once."""


class Commands:
    """`run()` listens until cancelled; `is_stopped(device)` is what the commands so far have left."""

    def __init__(
        self,
        journal: Journal,
        api: Api,
        devices: Collection[str],
        clock: Callable[[], datetime],
        executor: Executor,
    ) -> None:
        self._journal = journal
        self._api = api
        self._devices = frozenset(devices)
        self._clock = clock
        self._executor = executor
        executor.report_to(self.mark)
        self._stopped: frozenset[str] = frozenset()
        self._last_sequence = 0
        self.is_connected = False
        self._answered_s = time.monotonic()

    @property
    def silent_s(self) -> float:
        """For how long the API has not said what is to be done; it is asked once a minute."""
        return time.monotonic() - self._answered_s

    async def load(self) -> None:
        """Remember what earlier runs were told; before the first terminal is served."""
        self._stopped, self._last_sequence = await self._journal.run(_load)

    async def resume(self) -> None:
        """Hands on what was under way when an earlier run stopped."""
        for command, state in await self._journal.run(_under_way):
            if self._executor.knows(command.device):
                self._executor.start(command, state)

    def is_stopped(self, device: str) -> bool:
        return device in self._stopped

    async def run(self) -> None:
        """Query, subscribe, query again; after a drop all of it once more, later each time."""
        failures = 0
        while True:
            try:
                await self._listen()
                failures = 0
            except _TROUBLE as error:
                failures = 1 if self.is_connected else failures + 1
                log.warning("command_channel_dropped", reason=f"{type(error).__name__} {error}")
            finally:
                self.is_connected = False
            if failures:
                longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(failures, 10))
                await asyncio.sleep(longest * random.uniform(0.5, 1.0))  # noqa: S311 - spreading, not secrecy

    async def _listen(self) -> None:
        """One connection's life."""
        await self._report_all()
        await self._catch_up()
        looking = asyncio.create_task(self._look_again(), name="commands-look")
        try:
            await self._subscribe()  # returns when the token runs out: connect with a new one
        finally:
            await end([looking])

    async def _subscribe(self) -> None:
        events = self._api.subscribe("device_commands", {"afterSequence": self._last_sequence})
        async with aclosing(events):  # type: ignore[type-var]  # an async generator by contract
            async for data in events:
                await self.obey(Command.read(data["deviceCommands"]))

    async def _look_again(self) -> None:
        """Closes the gap between the first query and the subscription, and any other."""
        wait_s = FIRST_DELAY_S
        while True:
            await asyncio.sleep(wait_s)
            wait_s = LOOK_AGAIN_S
            try:
                await self._catch_up()
                await self._report_all()
            except _TROUBLE as error:
                log.warning("commands_not_looked_up", reason=f"{type(error).__name__} {error}")

    async def _catch_up(self) -> None:
        """Everything pending, not only what is newer: numbers are drawn before they are committed."""
        data = await self._api.call("pending_commands", {"afterSequence": 0}, CALL_TIMEOUT_S)
        self._answered_s = time.monotonic()
        for given in data["pendingCommands"]:
            await self.obey(Command.read(given))
        self.is_connected = True

    async def obey(self, command: Command) -> None:
        """Carry it out, or hand it on, unless the log knows it; report it either way."""
        now = self._clock()
        if self._executor.knows(command.device):
            await self._hand_on(command, now)
            return

        def work(connection: sqlite3.Connection) -> tuple[Report, bool]:
            known = _find(connection, command.id)
            if known is not None:
                return known, False
            state, detail = self._decide(connection, command, now)
            report = Report(command.id, state, now.isoformat(), detail)
            _record(connection, command, report)
            if state == VERIFIED:
                connection.execute(
                    "INSERT INTO device_state (device, stopped, command_sequence) VALUES (?, ?, ?)"
                    " ON CONFLICT (device) DO UPDATE SET stopped = excluded.stopped,"
                    " command_sequence = excluded.command_sequence",
                    (command.device, command.operation == STOP, command.sequence),
                )
            return report, True

        report, is_new = await self._journal.run(work)
        if is_new:
            await self.load()
            log.info(
                "command",
                command=command.id,
                terminal=command.device,
                operation=command.operation,
                state=report.state,
                detail=report.detail,
            )
        await self._report(report)

    async def _hand_on(self, command: Command, now: datetime) -> None:
        def work(connection: sqlite3.Connection) -> tuple[Report, bool]:
            known = _find(connection, command.id)
            if known is not None:
                return known, False
            state, detail = RECEIVED, None
            if not self._executor.understands(command):
                state, detail = REJECTED, "an operation this gateway does not know"
            elif now >= command.expires_at:
                state = EXPIRED
            report = Report(command.id, state, now.isoformat(), detail)
            _record(connection, command, report)
            return report, True

        report, is_new = await self._journal.run(work)
        await self._report(report)
        if is_new and report.state == RECEIVED:
            self._executor.start(command, RECEIVED)

    async def mark(self, command_id: str, state: str, detail: str | None) -> None:
        """What became of it by now: in the log first, then told. JournalError: nothing may be done on it."""
        report = Report(command_id, state, self._clock().isoformat(), detail)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE command SET state = ?, detail = ?, at = ?, reported = 0 WHERE id = ?",
                (report.state, report.detail, report.at, report.command),
            )

        await self._journal.run(work)
        log.info("command", command=command_id, state=state, detail=detail)
        await self._report(report)

    def _decide(
        self, connection: sqlite3.Connection, command: Command, now: datetime
    ) -> tuple[str, str | None]:
        if command.device not in self._devices:
            return REJECTED, "not a terminal of this gateway"
        if command.operation not in (STOP, START):
            return REJECTED, "an operation this gateway does not know"
        if now >= command.expires_at:
            return EXPIRED, None
        row = connection.execute(
            "SELECT command_sequence FROM device_state WHERE device = ?", (command.device,)
        ).fetchone()
        if row is not None and row[0] > command.sequence:
            return REJECTED, "a later command was carried out before it came"
        return VERIFIED, None

    async def _report_all(self) -> None:
        for report in await self._journal.run(_unreported):
            await self._report(report)

    async def _report(self, report: Report) -> None:
        """Say what became of it; kept unreported when nobody hears (the next connection says it again)."""
        message = {"command": report.command, "state": report.state, "at": report.at, "detail": report.detail}
        try:
            data = await self._api.call("device_command_report", {"input": message}, CALL_TIMEOUT_S)
        except ApiError as error:
            log.warning("command_not_reported", command=report.command, reason=type(error).__name__)
            return
        outcome = data["deviceCommandReport"]["__typename"]
        if outcome != "DeviceCommandReported":
            log.error("report_refused", command=report.command, outcome=outcome)
        await self._journal.run(
            lambda connection: connection.execute(
                "UPDATE command SET reported = 1 WHERE id = ? AND state = ?", (report.command, report.state)
            )
        )


def forget_commands(connection: sqlite3.Connection, before: datetime) -> int:
    """Work for the journal: delete reported commands from before; all of them have expired long since."""
    return connection.execute("DELETE FROM command WHERE reported AND at < ?", (before.isoformat(),)).rowcount


def _load(connection: sqlite3.Connection) -> tuple[frozenset[str], int]:
    stopped = connection.execute("SELECT device FROM device_state WHERE stopped").fetchall()
    (last,) = connection.execute("SELECT coalesce(max(sequence), 0) FROM command").fetchone()
    return frozenset(device for (device,) in stopped), last


def _find(connection: sqlite3.Connection, command_id: str) -> Report | None:
    row = connection.execute(
        "SELECT id, state, at, detail FROM command WHERE id = ?", (command_id,)
    ).fetchone()
    return Report(*row) if row else None


def _unreported(connection: sqlite3.Connection) -> list[Report]:
    return [
        Report(*row)
        for row in connection.execute(
            "SELECT id, state, at, detail FROM command WHERE NOT reported ORDER BY sequence"
        )
    ]


def _record(connection: sqlite3.Connection, command: Command, report: Report) -> None:
    connection.execute(
        "INSERT INTO command (id, sequence, device, operation, arguments, expires_at, state, detail, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            command.id,
            command.sequence,
            command.device,
            command.operation,
            json.dumps(dict(command.arguments)),
            command.expires_at.isoformat(),
            report.state,
            report.detail,
            report.at,
        ),
    )


def _under_way(connection: sqlite3.Connection) -> list[tuple[Command, str]]:
    rows = connection.execute(
        "SELECT id, sequence, device, operation, arguments, expires_at, state FROM command"
        " WHERE state IN ('RECEIVED', 'SENT', 'ACKNOWLEDGED') AND expires_at IS NOT NULL ORDER BY sequence"
    )
    return [
        (
            Command(
                id, sequence, device, operation, json.loads(arguments), datetime.fromisoformat(expires_at)
            ),
            state,
        )
        for id, sequence, device, operation, arguments, expires_at, state in rows
    ]
