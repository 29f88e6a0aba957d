"""A serial server as the gateway sees it: a TCP port behind which one pair of wires carries one thing at a time."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Self

READ_BYTES = 4096


class LineServer(ABC):
    """`async with` it: listens on `port` of 127.0.0.1 (0: any free one, then what it became)."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.wires = asyncio.Lock()
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._clients):
            writer.close()
        await self._server.wait_closed()

    @abstractmethod
    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """With one client, until it hangs up; whoever speaks holds the `wires`."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            await self.talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._clients.discard(writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def say(writer: asyncio.StreamWriter, data: bytes) -> None:
    """To a client that may have gone."""
    with suppress(ConnectionError):
        writer.write(data)
        await writer.drain()
