"""Modbus as a breaker, a DTU or a valve controller speaks it: RTU frames through a serial server, or Modbus TCP.

The frames and their contents are pymodbus's (Modbus application protocol V1.1b3; Modbus over serial line V1.02; Modbus
messaging on TCP/IP V1.0b). Values in, values out: the line owns the connection and the time.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.framer.base import FramerBase
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, WriteSingleCoilRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest

UNITS = range(1, 248)
LONGEST_REPLY = 32  # bytes: a few registers, with what surrounds them
_TRANSACTIONS = 0xFFFF
# What it says of frames that are none is counted here, and is no news.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)

EXCEPTIONS = {
    1: "it knows no such function",
    2: "it has no such register",
    3: "it does not take that value",
    4: "it failed to do it",
    5: "it needs longer",
    6: "it is busy",
    10: "the serial server has no way to it",
    11: "the serial server heard nothing from it",
}


class Framing(StrEnum):
    """RTU: as on the wires, through a serial server that passes bytes on. TCP: a device or gateway that speaks it."""

    RTU = "RTU"
    TCP = "TCP"


class Table(StrEnum):
    HOLDING = "HOLDING"
    INPUT = "INPUT"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An exception response. `code`: as the specification numbers them."""

    code: int

    @property
    def reason(self) -> str:
        return f"exception {self.code}: {EXCEPTIONS.get(self.code, 'of its own')}"


def read_registers(unit: int, table: Table, address: int, words: int) -> ModbusPDU:
    kind = ReadHoldingRegistersRequest if table is Table.HOLDING else ReadInputRegistersRequest
    return kind(address=address, count=words, dev_id=unit)


def read_coil(unit: int, address: int) -> ModbusPDU:
    return ReadCoilsRequest(address=address, count=1, dev_id=unit)


def write_coil(unit: int, address: int, *, on: bool) -> ModbusPDU:
    return WriteSingleCoilRequest(address=address, bits=[on], dev_id=unit)


def whole_number(registers: Sequence[int], *, signed: bool, low_word_first: bool) -> int:
    """Of registers of 16 bits each; Modbus itself says nothing about their order."""
    words = reversed(registers) if low_word_first else registers
    data = b"".join(word.to_bytes(2, "big") for word in words)
    return int.from_bytes(data, "big", signed=signed)


class ModbusCodec:
    """A line that carries Modbus. A reply is the response, or a Refusal."""

    def __init__(self, framing: Framing) -> None:
        decoder = DecodePDU(False)
        self._framer: FramerBase = FramerRTU(decoder) if framing is Framing.RTU else FramerSocket(decoder)
        self._numbered = framing is Framing.TCP
        self._numbers = count(1)
        self._buffer = b""
        self.noise = 0

    def encode(self, request: ModbusPDU) -> bytes:
        if self._numbered:  # so that a late answer answers no other question
            request.transaction_id = next(self._numbers) % _TRANSACTIONS + 1
        return self._framer.buildFrame(request)

    def longest_reply(self, request: ModbusPDU) -> int:
        return LONGEST_REPLY

    def clear(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes, request: ModbusPDU) -> ModbusPDU | Refusal | None:
        self._buffer += data
        tid = request.transaction_id if self._numbered else 0
        try:
            used, reply = self._framer.handleFrame(self._buffer, request.dev_id, tid)
        except ModbusException:  # a frame of something that is no answer
            self._drop(len(self._buffer))
            return None
        if reply is None:
            self._drop(used)
            return None
        self._buffer = self._buffer[used:]
        if isinstance(reply, ExceptionResponse):
            return Refusal(reply.exception_code)
        if reply.function_code != request.function_code:
            self.noise += used
            return None
        return reply

    def whom(self, request: ModbusPDU) -> str:
        return f"unit {request.dev_id}"

    def _drop(self, count: int) -> None:
        self.noise += count
        self._buffer = self._buffer[count:]
