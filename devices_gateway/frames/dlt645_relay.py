"""DL/T 645-2007 §7.11: a relay is opened and closed by a control frame with a password and an expiry.

Models differ in what follows the operator's code; each builder makes what one of them wants. The meter keeps no
clock that we trust, so the expiry is by the gateway's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from devices_gateway.frames.dlt645 import CONTROL, Frame, expiry

TRIP, ALLOW_CLOSE, CLOSE = 0x1A, 0x1B, 0x1C  # N1


@dataclass(frozen=True, slots=True)
class Access:
    """`password`: PA P0 P1 P2, `operator`: C0..C3, four bytes each as on the line. Never logged."""

    password: bytes
    operator: bytes

    def __post_init__(self) -> None:
        if len(self.password) != 4 or len(self.operator) != 4:
            raise ValueError("password and operator have four bytes each")

    def __repr__(self) -> str:
        return "Access(…)"


Builder = Callable[[Access, int, datetime], bytes]


def standard(access: Access, action: int, expires: datetime) -> bytes:
    """PA P0 P1 P2 · C0..C3 · N1 · N2=00 · ss mm hh DD MM YY."""
    return access.password + access.operator + bytes((action, 0x00)) + expiry(expires)


BUILDERS: Mapping[str, Builder] = {"standard": standard}


def relay_request(address: str, builder: Builder, access: Access, action: int, expires: datetime) -> Frame:
    return Frame(address, CONTROL, builder(access, action, expires))


def action_of(request: Frame) -> int:
    """N1 of a control frame; ValueError when there is none."""
    if request.control != CONTROL or len(request.data) < 10:
        raise ValueError("no relay control")
    return request.data[8]


def without_password(frame: Frame) -> Frame:
    """For logs and pictures: the password's bytes masked."""
    if frame.control not in (CONTROL, 0x14) or frame.is_reply:
        return frame
    start = 0 if frame.control == CONTROL else 4
    masked = frame.data[:start] + bytes(4) + frame.data[start + 4 :]
    return Frame(frame.address, frame.control, masked)
