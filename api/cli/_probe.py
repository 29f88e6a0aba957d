"""Is somebody there? Questions that answer at once, for those who wait."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Callable

from api.cli._failure import Failure

PROBE_TIMEOUT_S = 1.0
REDIS_TIMEOUT_S = 5.0


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


def ask_redis(url: str) -> str:
    """Its version; Failure when `url` is none, redis.ConnectionError when it does not let us in."""
    import redis

    try:
        client = redis.Redis.from_url(
            url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
        )
    except ValueError:
        raise Failure(
            "ONECARD_REDIS_URL is not an address of Redis.", "Correct it: redis://:password@host:6379/0."
        ) from None
    with client:
        server = client.info("server")
    return str(server.get("valkey_version") or server["redis_version"])
