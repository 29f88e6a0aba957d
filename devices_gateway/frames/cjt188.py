"""CJ/T 188-2004 and -2018: the frames between a master and water meters with valves, sans IO.

A frame is `FE* 68 T A0..A6 C L DI0 DI1 SER … CS 16` (2004 §6.2): T the kind of meter, the address in BCD with the
least significant byte first, data as they are (no 33h is added), CS the sum of all bytes from 68 on. A reply's control
code has bit 7 set, an error's bit 6 besides; SER counts the questions, and a reply repeats it. Makers differ in what
the standard leaves open or they misread: that is their `Dialect`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from devices_gateway.frames.meter_line import (
    ERROR,
    REPLY,
    START,
    FrameError,
    LineFrame,
    LineFramer,
    bcd,
    closed,
    from_bcd,
)

SHORTEST = 13  # bytes, with no data
LONGEST_DATA = 100  # §6.2.5 allows 100 in a read's reply; protects memory from a line full of noise
LONGEST = SHORTEST + LONGEST_DATA
ANYBODY = "AA" * 7  # the address that every meter answers, one alone on a line

READ, WRITE, READ_ADDRESS, VALVE_2A = 0x01, 0x04, 0x03, 0x2A

# Data identifiers (annex A), as the standard writes them.
CURRENT, VALVE, ADDRESS = "901F", "A017", "810A"

OPEN, CLOSE = 0x55, 0x99  # what VALVE is told
CUBIC_METRES, LITRES = 0x2C, 0x29  # units (annex B)
ML_OF_A_HUNDREDTH = 10_000  # XXXXXX.XX m³
ML_OF_A_LITRE = 1_000

_ADDRESS = re.compile("[0-9A-F]{14}", re.ASCII)


class Kind(IntEnum):
    """T: what it measures."""

    COLD = 0x10
    HOT = 0x11
    DRINKING = 0x12
    RECLAIMED = 0x13


class Valve(IntEnum):
    """D1 D0 of the status' first byte."""

    OPEN = 0b00
    CLOSED = 0b01
    ODD = 0b10  # the standard gives it no meaning
    FAULT = 0b11


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one maker's meters speak. `swapped`: identifiers with their low byte first (1F 90). `valve_control`: the
    control code that moves the valve, WRITE or VALVE_2A. `year_first`: the clock as 20 26 11 27 hh mm ss, else
    seconds first."""

    swapped: bool = False
    valve_control: int = WRITE
    year_first: bool = False

    def __post_init__(self) -> None:
        if self.valve_control not in (WRITE, VALVE_2A):
            raise ValueError(f"valves are moved by 04 or 2A, not {self.valve_control:02X}")


PLAIN = Dialect()


@dataclass(frozen=True, slots=True)
class Frame(LineFrame):
    """`address`: fourteen digits A6..A0, the maker's four first; `data`: what follows L."""

    kind: int
    address: str
    control: int
    data: bytes = b""

    @property
    def serial(self) -> int | None:
        """SER; None where the frame is too short to have one."""
        return self.data[2] if len(self.data) > 2 and not self.is_error else None

    @property
    def value(self) -> bytes:
        """What follows SER."""
        return self.data[3:]

    def identifier(self, dialect: Dialect = PLAIN) -> str | None:
        """Such as "901F"; None where the frame has none."""
        if self.is_error or len(self.data) < 2:
            return None
        pair = self.data[1::-1] if dialect.swapped else self.data[:2]
        return pair.hex().upper()

    def answers(self, request: Frame) -> bool:
        """Is this the reply to that request, with a value or with an error?"""
        if not self.is_reply or self.control & ~ERROR != request.control:
            return False
        if request.address != ANYBODY and self.address != request.address:
            return False
        return self.is_error or self.data[:3] == request.data[:3]


class Framer(LineFramer[Frame]):
    def size_of(self, head: bytearray) -> int | None:
        if len(head) < 11:
            return None
        odd_error = head[9] & ERROR == ERROR ^ REPLY  # an error that is no reply
        return 0 if head[10] > LONGEST_DATA or odd_error else SHORTEST + head[10]

    def read(self, whole: bytes) -> Frame:
        return Frame(whole[1], whole[8:1:-1].hex().upper(), whole[9], whole[11:-2])


def encode(frame: Frame, *, wake: int = 0) -> bytes:
    """The bytes for the line, after `wake` bytes FE that let a sleeping meter find the start."""
    if not _ADDRESS.fullmatch(frame.address):
        raise FrameError(f"an address is fourteen digits, not {frame.address!r}")
    if len(frame.data) > LONGEST_DATA:
        raise FrameError(f"{len(frame.data)} bytes of data are too many")
    head = bytes((START, frame.kind)) + bytes.fromhex(frame.address)[::-1]
    return closed(head + bytes((frame.control, len(frame.data))) + frame.data, wake)


def read_request(kind: int, address: str, serial: int, dialect: Dialect = PLAIN) -> Frame:
    """What has run so far, and the valve."""
    return Frame(kind, address, READ, _head(CURRENT, serial, dialect))


def valve_request(kind: int, address: str, serial: int, *, opens: bool, dialect: Dialect = PLAIN) -> Frame:
    told = bytes((OPEN if opens else CLOSE,))
    return Frame(kind, address, dialect.valve_control, _head(VALVE, serial, dialect) + told)


def address_request(kind: int, serial: int) -> Frame:
    """To a meter that is alone on its line. 810A stands in this order in every dialect that we know."""
    return Frame(kind, ANYBODY, READ_ADDRESS, _head(ADDRESS, serial, PLAIN))


def reply(request: Frame, value: bytes, *, address: str | None = None) -> Frame:
    """A meter's: `value` follows SER."""
    return Frame(request.kind, address or request.address, request.control | REPLY, request.data[:3] + value)


def error_reply(request: Frame, value: bytes) -> Frame:
    return Frame(request.kind, request.address, request.control | ERROR, value)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter says of itself. Volumes in millilitres; None where it has none (FF bytes)."""

    total_ml: int | None
    settled_ml: int | None  # at the last settlement day
    at: datetime | None  # by its own clock, without an offset
    valve: Valve
    battery_low: bool


def read_reading(value: bytes, dialect: Dialect = PLAIN) -> Reading:
    """Of CURRENT's reply. FrameError where it is of another form."""
    if len(value) != 19:
        raise FrameError(f"a reading has 19 bytes, not {len(value)}")
    valve, battery_low = read_status(value[17:])
    return Reading(
        _volume(value[:5]), _volume(value[5:10]), _moment(value[10:17], dialect), valve, battery_low
    )


def encode_reading(reading: Reading, unit: int = CUBIC_METRES, dialect: Dialect = PLAIN) -> bytes:
    return (
        _encode_volume(reading.total_ml, unit)
        + _encode_volume(reading.settled_ml, unit)
        + _encode_moment(reading.at, dialect)
        + encode_status(reading.valve, battery_low=reading.battery_low)
    )


def read_status(value: bytes) -> tuple[Valve, bool]:
    """ST: the valve, and whether the battery is low (2004 §7.4.6)."""
    if len(value) != 2:
        raise FrameError(f"a status has two bytes, not {len(value)}")
    return Valve(value[0] & 0b11), bool(value[0] & 0b100)


def encode_status(valve: Valve, *, battery_low: bool = False) -> bytes:
    return bytes((valve | battery_low << 2, 0))


def _head(identifier: str, serial: int, dialect: Dialect) -> bytes:
    pair = bytes.fromhex(identifier)
    return (pair[::-1] if dialect.swapped else pair) + bytes((serial & 0xFF,))


def _volume(value: bytes) -> int | None:
    """Four bytes of BCD and a unit: hundredths of a m³, or whole litres."""
    if value[:4] == b"\xff" * 4:
        return None
    if value[4] not in (CUBIC_METRES, LITRES):
        raise FrameError(f"unit {value[4]:02X} is neither m³ nor litres")
    return from_bcd(value[:4]) * (ML_OF_A_HUNDREDTH if value[4] == CUBIC_METRES else ML_OF_A_LITRE)


def _encode_volume(ml: int | None, unit: int) -> bytes:
    """Cut to what the unit can say; a counter rolls over after eight digits."""
    if ml is None:
        return b"\xff" * 4 + bytes((unit,))
    step = ML_OF_A_HUNDREDTH if unit == CUBIC_METRES else ML_OF_A_LITRE
    return bcd(ml // step % 10**8, 4) + bytes((unit,))


def _moment(value: bytes, dialect: Dialect) -> datetime | None:
    """FrameError where it is no time; a meter without a clock says FF or nothing but zeros."""
    if not value.strip(b"\xff") or not any(value):
        return None
    digits = (value if dialect.year_first else value[::-1]).hex()
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007 - a meter's wall clock
    except ValueError as problem:
        raise FrameError(f"{digits} is no time") from problem


def _encode_moment(moment: datetime | None, dialect: Dialect) -> bytes:
    if moment is None:
        return b"\xff" * 7
    data = bytes.fromhex(f"{moment:%Y%m%d%H%M%S}")
    return data if dialect.year_first else data[::-1]
