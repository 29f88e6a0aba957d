"""One line behind a serial server: one question in flight, the most urgent next.

The line owns the connection, the queue and the time-outs, its codec knows the frames; who asks decides whether to
ask again. A command goes
before a read-back, that before a poll; none of them interrupts the question that is on the wires.
"""

from __future__ import annotations

import asyncio
import heapq
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

import structlog

BITS_A_BYTE = 11
PATIENCE_S = 0.15  # beyond the bytes' own time: the meter's turnaround and the serial server's
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


Request = TypeVar("Request")
Reply = TypeVar("Reply")
_Asked = TypeVar("_Asked", contravariant=True)
_Answered = TypeVar("_Answered", covariant=True)


class Codec(Protocol[_Asked, _Answered]):
    """The frames of one protocol, of one connection at a time."""

    @property
    def noise(self) -> int:
        """Bytes and frames so far that answered nothing."""

    def encode(self, request: _Asked) -> bytes: ...

    def longest_reply(self, request: _Asked) -> int:
        """In bytes; how long is waited depends on it."""

    def clear(self) -> None:
        """Forget what has not become a frame: it belongs to an earlier question."""

    def feed(self, data: bytes, request: _Asked) -> _Answered | None:
        """The answer to that request, once it is whole."""

    def whom(self, request: _Asked) -> str:
        """Who is asked, for people."""


@dataclass(order=True)
class _Question:
    urgency: Urgency
    turn: int
    request: Any = field(compare=False)
    answer: asyncio.Future[Any] = field(compare=False)


class Line(Generic[Request, Reply]):
    """`run()` until cancelled; `ask(request, urgency)` from anywhere."""

    def __init__(self, name: str, host: str, port: int, baud: int, codec: Codec[Request, Reply]) -> None:
        self.name = name
        self._codec = codec
        self._host, self._port = host, port
        self._byte_s = BITS_A_BYTE / baud
        self._heap: list[_Question] = []
        self._some = asyncio.Event()
        self._turns = count()
        self._up = asyncio.Event()

    @property
    def noise(self) -> int:
        return self._codec.noise

    @property
    def is_up(self) -> bool:
        return self._up.is_set()

    async def wait_until_up(self, seconds: float) -> bool:
        """Whether it is, after that long at the most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._up.wait()
        return self.is_up

    async def ask(self, request: Request, urgency: Urgency) -> Reply:
        """The reply. NoAnswer, LineDown."""
        if len(self._heap) >= WAITING:
            raise LineDown(f"{self.name}: too many questions wait")
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._heap, _Question(urgency, next(self._turns), request, answer))
        self._some.set()
        return await answer

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
        while True:
            while not self._heap:
                self._some.clear()
                await self._some.wait()
            question = heapq.heappop(self._heap)
            if question.answer.done():  # whoever asked has gone
                continue
            try:
                answer = await self._exchange(question.request, reader, writer)
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
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Reply:
        codec = self._codec
        codec.clear()
        data = codec.encode(request)
        writer.write(data)
        await writer.drain()
        try:
            async with asyncio.timeout(
                (len(data) + codec.longest_reply(request)) * self._byte_s + PATIENCE_S
            ):
                while True:
                    said = await reader.read(READ_BYTES)
                    if not said:
                        raise LineDown(f"{self.name}: the serial server hung up")
                    answer = codec.feed(said, request)
                    if answer is not None:
                        return answer
        except TimeoutError:
            raise NoAnswer(f"{codec.whom(request)} did not answer") from None

    def _fail_all(self) -> None:
        while self._heap:
            _settle(heapq.heappop(self._heap), error=LineDown(f"{self.name} is down"))


def _settle(question: _Question, *, answer: Any = None, error: Exception | None = None) -> None:
    if question.answer.done():
        return
    if error is not None:
        question.answer.set_exception(error)
    elif answer is not None:
        question.answer.set_result(answer)
