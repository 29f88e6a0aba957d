"""Runs one transaction against the database, again when it may help, and never forever.

A deadlock, a serialization failure, a key that another transaction took meanwhile, a lost connection, a full disk
and a server that became a standby are tried again with the same key, so nothing can be posted twice. What stays is
`LedgerUnavailable`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import structlog

from onecard.ledger.receipts import LedgerUnavailable

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

ATTEMPTS = 6
FIRST_PAUSE_S = 0.01  # doubles each time, ±50 %: 0.3 s in all
TIMEOUT_S = 10.0  # for one attempt, waiting for a connection included

# Nothing was committed, or we cannot know: the key tells when it is tried again.
DATABASE_AWAY = (
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server hung up between two questions
    asyncpg.OperatorInterventionError,  # shut down, starting up, cancelled
    asyncpg.InsufficientResourcesError,  # disk, memory, connections
    asyncpg.PostgresSystemError,  # the disk gave an error
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,  # the server became a standby
    OSError,  # ConnectionError and TimeoutError are ones
)
# The connection itself is of no use any more: not back into the pool.
_SPOILT = (asyncpg.InternalClientError, asyncpg.ReadOnlySQLTransactionError)

T = TypeVar("T")
Work = Callable[[Any], Awaitable[T]]

log = structlog.get_logger(__name__)


async def attempt(database: BaseDBAsyncClient, work: Work[T]) -> T:
    """`work(connection)` in no transaction of ours: one statement, or it opens its own.

    Raises LedgerUnavailable when the database does not answer; what `work` raises otherwise.
    """
    pause_s = FIRST_PAUSE_S
    for turn in range(1, ATTEMPTS + 1):
        try:
            async with asyncio.timeout(TIMEOUT_S), database.acquire_connection() as connection:
                try:
                    return await work(connection)
                except _SPOILT:
                    connection.terminate()
                    raise
        except asyncpg.UniqueViolationError:
            # Somebody else's key, reference or claim came first: next time we read theirs.
            if turn == ATTEMPTS:
                raise
        except TimeoutError as problem:
            raise LedgerUnavailable("the database did not answer in time") from problem
        except DATABASE_AWAY as problem:
            if turn == ATTEMPTS:
                raise LedgerUnavailable(
                    f"the database does not answer: {type(problem).__name__}"
                ) from problem
            log.info("ledger_retries", problem=type(problem).__name__, turn=turn)
        await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - only spreads the retries
        pause_s *= 2
    raise AssertionError("unreachable")
