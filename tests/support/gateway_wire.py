"""A bare connection to the gateway, for frames that no careful till would send."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from devices_gateway.frames.framer import Framer
from devices_gateway.frames.iso8583 import (
    OriginalMessage,
    PurchaseRequest,
    Reply,
    ReversalRequest,
    encode,
    open_message,
    parse_reply,
    sent_at_of,
)

TERMINAL = "10000001"
KEY = bytes(range(16))
TIMEOUT_S = 20.0


def sale(
    code: str,
    amount_fen: int,
    *,
    trace: int = 42,
    moment: datetime | None = None,
    terminal: str = TERMINAL,
    key: bytes | None = KEY,
) -> bytes:
    request = PurchaseRequest(
        sent_at=sent_at_of(moment or datetime.now(UTC)),
        trace=f"{trace:06d}",
        terminal=terminal,
        amount_fen=amount_fen,
        code=code,
    )
    return encode(request, key)


class Wire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._framer = Framer()
        self._ready: list[bytes] = []

    @classmethod
    async def open(cls, address: tuple[str, int]) -> Wire:
        return cls(*await asyncio.open_connection(*address))

    async def __aenter__(self) -> Wire:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @staticmethod
    def reversal(moment: datetime, *, trace: int = 42, own_trace: int = 43) -> bytes:
        original = OriginalMessage("0200", f"{trace:06d}", sent_at_of(moment))
        request = ReversalRequest(
            sent_at=sent_at_of(moment), trace=f"{own_trace:06d}", terminal=TERMINAL, original=original
        )
        return encode(request, KEY)

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def read(self) -> bytes | None:
        """The next message; None: the gateway hung up."""
        async with asyncio.timeout(TIMEOUT_S):
            while not self._ready:
                try:
                    data = await self._reader.read(4096)
                except ConnectionError:
                    return None
                if not data:
                    return None
                self._ready += self._framer.feed(data)
        return self._ready.pop(0)

    async def ask(self, frame: bytes) -> bytes | None:
        await self.send(frame)
        return await self.read()

    async def reply(self, frame: bytes) -> Reply:
        await self.send(frame)
        return await self.receive()

    async def receive(self, key: bytes = KEY) -> Reply:
        message = await self.read()
        assert message is not None, "the gateway hung up"
        envelope = open_message(message)
        assert envelope.is_from(key)
        return parse_reply(envelope)

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
