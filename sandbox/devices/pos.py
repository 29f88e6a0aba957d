"""A canteen terminal: types an amount, reads a code, asks the gateway over ISO 8583, shows and speaks.

It behaves as a careful till does: a lost answer is asked for again with the same DE7 and DE11, and a sale
without an answer is reversed (0400) before the next one. Its faults are played by `Faults`.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from devices_gateway.frames.framer import Framer
from devices_gateway.frames.iso8583 import (
    FormatError,
    FrameError,
    OriginalMessage,
    PurchaseReply,
    PurchaseRequest,
    Reply,
    Request,
    ReversalRequest,
    SignOn,
    UnknownMessage,
    encode,
    open_message,
    parse_reply,
    sent_at_of,
)

REPLY_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 3.0
REPEATS = 3  # of a request that was not answered
SIGN_ON_EVERY_S = 60.0
RECONNECT_EVERY_S = 3.0  # nobody was there: a gateway that starts finds its terminals soon
SALES_KEPT = 200
READ_BYTES = 4096
LAST_TRACE = 999_999

NO_ANSWER = "68"  # the terminal's own: nobody answered in time
REVERSAL_DUE = "98"  # the terminal's own: an earlier sale must be reversed first
MAC_REFUSED = "A0"


class TerminalState(StrEnum):
    IDLE = "idle"
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    OFFLINE = "offline"


class SaleState(StrEnum):
    APPROVED = "approved"
    DECLINED = "declined"
    REVERSING = "reversing"  # the 0400 is not acknowledged yet
    REVERSED = "reversed"


@dataclass
class Faults:
    """Each is played until its count is used up or it is switched off."""

    drop_next_request: int = 0  # sent, and lost on the way
    drop_next_reply: int = 0  # answered, and lost on the way back
    cut_connection: int = 0  # the cable is pulled right after sending
    corrupt_mac: bool = False
    unplugged: bool = False  # the cable is out until it is plugged in again
    slow_s: float = 0.0  # between the halves of a frame

    def use(self, name: str) -> bool:
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0


@dataclass(frozen=True)
class PosResult:
    """What the cashier sees and hears, and what came over the wire."""

    response_code: str
    display: str
    amount_fen: int
    trace: str
    sent_at: str
    attempts: int = 1
    reference: str | None = None
    available_fen: int | None = None

    @property
    def approved(self) -> bool:
        return self.response_code == "00"

    @property
    def voice(self) -> str:
        return self.display.split("\n", 1)[0]


@dataclass(frozen=True)
class Sale:
    """A row of the terminal's own log."""

    trace: str
    sent_at: str
    amount_fen: int
    state: SaleState
    response_code: str

    @property
    def original(self) -> OriginalMessage:
        return OriginalMessage(PurchaseRequest.MTI, self.trace, self.sent_at)


class PosTerminal:
    """One terminal; its calls take turns. `on_frame(direction, message)` sees every message, "→" or "←"."""

    def __init__(
        self,
        number: str,
        mac_key: bytes,
        host: str,
        port: int,
        *,
        place: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        reply_timeout_s: float = REPLY_TIMEOUT_S,
        repeats: int = REPEATS,
        on_change: Callable[[], None] = lambda: None,
        on_frame: Callable[[str, bytes], None] = lambda direction, message: None,
    ) -> None:
        self.number = number
        self.place = place
        self.faults = Faults()
        self.state = TerminalState.OFFLINE
        self.display = "未签到"
        self.sales: deque[Sale] = deque(maxlen=SALES_KEPT)  # newest first
        self._mac_key = mac_key
        self._address = (host, port)
        self._clock = clock
        self._reply_timeout_s = reply_timeout_s
        self._repeats = repeats
        self._on_change = on_change
        self._on_frame = on_frame
        # A till that restarts does not begin where it began before.
        self._trace = random.randrange(LAST_TRACE)
        self._turn = asyncio.Lock()
        self._line: _Line | None = None
        self._reversals: deque[Sale] = deque()  # one at most: no new sale before it is acknowledged

    @property
    def voice(self) -> str:
        """What the loudspeaker says: the first line of the display."""
        return self.display.split("\n", 1)[0]

    async def sign_on(self) -> bool:
        """Whether the gateway knows this terminal; sends a reversal that is still due."""
        async with self._turn:
            return await self._sign_on()

    async def pay(self, code: str, amount_fen: int) -> PosResult:
        """Charge `amount_fen` to the holder of `code`; comes back with a result whatever happens."""
        async with self._turn:
            if not await self._send_reversals():
                return self._show(_local(REVERSAL_DUE, "上一笔冲正未完成\n请稍候再试", amount_fen))
            self._wait()
            request = PurchaseRequest(**self._next(), amount_fen=amount_fen, code=code)
            reply, attempts = await self._ask(request)
            if reply is not None and reply.response_code != MAC_REFUSED:
                result = _result(request, reply, attempts)
                state = SaleState.APPROVED if result.approved else SaleState.DECLINED
                self._log(request, state, result.response_code)
                return self._show(result)
            # A refusal by MAC is not signed: it may be anybody's, so it proves nothing about the money.
            response_code = NO_ANSWER if reply is None else MAC_REFUSED
            self._reversals.append(self._log(request, SaleState.REVERSING, response_code))
            done = await self._send_reversals()
            why = (reply.text if reply else None) or "交易超时"
            what = "已冲正，没有扣款" if done else "冲正待发送，款项将自动退回"
            return self._show(
                PosResult(
                    response_code, f"{why}\n{what}", amount_fen, request.trace, request.sent_at, attempts
                )
            )

    async def reverse(self, sale: Sale | None = None) -> PosResult:
        """Take back `sale` (default: the newest); its result is 00 once the gateway keeps the reversal."""
        async with self._turn:
            sale = sale or (self.sales[0] if self.sales else None)
            if sale is None:
                return self._show(_local("25", "没有可冲正的交易", 0))
            self._wait()
            if sale not in self._reversals:
                self._reversals.append(self._update(sale, SaleState.REVERSING))
            if await self._send_reversals():
                return self._show(_local("00", "冲正成功", sale.amount_fen))
            return self._show(_local(NO_ANSWER, "冲正待发送\n联网后自动发送", sale.amount_fen))

    async def run(self) -> None:
        """Keep signed on until cancelled."""
        while True:
            await self.sign_on()
            wait_s = RECONNECT_EVERY_S if self.state is TerminalState.OFFLINE else SIGN_ON_EVERY_S
            await asyncio.sleep(wait_s * random.uniform(0.8, 1.0))

    async def aclose(self) -> None:
        """Hang up. What was not acknowledged stays in the log."""
        async with self._turn:
            await self._hang_up()

    # ── the wire ─────────────────────────────────────────────────────────────────────────────────────────

    async def _sign_on(self) -> bool:
        reply = await self._exchange(SignOn(**self._next()))
        if reply is None:
            self._become(TerminalState.OFFLINE, "网络中断\n正在重连")
            return False
        if reply.response_code != "00":
            self._become(TerminalState.DECLINED, reply.text or "签到失败")
            if reply.response_code != MAC_REFUSED:
                await self._send_reversals()  # a stopped till sells nothing and still gives back
            return False
        if self.state in (TerminalState.OFFLINE, TerminalState.IDLE) or self.voice == "暂停服务":
            self._become(TerminalState.IDLE, "请输入金额")
        return await self._send_reversals()

    async def _ask(self, request: Request) -> tuple[Reply | None, int]:
        """The reply, repeated for while nobody answers; and how often it was sent."""
        for attempt in range(1, self._repeats + 2):
            reply = await self._exchange(request)
            if reply is not None:
                return reply, attempt
        return None, self._repeats + 1

    async def _send_reversals(self) -> bool:
        """Whether none is due any more."""
        while self._reversals:
            sale = self._reversals[0]
            reply, _ = await self._ask(ReversalRequest(**self._next(), original=sale.original))
            if reply is None or reply.response_code != "00":
                return False
            self._reversals.popleft()
            self._update(sale, SaleState.REVERSED)
        return True

    async def _exchange(self, request: Request) -> Reply | None:
        """One request, one matching reply that proves itself; None: nobody answered."""
        try:
            async with asyncio.timeout(self._reply_timeout_s):
                line = await self._connect()
                await self._send(line, request)
                return await self._receive(line, request)
        except (TimeoutError, OSError, EOFError):
            # What comes late on this connection would only confuse: the repeat takes a new one.
            await self._hang_up()
            return None

    async def _connect(self) -> _Line:
        if self.faults.unplugged:
            raise ConnectionError("the cable is out")
        if self._line is not None and self._line.reader.at_eof():
            await self._hang_up()
        if self._line is None:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                self._line = _Line(*await asyncio.open_connection(*self._address), Framer())
        return self._line

    async def _send(self, line: _Line, request: Request) -> None:
        frame = bytearray(encode(request, self._mac_key))
        if self.faults.corrupt_mac:
            frame[-1] ^= 0xFF
        self._on_frame("→", bytes(frame[2:]))
        if self.faults.use("drop_next_request"):
            return
        if self.faults.slow_s:
            half = len(frame) // 2
            line.writer.write(frame[:half])
            await asyncio.sleep(self.faults.slow_s)
            del frame[:half]
        line.writer.write(frame)
        await line.writer.drain()
        if self.faults.use("cut_connection"):
            raise ConnectionResetError

    async def _receive(self, line: _Line, request: Request) -> Reply:
        while True:
            data = await line.reader.read(READ_BYTES)
            if not data:
                raise EOFError
            for message in line.framer.feed(data):
                self._on_frame("←", message)
                reply = self._proved(message, request)
                if reply is not None and not self.faults.use("drop_next_reply"):
                    return reply

    def _proved(self, message: bytes, request: Request) -> Reply | None:
        """The reply to `request` in `message`, made by our gateway; or an A0, which nobody can sign for us."""
        try:
            envelope = open_message(message)
            reply = parse_reply(envelope)
        except (FrameError, FormatError, UnknownMessage):
            return None
        if (reply.terminal, reply.sent_at, reply.trace) != (self.number, request.sent_at, request.trace):
            return None
        if isinstance(reply, PurchaseReply) and reply.amount_fen not in (
            None,
            getattr(request, "amount_fen", None),
        ):
            return None
        if int(reply.MTI) != int(request.MTI) + 10:
            return None
        if envelope.is_from(self._mac_key) or reply.response_code == MAC_REFUSED:
            return reply
        return None

    async def _hang_up(self) -> None:
        if self._line is not None:
            line, self._line = self._line, None
            line.writer.close()
            with suppress(OSError):
                await line.writer.wait_closed()

    # ── the counter ──────────────────────────────────────────────────────────────────────────────────────

    def _next(self) -> dict[str, str]:
        self._trace = self._trace % LAST_TRACE + 1
        return {
            "sent_at": sent_at_of(self._clock()),
            "trace": f"{self._trace:06d}",
            "terminal": self.number,
        }

    def _wait(self) -> None:
        self._become(TerminalState.WAITING, "处理中…")

    def _show(self, result: PosResult) -> PosResult:
        if result.approved:
            state = TerminalState.APPROVED
        elif result.response_code == NO_ANSWER and self._line is None:
            state = TerminalState.OFFLINE
        else:
            state = TerminalState.DECLINED
        self._become(state, result.display)
        return result

    def _become(self, state: TerminalState, display: str) -> None:
        self.state, self.display = state, display
        self._on_change()

    def _log(self, request: PurchaseRequest, state: SaleState, response_code: str) -> Sale:
        sale = Sale(request.trace, request.sent_at, request.amount_fen, state, response_code)
        self.sales.appendleft(sale)
        return sale

    def _update(self, sale: Sale, state: SaleState) -> Sale:
        changed = replace(sale, state=state)
        for place, logged in enumerate(self.sales):
            if (logged.trace, logged.sent_at) == (sale.trace, sale.sent_at):
                self.sales[place] = changed
                break
        return changed


@dataclass(frozen=True)
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    framer: Framer


def _local(response_code: str, display: str, amount_fen: int) -> PosResult:
    return PosResult(response_code, display, amount_fen, trace="", sent_at="")


def _result(request: PurchaseRequest, reply: Reply, attempts: int) -> PosResult:
    assert isinstance(reply, PurchaseReply)
    return PosResult(
        reply.response_code,
        reply.text or "",
        request.amount_fen,
        request.trace,
        request.sent_at,
        attempts,
        reply.reference,
        reply.available_fen,
    )
