"""One Redis client a process, with every wait bounded: a lost Redis must cost milliseconds, not a lunch."""

from __future__ import annotations

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

CONNECT_S = 0.5
ANSWER_S = 0.5
POOL = 64  # connections; further callers wait POOL_WAIT_S for one
POOL_WAIT_S = 0.5


def open_redis(url: str) -> Redis:
    """A client for `url`; nothing is connected yet. Close it with `aclose()`."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=POOL,
        timeout=POOL_WAIT_S,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        # Once more, at once: a connection that the server closed meanwhile is replaced unnoticed.
        retry=Retry(NoBackoff(), 1),
        retry_on_error=[RedisConnectionError],
        health_check_interval=15,
    )
    return Redis.from_pool(pool)
