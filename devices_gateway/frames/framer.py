"""Splits a TCP stream into messages: length (2 bytes, big-endian, without itself) | message."""

from __future__ import annotations

MAX_MESSAGE_BYTES = 2048  # a peer may claim 65,535; protects the gateway's memory from every terminal
MIN_MESSAGE_BYTES = 12  # MTI and bitmap
LENGTH_BYTES = 2


class Framer:
    """`feed(bytes) -> messages`. Nothing marks where a message begins: once `broken`, it stays so."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.broken: str | None = None

    @property
    def waiting(self) -> bool:
        """Whether a message has begun and is not complete."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are complete now; keeps at most one incomplete message."""
        if self.broken:
            return []
        self._buffer += data
        messages: list[bytes] = []
        used = 0
        while len(self._buffer) - used >= LENGTH_BYTES:
            length = int.from_bytes(self._buffer[used : used + LENGTH_BYTES], "big")
            if not MIN_MESSAGE_BYTES <= length <= MAX_MESSAGE_BYTES:
                self.broken = f"a message of {length} bytes"
                self._buffer.clear()
                return messages
            end = used + LENGTH_BYTES + length
            if end > len(self._buffer):
                break
            messages.append(bytes(self._buffer[used + LENGTH_BYTES : end]))
            used = end
        del self._buffer[:used]
        return messages


def with_length(message: bytes) -> bytes:
    assert MIN_MESSAGE_BYTES <= len(message) <= MAX_MESSAGE_BYTES, "our own messages are short"
    return len(message).to_bytes(LENGTH_BYTES, "big") + message
