"""A gateway-like peer for the pretend terminals: real frames over TCP, a purse in memory behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from devices_gateway.frames.framer import Framer
from devices_gateway.frames.iso8583 import (
    Envelope,
    PurchaseReply,
    PurchaseRequest,
    Reply,
    Request,
    ReversalReply,
    ReversalRequest,
    SignOnReply,
    encode,
    open_message,
    parse_request,
    refuse,
)

GOOD_CODE = "91234567890123456783"
TERMINAL_KEYS = {str(number): bytes([number % 251] * 16) for number in range(10000001, 10000013)}


@dataclass
class StubGateway:
    """Charges `codes`, keeps every answer under (terminal, DE7, DE11), gives reversed money back once."""

    codes: dict[str, int] = field(default_factory=lambda: {GOOD_CODE: 10000})
    posted: list[tuple[str, int]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    strangers: int = 0
    port: int = 0
    _answers: dict[tuple[str, str, str], Reply] = field(default_factory=dict)
    _sales: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._writers):
                writer.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        framer = Framer()
        try:
            while data := await reader.read(4096):
                for message in framer.feed(data):
                    envelope = open_message(message)
                    key = TERMINAL_KEYS[envelope.elements["41"]]
                    if not envelope.is_from(key):
                        self.strangers += 1
                        writer.write(encode(refuse(envelope, "A0", "终端认证失败\n请联系卡务中心"), None))
                        await writer.drain()
                        return
                    writer.write(encode(self._answer(envelope), key))
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, envelope: Envelope) -> Reply:
        request = parse_request(envelope)
        self.requests.append(request)
        name = (request.terminal, request.sent_at, request.trace)
        if name not in self._answers:
            self._answers[name] = self._decide(request)
        return self._answers[name]

    def _decide(self, request: Request) -> Reply:
        echo = {"sent_at": request.sent_at, "trace": request.trace, "terminal": request.terminal}
        match request:
            case PurchaseRequest(code=code, amount_fen=amount_fen):
                if code not in self.codes:
                    return PurchaseReply(response_code="14", text="付款码无效\n没有扣款", **echo)
                if amount_fen > self.codes[code]:
                    return PurchaseReply(response_code="51", text="余额不足\n没有扣款", **echo)
                self.codes[code] -= amount_fen
                self.posted.append((request.terminal, amount_fen))
                self._sales[request.trace, request.sent_at] = (code, amount_fen)
                text = f"支付成功\n张* {amount_fen / 100:.2f}元\n可用余额 {self.codes[code] / 100:.2f}元"
                return PurchaseReply(response_code="00", text=text, amount_fen=amount_fen, **echo)
            case ReversalRequest(original=original):
                sale = self._sales.pop((original.trace, original.sent_at), None)
                if sale:
                    self.codes[sale[0]] += sale[1]
                return ReversalReply(response_code="00", text="冲正成功", **echo)
        return SignOnReply(response_code="00", text="签到成功", time="120000", date="1123", **echo)


@pytest.fixture
async def gateway() -> AsyncIterator[StubGateway]:
    stub = StubGateway()
    await stub.start()
    try:
        yield stub
    finally:
        await stub.stop()


@pytest.fixture
def terminal_keys() -> dict[str, bytes]:
    return TERMINAL_KEYS
