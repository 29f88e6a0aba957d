"""What DL/T 645 and CJ/T 188 share on the line: `FE* 68 … CS 16`, sums for checksums, numbers in BCD."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

START, END, WAKE = 0x68, 0x16, 0xFE
REPLY, ERROR = 0x80, 0xC0  # of a control code: a reply's, and an error's

F = TypeVar("F")


class FrameError(ValueError):
    """Bytes that are a frame, and do not say what was expected."""


class LineFrame:
    """What a frame's control code says of it."""

    __slots__ = ()
    control: int

    @property
    def is_reply(self) -> bool:
        return bool(self.control & REPLY)

    @property
    def is_error(self) -> bool:
        return self.control & ERROR == ERROR


class LineFramer(ABC, Generic[F]):
    """`feed(bytes) -> frames`. Noise between frames, and frames with a bad checksum, are passed over and counted.

    A protocol says in `size_of` how long the frame is that begins with these bytes: None while too few of them are
    here, 0 when no frame begins so. It bounds that length, which protects memory from a line full of noise.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.passed_over = 0  # bytes
        self.bad_checksums = 0

    @abstractmethod
    def size_of(self, head: bytearray) -> int | None: ...

    @abstractmethod
    def read(self, whole: bytes) -> F: ...

    def clear(self) -> None:
        """Forget what has not become a frame: it belongs to an earlier question."""
        self._buffer.clear()

    def feed(self, data: bytes) -> list[F]:
        self._buffer += data
        frames: list[F] = []
        while self._buffer:
            size = self.size_of(self._buffer) if self._buffer[0] == START else 0
            if size is None or len(self._buffer) < size:
                break
            whole = bytes(self._buffer[:size])
            if not whole or whole[-1] != END:
                self._drop()
            elif whole[-2] != checksum(whole[:-2]):
                self.bad_checksums += 1
                self._drop()
            else:
                del self._buffer[:size]
                frames.append(self.read(whole))
        return frames

    def _drop(self) -> None:
        del self._buffer[:1]
        self.passed_over += 1


def closed(body: bytes, wake: int) -> bytes:
    """A frame's bytes for the line, after `wake` bytes FE that let a sleeping meter find the start."""
    return bytes((WAKE,)) * wake + body + bytes((checksum(body), END))


def checksum(data: bytes) -> int:
    return sum(data) & 0xFF


def bcd(value: int, size: int) -> bytes:
    """A number in `size` bytes of BCD, least significant byte first. FrameError when it does not fit."""
    digits = f"{value:0{2 * size}d}"
    if value < 0 or len(digits) > 2 * size:
        raise FrameError(f"{value} does not fit into {size} bytes of BCD")
    return bytes.fromhex(digits)[::-1]


def from_bcd(data: bytes) -> int:
    """FrameError where a half-byte is no digit."""
    digits = data[::-1].hex()
    if not digits.isdecimal():
        raise FrameError(f"{digits} is no BCD")
    return int(digits)
