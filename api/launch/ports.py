"""Ports for servers that are not told one, below those the kernel lends to outgoing connections.

A port that comes from binding to 0 is one of the kernel's: while its server is down for a second, any connection
of any program may be given it, and the server cannot come back to where it was.
"""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

LOWEST = 20_000
USUAL_END = 32_768  # Linux lends from here
_LENT = Path("/proc/sys/net/ipv4/ip_local_port_range")
_TRIES = 1_000


def free_ports(count: int = 1) -> int:
    """The first of `count` neighbouring ports of 127.0.0.1 on which nobody listens."""
    candidates = range(LOWEST, _first_lent() - count + 1)
    for _ in range(_TRIES if candidates else 0):
        first = secrets.choice(candidates)  # at random: others look at the same time
        if all(is_free(first + more) for more in range(count)):
            return first
    raise OSError(f"no {count} free ports from {candidates.start} to {candidates.stop}")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _first_lent() -> int:
    try:
        first = int(_LENT.read_text().split()[0])
    except OSError:  # not Linux
        return USUAL_END
    return first if first > LOWEST + 1_000 else USUAL_END  # a system that lends almost all: take our chance
