"""Is somebody there? Questions that answer at once, for those who wait."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Callable

PROBE_TIMEOUT_S = 1.0


def answers(url: str) -> Callable[[], bool]:
    """Whether a GET of `url` is answered with success."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=PROBE_TIMEOUT_S) as reply:  # noqa: S310 - our own address
                return 200 <= reply.status < 300
        except (urllib.error.URLError, OSError):
            return False

    return ask


def listens(host: str, port: int) -> Callable[[], bool]:
    """Whether somebody accepts connections there."""

    def ask() -> bool:
        try:
            with socket.create_connection((host, port), PROBE_TIMEOUT_S):
                return True
        except OSError:
            return False

    return ask
