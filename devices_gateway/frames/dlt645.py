"""DL/T 645-2007: the frames between a master and its meters, sans IO.

A frame is `FE* 68 A0..A5 68 C L DATA CS 16` (§5): the address in BCD, least significant byte first; every byte of
DATA has 33h added on the line; CS is the sum of all bytes from the first 68 on, modulo 256. A reply's control
code has bit 7 set, an error's bit 6 besides (§5.2.4). Numbers are BCD, least significant byte first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

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

OFFSET = 0x33
SHORTEST = 12  # bytes, with no data
LONGEST_DATA = 200  # §5.2.5: a read asks for no more; protects memory from a line full of noise
LONGEST = SHORTEST + LONGEST_DATA
ANYBODY = "AAAAAAAAAAAA"  # the address that every meter answers, one alone on a line

READ, WRITE, READ_ADDRESS, CONTROL = 0x11, 0x14, 0x13, 0x1C

# Data identifiers DI3..DI0 (annex A).
TOTAL_ENERGY = "00010000"  # 正向有功总电能, kWh, XXXXXX.XX
REMAINING_ENERGY = "00900100"  # 剩余电量, kWh, XXXXXX.XX
REMAINING_MONEY = "00900200"  # 剩余金额, yuan, XXXXXX.XX
ACTIVE_POWER = "02030000"  # 瞬时总有功功率, kW, XX.XXXX, signed in bit 7
STATUS_3 = "04000503"  # 运行状态字 3
CREDIT_COUNT = "03330201"  # 上 1 次购电后总购电次数
CREDIT = "070102FF"  # 充值: energy and the count it makes

STATUS_RELAY_OPEN = 4  # bit of status word 3 (annex C)

_ADDRESS = re.compile("[0-9A]{12}", re.ASCII)
_IDENTIFIER = re.compile("[0-9A-F]{8}", re.ASCII)
# §7.2.4: the bits of an error's one byte.
ERRORS = (
    "another error",
    "no such data",
    "the password is wrong or not allowed",
    "the line's speed cannot be changed",
    "too many time zones",
    "too many day schedules",
    "too many tariffs",
    "reserved",
)


@dataclass(frozen=True, slots=True)
class Frame(LineFrame):
    """`address`: twelve digits as printed on the meter; `data`: without the 33h."""

    address: str
    control: int
    data: bytes = b""

    @property
    def identifier(self) -> str | None:
        """DI3..DI0 of a read or write and of its reply; None where the frame has none."""
        if self.control & 0x1F not in (READ, WRITE) or self.is_error or len(self.data) < 4:
            return None
        return self.data[3::-1].hex().upper()

    @property
    def value(self) -> bytes:
        """What follows the identifier, as on the line: least significant byte first."""
        return self.data[4:] if self.identifier is not None else b""

    @property
    def error(self) -> str:
        """What an error reply says."""
        code = self.data[0] if self.data else 0
        told = [text for bit, text in enumerate(ERRORS) if code >> bit & 1]
        return f"error {code:02x}: {', '.join(told) or 'unspecified'}"

    def answers(self, request: Frame) -> bool:
        """Is this the reply to that request, with a value or with an error?"""
        if not self.is_reply or self.control & 0x1F != request.control & 0x1F:
            return False
        if request.address != ANYBODY and self.address != request.address:
            return False
        if self.is_error or request.control != READ:
            return True
        return self.identifier == request.identifier


class Framer(LineFramer[Frame]):
    def size_of(self, head: bytearray) -> int | None:
        if len(head) < 8:
            return None
        if head[7] != START:
            return 0
        if len(head) < 10:
            return None
        length = head[9]
        if length > LONGEST_DATA or head[8] & ERROR == ERROR ^ REPLY:  # an error that is no reply
            return 0
        return SHORTEST + length

    def read(self, whole: bytes) -> Frame:
        address = whole[6:0:-1].hex().upper()
        return Frame(address, whole[8], bytes(byte - OFFSET & 0xFF for byte in whole[10:-2]))


def encode(frame: Frame, *, wake: int = 0) -> bytes:
    """The bytes for the line, after `wake` bytes FE that let a sleeping meter find the start."""
    if not _ADDRESS.fullmatch(frame.address):
        raise FrameError(f"an address is twelve digits, not {frame.address!r}")
    if len(frame.data) > LONGEST_DATA:
        raise FrameError(f"{len(frame.data)} bytes of data are too many")
    body = (
        bytes((START,)) + bytes.fromhex(frame.address)[::-1] + bytes((START, frame.control, len(frame.data)))
    )
    body += bytes(byte + OFFSET & 0xFF for byte in frame.data)
    return closed(body, wake)


def read_request(address: str, identifier: str) -> Frame:
    return Frame(address, READ, _identifier(identifier))


def read_reply(request: Frame, value: bytes) -> Frame:
    """A meter's: `value` least significant byte first."""
    return Frame(request.address, READ | REPLY, request.data[:4] + value)


def write_request(address: str, identifier: str, password: bytes, operator: bytes, value: bytes) -> Frame:
    """§7.3: `password` is PA P0 P1 P2, `operator` C0..C3, as on the line."""
    if len(password) != 4 or len(operator) != 4:
        raise FrameError("password and operator have four bytes each")
    return Frame(address, WRITE, _identifier(identifier) + password + operator + value)


def error_reply(request: Frame, code: int) -> Frame:
    return Frame(request.address, request.control | ERROR, bytes((code,)))


def plain_reply(request: Frame) -> Frame:
    """A meter's yes to a write or a control."""
    return Frame(request.address, request.control | REPLY)


def energy_wh(value: bytes) -> int:
    """XXXXXX.XX kWh in four bytes → Wh."""
    if len(value) != 4:
        raise FrameError(f"energy has four bytes, not {len(value)}")
    return from_bcd(value) * 10


def encode_energy(wh: int) -> bytes:
    """Wh → XXXXXX.XX kWh, cut to 10 Wh."""
    return bcd(wh // 10, 4)


def power_w(value: bytes) -> int:
    """XX.XXXX kW in three bytes, the sign in the highest bit → W."""
    if len(value) != 3:
        raise FrameError(f"power has three bytes, not {len(value)}")
    sign = value[2] & 0x80
    tenths = from_bcd(value[:2] + bytes((value[2] & 0x7F,)))
    return -round(tenths / 10) if sign else round(tenths / 10)


def encode_power(watts: int) -> bytes:
    data = bytearray(bcd(abs(watts) * 10, 3))
    data[2] |= 0x80 if watts < 0 else 0
    return bytes(data)


def status_word(value: bytes) -> int:
    if len(value) != 2:
        raise FrameError(f"a status word has two bytes, not {len(value)}")
    return int.from_bytes(value, "little")


def expiry(moment: datetime) -> bytes:
    """ss mm hh DD MM YY in BCD (§7.11), by the meter's wall clock."""
    parts = (moment.second, moment.minute, moment.hour, moment.day, moment.month, moment.year % 100)
    return b"".join(bcd(part, 1) for part in parts)


def _identifier(text: str) -> bytes:
    if not _IDENTIFIER.fullmatch(text):
        raise FrameError(f"a data identifier is eight hex digits, not {text!r}")
    return bytes.fromhex(text)[::-1]
