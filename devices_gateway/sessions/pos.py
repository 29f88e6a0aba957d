"""One terminal, one connection, one task: frame → MAC → sales → reply, strictly in turn.

Nothing is believed before its MAC. What cannot be proved to come from a terminal of ours is answered A0
without a MAC (so that nobody can have us sign something for them) and the connection ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

import structlog

from devices_gateway.events import Answer
from devices_gateway.frames.framer import Framer
from devices_gateway.frames.iso8583 import (
    CAMPUS_TIME,
    Envelope,
    FormatError,
    FrameError,
    PurchaseReply,
    PurchaseRequest,
    Reply,
    Request,
    ReversalReply,
    ReversalRequest,
    SignOn,
    SignOnReply,
    UnknownMessage,
    encode,
    open_message,
    parse_request,
    refuse,
)
from devices_gateway.sessions import pos_answers as answers
from devices_gateway.sessions.peers import PeerLog, Say
from devices_gateway.sessions.pos_sales import Sales, Unanswerable, masked
from devices_gateway.tasks import end

MAX_SESSIONS = 1024  # connections at once; protects memory and file descriptors
READ_BYTES = 4096
STRANGER_TIMEOUT_S = 30.0  # for the first proved message: a silent stranger holds no place
IDLE_TIMEOUT_S = 600.0  # a terminal signs on again every minute
MESSAGE_TIMEOUT_S = 5.0  # from the first byte of a message to its last
WRITE_TIMEOUT_S = 5.0
MAX_QUEUED_MESSAGES = 8  # sent ahead without waiting for an answer; a terminal has one or two

log = structlog.get_logger(__name__)


class _Closing(Exception):
    """This connection is over; the reason is for the log."""


class PosServer:
    """Accepts terminals. `heard` collects the numbers that proved themselves since it was last taken."""

    def __init__(
        self,
        mac_keys: Mapping[str, bytes],
        sales: Sales,
        *,
        is_stopped: Callable[[str], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._mac_keys = mac_keys
        self._sales = sales
        self._is_stopped = is_stopped
        self._clock = clock
        self._sessions: dict[asyncio.Task[None], _Session] = {}
        self._server: asyncio.Server | None = None
        self._heard: set[str] = set()
        self.log = PeerLog()

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """The address it listens on."""
        self._server = await asyncio.start_server(
            self._accept, host, port, limit=READ_BYTES, backlog=MAX_SESSIONS
        )
        address = self._server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    @property
    def connected(self) -> int:
        return len(self._sessions)

    def take_heard(self) -> set[str]:
        """The terminals heard since the last call, and those connected now."""
        heard, self._heard = self._heard, set()
        return heard | {session.terminal for session in self._sessions.values() if session.terminal}

    def put_back(self, heard: set[str]) -> None:
        self._heard |= heard

    async def stop(self, timeout_s: float) -> None:
        """Take nobody new, let everyone finish the message in hand, then hang up."""
        if self._server is not None:
            self._server.close()
        for task, session in self._sessions.items():
            session.is_ending = True
            if not session.is_busy:
                task.cancel()
        if self._sessions:
            _, late = await asyncio.wait(self._sessions, timeout=timeout_s)
            await end(late)
        self.log.tell()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        session = _Session(self, reader, writer)
        if len(self._sessions) >= MAX_SESSIONS and not self._make_room():
            session.note(log.error, "too_many_connections", limit=MAX_SESSIONS)
            writer.close()
            return
        self._sessions[task] = session
        try:
            await session.run()
        except _Closing as closing:
            session.note(log.info, "session_ended", reason=str(closing))
        except asyncio.CancelledError:
            reason = "gave its place away" if session.gives_way else "the gateway is stopping"
            session.note(log.info, "session_ended", reason=reason)
        except OSError as error:
            session.note(log.info, "session_ended", reason=type(error).__name__)
        except Exception as error:
            session.note(log.error, "session_failed", exc_info=error)
        finally:
            del self._sessions[task]
            await _hang_up(writer)

    def _make_room(self) -> bool:
        """End one connection: the oldest that has proved nothing, else the oldest idle one whose terminal has
        a newer one. Neither silent strangers nor lines that died without a word keep a terminal out, nor
        whoever plays a recorded 0800 again and again."""
        staying = {task: session for task, session in self._sessions.items() if not session.gives_way}
        newest = {session.terminal: task for task, session in staying.items()}
        strangers = (task for task, session in staying.items() if session.terminal is None)
        left_behind = (
            task
            for task, session in staying.items()
            if newest[session.terminal] is not task and not session.is_busy
        )
        task = next(strangers, None) or next(left_behind, None)
        if task is None:
            return False
        self._sessions[task].gives_way = True
        task.cancel()
        return True

    # ── what a session asks of the gateway ───────────────────────────────────────────────────────────────

    def key_of(self, terminal: str | None) -> bytes | None:
        return self._mac_keys.get(terminal) if terminal else None

    async def answer(self, request: Request, raw: bytes) -> Reply:
        self._heard.add(request.terminal)
        match request:
            case PurchaseRequest():
                return _purchase_reply(request, await self._sales.purchase(request, raw))
            case ReversalRequest():
                answer = await self._sales.reverse(request, raw)
                return ReversalReply(
                    response_code=answer.response_code,
                    text=answer.text,
                    sent_at=request.sent_at,
                    trace=request.trace,
                    terminal=request.terminal,
                )
            case SignOn():
                return self._welcome(request)
            case _:
                raise AssertionError(f"{type(request).__name__} has no answer")

    def _welcome(self, request: SignOn) -> SignOnReply:
        answer = answers.STOPPED if self._is_stopped(request.terminal) else answers.WELCOME
        now = self._clock().astimezone(CAMPUS_TIME)
        return SignOnReply(
            response_code=answer.response_code,
            text=answer.text,
            sent_at=request.sent_at,
            trace=request.trace,
            terminal=request.terminal,
            time=now.strftime("%H%M%S"),
            date=now.strftime("%m%d"),
        )


class _Session:
    def __init__(self, server: PosServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._framer = Framer()
        self.terminal: str | None = None  # proved by its first MAC; nobody else may speak here then
        self.is_busy = False
        self.is_ending = False
        self.gives_way = False

    def note(self, say: Say, event: str, **facts: object) -> None:
        peer = str((self._writer.get_extra_info("peername") or ["?"])[0])
        self._server.log.note(say, event, peer, self.terminal, **facts)

    async def run(self) -> None:
        """Until the terminal hangs up, or _Closing."""
        while not self.is_ending:
            messages = await self._read()
            if len(messages) > MAX_QUEUED_MESSAGES:
                raise _Closing(f"{len(messages)} messages at once")
            self.is_busy = True
            for message in messages:
                await self._handle(message)
            self.is_busy = False
            if self._framer.broken:
                raise _Closing(f"broken stream: {self._framer.broken}")
        raise _Closing("the gateway is stopping")

    async def _read(self) -> list[bytes]:
        """The next complete messages; waits for the rest of a begun one only MESSAGE_TIMEOUT_S."""
        patience_s = IDLE_TIMEOUT_S if self.terminal else STRANGER_TIMEOUT_S
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (MESSAGE_TIMEOUT_S if self._framer.waiting else patience_s)
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    data = await self._reader.read(READ_BYTES)
            except TimeoutError:
                raise _Closing("a message broke off" if self._framer.waiting else "silent") from None
            if not data:
                raise _Closing("a message broke off" if self._framer.waiting else "hung up")
            was_waiting = self._framer.waiting
            messages = self._framer.feed(data)
            if messages or self._framer.broken:
                return messages
            if not was_waiting:
                deadline = loop.time() + MESSAGE_TIMEOUT_S

    async def _handle(self, message: bytes) -> None:
        try:
            envelope = open_message(message)
        except FrameError as error:
            raise _Closing(f"no message: {error}") from None
        key = self._server.key_of(envelope.claimed_terminal)
        if key is None or not envelope.is_from(key) or self._is_other(envelope):
            await self._turn_away(envelope)
            raise _Closing("not proved to be the terminal it claims to be")
        self.terminal = envelope.claimed_terminal
        try:
            raw = masked(message, envelope.elements.get("48", ""))  # some tills repeat it in a reversal
            reply = await self._server.answer(parse_request(envelope), raw)
        except FormatError as error:
            self.note(log.warning, "malformed_message", reason=str(error))
            reply = _refused(envelope, answers.FORMAT_ERROR)
        except UnknownMessage:
            raise _Closing("a message of an unknown type") from None
        except Unanswerable as unknown:
            raise _Closing(str(unknown)) from None  # the till asks again, then reverses
        await self._write(encode(reply, key))

    def _is_other(self, envelope: Envelope) -> bool:
        return self.terminal is not None and envelope.claimed_terminal != self.terminal

    async def _turn_away(self, envelope: Envelope) -> None:
        self.note(log.warning, "mac_refused", claimed=envelope.claimed_terminal)
        with suppress(_Closing):
            await self._write(encode(_refused(envelope, answers.MAC_ERROR), None))

    async def _write(self, frame: bytes) -> None:
        self._writer.write(frame)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._writer.drain()
        except TimeoutError:
            raise _Closing("it does not read its replies") from None


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await writer.wait_closed()
    except TimeoutError:
        writer.transport.abort()  # it reads nothing: what is left for it would stay in memory for good
    except (OSError, asyncio.CancelledError):
        pass


def _purchase_reply(request: PurchaseRequest, answer: Answer) -> PurchaseReply:
    return PurchaseReply(
        response_code=answer.response_code,
        text=answer.text,
        sent_at=request.sent_at,
        trace=request.trace,
        terminal=request.terminal,
        processing=request.processing,
        amount_fen=request.amount_fen,
        reference=answer.reference,
        available_fen=answer.available_fen,
    )


def _refused(envelope: Envelope, answer: Answer) -> Reply:
    try:
        return refuse(envelope, answer.response_code, answer.text)
    except UnknownMessage:
        raise _Closing("a message of an unknown type") from None
