"""What a meter is told: never twice, never late. Before each word to the meter stands a state in the command log;
what was sent and not answered is read back before anything is sent again.

RELAY_OPEN, RELAY_CLOSE: verified by status word 3. CREDIT_WRITE: verified by the meter's order counter, which is
read before, too. READ_NOW: verified by having been read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog

from devices_gateway.commands import (
    ACKNOWLEDGED,
    EXPIRED,
    REJECTED,
    SENT,
    UNKNOWN,
    VERIFIED,
    Command,
)
from devices_gateway.frames.meter_line import FrameError
from devices_gateway.journal import JournalError
from devices_gateway.meter_models import MeterPoint
from devices_gateway.meters.line import Line, LineDown, NoAnswer, Urgency
from devices_gateway.meters.meters import Meters
from devices_gateway.meters.said import Refused
from devices_gateway.meters.speech import speech_of

RELAY_OPEN, RELAY_CLOSE = "RELAY_OPEN", "RELAY_CLOSE"
CREDIT_WRITE, READ_NOW = "CREDIT_WRITE", "READ_NOW"
OPERATIONS = (RELAY_OPEN, RELAY_CLOSE, CREDIT_WRITE, READ_NOW)
SENT_AT_MOST = 3  # each after a proof that the one before was not applied
LOOKS = 4  # at a relay that said yes and has not moved
LOOK_AGAIN_S = 0.5
ASK_AGAIN_S = 0.3
LOOKS_FOR_PROOF = 3  # questions without an answer; then nobody knows

Mark = Callable[[str, str, str | None], Awaitable[None]]

log = structlog.get_logger(__name__)


class Orders:
    """`start(command, state)` takes a command from the log and goes on with it; `mark` writes what becomes of it."""

    def __init__(self, meters: Meters, clock: Callable[[], datetime]) -> None:
        self._meters = meters
        self._clock = clock
        self._mark: Mark | None = None
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[str, int] = {}  # meter → the newest command that moved its relay

    def knows(self, device: str) -> bool:
        return self._meters.find(device) is not None

    def understands(self, command: Command) -> bool:
        return command.operation in OPERATIONS

    def report_to(self, mark: Mark) -> None:
        self._mark = mark

    def start(self, command: Command, state: str) -> None:
        task = asyncio.create_task(self._carry_out(command, state), name=f"command-{command.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """What is under way stays in the log as it is; the next run goes on with it."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry_out(self, command: Command, state: str) -> None:
        found = self._meters.find(command.device)
        assert found is not None, "asked before"
        meter, line = found
        async with self._locks.setdefault(meter.id, asyncio.Lock()):
            try:
                ended, detail = await self._do(command, state, meter, line)
                await self._say(command, ended, detail)
            except JournalError as error:  # the next run finds it in the log
                log.error("command_left", command=command.id, reason=str(error))
                return
        if ended == VERIFIED and command.operation != READ_NOW:
            with suppress(NoAnswer, LineDown, Refused, FrameError, JournalError):
                await self._meters.read(meter, line, Urgency.READ_BACK)  # what it changed is seen at once

    async def _do(
        self, command: Command, state: str, meter: MeterPoint, line: Line[Any, Any]
    ) -> tuple[str, str | None]:
        if command.operation == READ_NOW:
            return await self._read_now(command, meter, line)
        if command.operation == CREDIT_WRITE:
            if not meter.model.prepaid:
                return REJECTED, "a meter of this model counts no credit"
            return await self._write_credit(command, state, meter, line)
        return await self._switch(command, state, meter, line)

    # ── a relay ──────────────────────────────────────────────────────────────────────────────────────────

    async def _switch(
        self, command: Command, state: str, meter: MeterPoint, line: Line[Any, Any]
    ) -> tuple[str, str | None]:
        speech = speech_of(meter)
        close = command.operation == RELAY_CLOSE
        if self._last.get(meter.id, 0) > command.sequence:
            return REJECTED, "a later command was carried out before it came"
        may_be_sent = state != "RECEIVED"
        for _ in range(SENT_AT_MOST):
            if may_be_sent:
                closed = await self._prove(lambda: speech.is_closed(line, meter))
                if closed is None:
                    return UNKNOWN, "sent, and the meter does not say what came of it"
                if closed is close:
                    return self._moved(command, meter)
            if self._clock() >= command.expires_at:
                return EXPIRED, None
            patience_s = (command.expires_at - self._clock()).total_seconds()
            if not may_be_sent and not await line.wait_until_up(patience_s):
                return EXPIRED, "its line was down"
            await self._say(command, SENT, None)
            may_be_sent = True
            try:
                await speech.switch(line, meter, close=close, now=self._clock())
            except Refused as no:
                return REJECTED, str(no)
            except (NoAnswer, LineDown, FrameError):
                continue
            await self._say(command, ACKNOWLEDGED, None)
            for look in range(LOOKS):
                closed = await self._prove(lambda: speech.is_closed(line, meter))
                if closed is close:
                    return self._moved(command, meter)
                if closed is None:
                    return UNKNOWN, "it said yes, and then nothing"
                if look + 1 < LOOKS:
                    await asyncio.sleep(LOOK_AGAIN_S)
            return REJECTED, "it said yes, and its relay did not move"
        return UNKNOWN, "it was told three times and never answered"

    def _moved(self, command: Command, meter: MeterPoint) -> tuple[str, str | None]:
        self._last[meter.id] = max(command.sequence, self._last.get(meter.id, 0))
        return VERIFIED, None

    # ── credit ───────────────────────────────────────────────────────────────────────────────────────────

    async def _write_credit(
        self, command: Command, state: str, meter: MeterPoint, line: Line[Any, Any]
    ) -> tuple[str, str | None]:
        try:
            wh, counter = int(command.arguments["wh"]), int(command.arguments["counter"])
        except (KeyError, TypeError, ValueError):
            return REJECTED, "no energy or no counter to write"
        speech = speech_of(meter)
        told = state != "RECEIVED"
        for _ in range(SENT_AT_MOST):
            has = await self._prove(lambda: speech.credit_counter(line, meter))
            if has == counter:
                return VERIFIED, None
            if has is not None and has != counter - 1:
                if told:  # somebody else wrote since; whether ours came before, only people can find out
                    return UNKNOWN, f"sent as {counter}, and its counter is {has}"
                return REJECTED, f"its counter is {has}, so {counter} is not the next"
            if self._clock() >= command.expires_at:
                return (UNKNOWN, None) if told and has is None else (EXPIRED, None)
            if has is None:
                if told:
                    return UNKNOWN, "sent, and the meter does not say what came of it"
                return EXPIRED, "it does not answer, and was told nothing"
            await self._say(command, SENT, None)
            told = True
            try:
                await speech.write_credit(line, meter, wh, counter)
            except Refused as no:
                return REJECTED, str(no)
            except (NoAnswer, LineDown, FrameError):
                continue
            await self._say(command, ACKNOWLEDGED, None)
        has = await self._prove(lambda: speech.credit_counter(line, meter))
        if has == counter:
            return VERIFIED, None
        return UNKNOWN, "it was told, and does not count it"

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────

    async def _read_now(
        self, command: Command, meter: MeterPoint, line: Line[Any, Any]
    ) -> tuple[str, str | None]:
        while self._clock() < command.expires_at:
            try:
                await self._meters.read(meter, line, Urgency.COMMAND)
                return VERIFIED, None
            except (NoAnswer, LineDown, FrameError):
                await asyncio.sleep(LOOK_AGAIN_S)
            except Refused as no:
                return REJECTED, str(no)
        return EXPIRED, "it did not answer"

    # ── below ────────────────────────────────────────────────────────────────────────────────────────────

    async def _prove(self, look: Callable[[], Awaitable[bool | int]]) -> bool | int | None:
        """What the meter says; None: it does not."""
        for turn in range(LOOKS_FOR_PROOF):
            try:
                return await look()
            except (NoAnswer, LineDown, Refused, FrameError):
                if turn + 1 < LOOKS_FOR_PROOF:
                    await asyncio.sleep(ASK_AGAIN_S)
        return None

    async def _say(self, command: Command, state: str, detail: str | None) -> None:
        assert self._mark is not None, "Commands reports"
        await self._mark(command.id, state, detail)
