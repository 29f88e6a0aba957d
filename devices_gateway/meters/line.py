"""One line behind a serial server: one question in flight, the most urgent next.

The line owns the connection, the queue and the time-outs; who asks decides whether to ask again. A command goes
before a read-back, that before a poll; none of them interrupts the question that is on the wires.
"""

from __future__ import annotations

import asyncio
import heapq
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count

import structlog

from devices_gateway.frames.dlt645 import SHORTEST, Frame, Framer, encode

BITS_A_BYTE = 11
PATIENCE_S = 0.15  # beyond the bytes' own time: the meter's turnaround and the serial server's
LONGEST_REPLY = SHORTEST + 14  # bytes of what is asked here
CONNECT_TIMEOUT_S = 3.0
RECONNECT_S = (0.5, 15.0)  # first and longest pause
READ_BYTES = 4096
WAITING = 1_000  # questions; protects memory while a line is down

log = structlog.get_logger(__name__)


class Urgency(IntEnum):
    COMMAND = 0
    READ_BACK = 1
    POLL = 2


class LineDown(Exception):
    """There is no connection to the serial server, or it ended."""


class NoAnswer(Exception):
    """The meter said nothing that answers the question, in time."""


@dataclass(order=True)
class _Question:
    urgency: Urgency
    turn: int
    frame: Frame = field(compare=False)
    answer: asyncio.Future[Frame] = field(compare=False)


class Line:
    """`run()` until cancelled; `ask(frame, urgency)` from anywhere."""

    def __init__(self, name: str, host: str, port: int, baud: int) -> None:
        self.name = name
        self._host, self._port = host, port
        self._byte_s = BITS_A_BYTE / baud
        self._heap: list[_Question] = []
        self._some = asyncio.Event()
        self._turns = count()
        self._up = asyncio.Event()
        self.noise = 0  # bytes passed over, and frames with a bad checksum

    @property
    def is_up(self) -> bool:
        return self._up.is_set()

    async def wait_until_up(self, seconds: float) -> bool:
        """Whether it is, after that long at the most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._up.wait()
        return self.is_up

    async def ask(self, frame: Frame, urgency: Urgency) -> Frame:
        """The reply. NoAnswer, LineDown."""
        if len(self._heap) >= WAITING:
            raise LineDown(f"{self.name}: too many questions wait")
        question = _Question(urgency, next(self._turns), frame, asyncio.get_running_loop().create_future())
        heapq.heappush(self._heap, question)
        self._some.set()
        return await question.answer

    async def run(self) -> None:
        pause_s = RECONNECT_S[0]
        while True:
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    reader, writer = await asyncio.open_connection(self._host, self._port)
            except (OSError, TimeoutError) as error:
                self._fail_all()
                log.warning("line_down", line=self.name, reason=repr(error))
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, RECONNECT_S[1])
                continue
            pause_s = RECONNECT_S[0]
            self._up.set()
            log.info("line_up", line=self.name)
            try:
                await self._work(reader, writer)
            except (OSError, LineDown) as error:
                log.warning("line_down", line=self.name, reason=repr(error))
            finally:
                self._up.clear()
                self._fail_all()
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _work(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        while True:
            while not self._heap:
                self._some.clear()
                await self._some.wait()
            question = heapq.heappop(self._heap)
            if question.answer.done():  # whoever asked has gone
                continue
            try:
                answer = await self._exchange(question.frame, framer, reader, writer)
            except NoAnswer as nothing:
                _settle(question, error=nothing)
            except (OSError, LineDown) as down:
                _settle(question, error=LineDown(str(down)))
                raise
            except asyncio.CancelledError:
                _settle(question, error=LineDown(f"{self.name}: stopped"))
                raise
            else:
                _settle(question, answer=answer)

    async def _exchange(
        self, request: Frame, framer: Framer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Frame:
        framer.clear()
        data = encode(request)
        writer.write(data)
        await writer.drain()
        before = framer.passed_over + framer.bad_checksums
        try:
            async with asyncio.timeout((len(data) + LONGEST_REPLY) * self._byte_s + PATIENCE_S):
                while True:
                    said = await reader.read(READ_BYTES)
                    if not said:
                        raise LineDown(f"{self.name}: the serial server hung up")
                    for frame in framer.feed(said):
                        if frame.answers(request):
                            return frame
        except TimeoutError:
            raise NoAnswer(f"{request.address} did not answer") from None
        finally:
            self.noise += framer.passed_over + framer.bad_checksums - before

    def _fail_all(self) -> None:
        while self._heap:
            _settle(heapq.heappop(self._heap), error=LineDown(f"{self.name} is down"))


def _settle(question: _Question, *, answer: Frame | None = None, error: Exception | None = None) -> None:
    if question.answer.done():
        return
    if error is not None:
        question.answer.set_exception(error)
    elif answer is not None:
        question.answer.set_result(answer)
