"""How a chapter of the book asks the database: one function call, its answer read, its refusal raised."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from onecard.ledger.attempts import attempt
from onecard.ledger.receipts import LedgerUnavailable, raise_refused
from onecard.rules.clock import Clock
from onecard.rules.policy import Policy

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

DAYS_TRIED = 4  # a posting that waits over 23:00 tries twice; more is a clock gone wrong

Row = Mapping[str, Any]
T = TypeVar("T")


class Chapter(ABC):
    """What the chapters share; `Book` is all of them together."""

    _database: BaseDBAsyncClient
    _policy: Policy
    _clock: Clock

    @abstractmethod
    async def close_day_if_due(self) -> date:
        """The book's: closes the accounting day when it is over; the open day afterwards."""

    async def _answer(
        self, sql: str, *values: Any, then: Callable[[Any, Row], Awaitable[None]] | None = None
    ) -> Row:
        """The row of a posting function; raises its refusal. Closes a day that is over, and asks again.

        `then(connection, row)` runs in the same transaction, for what was posted now (not for replays).
        """

        async def post(connection: Any) -> Row:
            if then is None:
                row: Row = await connection.fetchrow(sql, *values)
                return row
            async with connection.transaction():
                row = await connection.fetchrow(sql, *values)
                if row["outcome"] not in ("REPLAYED", "REFUSED", "CONFLICT", "DAY_OVER"):
                    await then(connection, row)
                return row

        row = await self._in_an_open_day(post, lambda row: bool(row["outcome"] == "DAY_OVER"))
        raise_refused(row)
        return row

    async def _in_an_open_day(self, post: Callable[[Any], Awaitable[T]], is_over: Callable[[T], bool]) -> T:
        for _ in range(DAYS_TRIED):
            answer = await attempt(self._database, post)
            if not is_over(answer):
                return answer
            await self.close_day_if_due()
        raise LedgerUnavailable("the accounting day is over, again and again")

    async def _row(self, sql: str, *values: Any) -> Row:
        async def ask(connection: Any) -> Row:
            row: Row = await connection.fetchrow(sql, *values)
            return row

        return await attempt(self._database, ask)

    async def _value(self, sql: str, *values: Any) -> Any:
        return next(iter((await self._row(sql, *values)).values()))

    async def _run(self, connection: BaseDBAsyncClient | None, sql: str, *values: Any) -> None:
        """In the caller's transaction when there is one; then a failure is the caller's to try again."""
        if connection is None:
            await self._row(sql, *values)
            return
        async with connection.acquire_connection() as raw:
            await raw.execute(sql, *values)
