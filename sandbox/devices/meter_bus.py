"""A line of meters behind a serial server: half-duplex RS-485 at so many baud, reached over TCP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from devices_gateway.frames.dlt645 import Frame, Framer, encode
from sandbox.devices.line_server import READ_BYTES, LineServer, say
from sandbox.devices.meter import Meter

BITS_A_BYTE = 11  # start, eight, even parity, stop (§4.2)
TURNAROUND_S = 0.02  # before a meter answers; the standard allows 20 to 500 ms
OnFrame = Callable[[str, str, Frame], None]


class MeterBus(LineServer):
    """`async with MeterBus(meters, baud=9600) as bus`: listens on `bus.port` of 127.0.0.1.

    `on_frame(address, "in"|"out", frame)`: everything that is said to or by a meter of this line.
    """

    def __init__(
        self,
        meters: Iterable[Meter],
        *,
        port: int = 0,
        baud: int = 9600,
        on_frame: OnFrame = lambda address, direction, frame: None,
    ) -> None:
        super().__init__(port)
        self._meters = {meter.address: meter for meter in meters}
        self._byte_s = BITS_A_BYTE / baud
        self._on_frame = on_frame
        self.busy_s = 0.0  # how long the wires carried bytes

    def __getitem__(self, address: str) -> Meter:
        return self._meters[address]

    def __len__(self) -> int:
        return len(self._meters)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        while data := await reader.read(READ_BYTES):
            async with self.wires:
                await self._carry(len(data))
                for request in framer.feed(data):
                    await self._ask(request, writer)

    async def _ask(self, request: Frame, writer: asyncio.StreamWriter) -> None:
        meter = self._meters.get(request.address)
        if meter is None and len(self._meters) == 1:
            (meter,) = self._meters.values()  # one alone answers a call to anybody
        if meter is None:
            return
        self._on_frame(meter.address, "in", request)
        if meter.faults.silent:
            return
        reply = meter.answer(request)
        if reply is None:
            return
        faults = meter.faults
        if faults.drop_next_reply > 0:
            faults.drop_next_reply -= 1
            return
        if faults.wrong_address:
            reply = Frame(f"{(int(reply.address) + 1) % 10**12:012d}", reply.control, reply.data)
        data = bytearray(encode(reply))
        if faults.bad_checksum:
            data[-2] ^= 0x5A
        if faults.noise:
            data = bytearray(b"\x68\x00\xff\x68\x13") + data
        await asyncio.sleep(TURNAROUND_S + faults.slow_s)
        await self._carry(len(data))
        self._on_frame(meter.address, "out", reply)
        await say(writer, bytes(data))

    async def _carry(self, count: int) -> None:
        seconds = count * self._byte_s
        self.busy_s += seconds
        await asyncio.sleep(seconds)
