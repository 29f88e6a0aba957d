"""Breakers that measure and switch, behind a serial server (Modbus RTU) or by themselves (Modbus TCP)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.framer.base import FramerBase
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadCoilsResponse,
    WriteSingleCoilRequest,
    WriteSingleCoilResponse,
)
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadHoldingRegistersResponse

from sandbox.devices.line_server import READ_BYTES, LineServer, say
from sandbox.devices.meter import MWH, Faults

TOTAL, POWER, RELAY = 0, 10, 0  # holding registers 0 and 1 in steps of 10 Wh, 10 in W; coil 0: power is on
STEP_WH = 10
TURNAROUND_S = 0.005
NO_FUNCTION, NO_REGISTER = 1, 2


@dataclass
class Breaker:
    """`unit`: by what it is asked on its line. The clock is given, so that tests move it."""

    unit: int
    clock: Callable[[], float]
    total_mwh: int = 0
    load_w: int = 0
    is_on: bool = True
    moves: int = 0
    faults: Faults = field(default_factory=Faults)
    _at: float | None = None
    _rest: float = 0.0

    @property
    def power_w(self) -> int:
        return self.load_w if self.is_on else 0

    def run(self) -> None:
        """What has run since the last look."""
        now = self.clock()
        if self._at is not None:
            mwh = self._rest + self.power_w * (now - self._at) * MWH / 3600
            self._rest = mwh - int(mwh)
            self.total_mwh += int(mwh)
        self._at = now

    def answer(self, request: ModbusPDU) -> ModbusPDU:
        self.run()
        if self.faults.error is not None:
            return ExceptionResponse(request.function_code, self.faults.error)
        if isinstance(request, ReadHoldingRegistersRequest):
            return self._registers(request)
        if isinstance(request, ReadCoilsRequest) and (request.address, request.count) == (RELAY, 1):
            return ReadCoilsResponse(bits=[self.is_on])
        if isinstance(request, WriteSingleCoilRequest) and request.address == RELAY:
            if not self.faults.relay_stuck:
                self.moves += 1
                self.is_on = bool(request.bits[0])
            return WriteSingleCoilResponse(address=RELAY, bits=request.bits)
        known = isinstance(request, ReadCoilsRequest | WriteSingleCoilRequest)
        return ExceptionResponse(request.function_code, NO_REGISTER if known else NO_FUNCTION)

    def _registers(self, request: ReadHoldingRegistersRequest) -> ModbusPDU:
        steps = self.total_mwh // MWH // STEP_WH
        values = {TOTAL: steps >> 16 & 0xFFFF, TOTAL + 1: steps & 0xFFFF, POWER: self.power_w}
        wanted = range(request.address, request.address + request.count)
        if not values.keys() >= set(wanted):
            return ExceptionResponse(request.function_code, NO_REGISTER)
        return ReadHoldingRegistersResponse(registers=[values[address] for address in wanted])


class BreakerLine(LineServer):
    """`async with BreakerLine(breakers) as line`: listens on `line.port` of 127.0.0.1. A unit that is not there, or is
    silent, is not answered for."""

    def __init__(self, breakers: Iterable[Breaker], *, tcp: bool = False) -> None:
        super().__init__()
        self._breakers = {breaker.unit: breaker for breaker in breakers}
        self._tcp = tcp

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        decoder = DecodePDU(True)
        framer: FramerBase = FramerSocket(decoder) if self._tcp else FramerRTU(decoder)
        buffer = b""
        while data := await reader.read(READ_BYTES):
            buffer += data
            used, request = framer.handleFrame(buffer, 0, 0)
            buffer = buffer[used:]
            if request is not None:
                async with self.wires:
                    await self._ask(request, framer, writer)

    async def _ask(self, request: ModbusPDU, framer: FramerBase, writer: asyncio.StreamWriter) -> None:
        breaker = self._breakers.get(request.dev_id)
        if breaker is None or breaker.faults.silent:
            return
        reply = breaker.answer(request)
        faults = breaker.faults
        if faults.drop_next_reply > 0:
            faults.drop_next_reply -= 1
            return
        reply.dev_id = request.dev_id + faults.wrong_address
        reply.transaction_id = request.transaction_id
        data = bytearray(framer.buildFrame(reply))
        if faults.bad_checksum:
            data[-1] ^= 0x5A
        if faults.noise:
            data = bytearray(b"\x00\xff") + data
        await asyncio.sleep(TURNAROUND_S + faults.slow_s)
        await say(writer, bytes(data))
