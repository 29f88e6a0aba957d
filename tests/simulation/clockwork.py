"""What is not the school: a clock that only we move, a queue of what will happen, lines that lose messages,
and a database whose connection dies where it hurts. Everything random comes from the seed."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from inspect import isawaitable
from random import Random
from typing import Any

from onecard.ledger.book import LedgerUnavailable
from onecard.rules.refusals import Refusal

STEP_S = 0.05  # what happens within one step happens at once
BOUND = 20_000  # steps; beyond it something never settles

Work = Callable[[], Any]  # a coroutine function or a plain one

# The ledger's clock in the database: the session's setting, which `Database.set_now` moves.
VIRTUAL_NOW = """
CREATE OR REPLACE FUNCTION ledger_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT current_setting('simulation.now')::timestamptz
$$
"""


class Events:
    """The queue and the clock. `faulty`: lines lose, double and delay; connections die."""

    def __init__(self, seed: int, start: datetime) -> None:
        self.random = Random(seed)
        self.now = start
        self.faulty = True
        self._queue: list[tuple[datetime, int, Work]] = []
        self._numbers = itertools.count()
        self.outage_until = start

    def clock(self) -> datetime:
        return self.now

    def after(self, seconds: float, work: Work) -> None:
        steps = max(1, round(seconds / STEP_S))
        heapq.heappush(self._queue, (self.now + timedelta(seconds=steps * STEP_S), next(self._numbers), work))

    def soon(self, longest_s: float, work: Work) -> None:
        self.after(self.random.uniform(0, longest_s), work)

    async def run(self, database: Database) -> None:
        """Until nothing more will happen."""
        for _ in range(BOUND):
            if not self._queue:
                return
            self.now = self._queue[0][0]
            due = []
            while self._queue and self._queue[0][0] <= self.now:
                due.append(heapq.heappop(self._queue)[2])
            await database.set_now(self.now)
            doing = [doing for work in due if isawaitable(doing := work())]
            await asyncio.gather(*doing)
        raise AssertionError(f"still not settled at {self.now}: liveness is broken")

    # ---------------------------------------------------------------- lines

    def send(self, work: Work) -> None:
        """Over a bad line: lost, doubled, late, overtaken."""
        if not self.faulty:
            self.soon(0.3, work)
            return
        fate = self.random.random()
        if fate < 0.15:
            return
        self.soon(25 if fate < 0.35 else 1, work)
        if fate > 0.88:
            self.soon(25, work)

    def ask(self, serve: Callable[[], Awaitable[Any]], heard: Callable[[Any], Any]) -> None:
        """A request and its answer, either of which may be lost. A refusal is an answer, an outage is none."""

        async def arrive() -> None:
            try:
                answer = await serve()
            except LedgerUnavailable:
                return
            except Refusal as refusal:
                answer = refusal
            self.send(lambda: heard(answer))

        self.send(arrive)


class Until:
    """Asks again, with the same id, until an answer was heard; then `heard(answer)` once."""

    def __init__(
        self, events: Events, serve: Callable[[], Awaitable[Any]], heard: Callable[[Any], Any]
    ) -> None:
        self._events, self._serve, self._heard = events, serve, heard
        self._done = False
        self._again()

    def _again(self) -> None:
        if not self._done:
            self._events.ask(self._serve, self._answer)
            self._events.after(self._events.random.uniform(3, 9), self._again)

    def _answer(self, answer: Any) -> Any:
        if not self._done:
            self._done = True
            return self._heard(answer)
        return None


class Database:
    """One connection, as the book wants it: statements one after the other, and it dies before or after them."""

    def __init__(self, connection: Any, events: Events) -> None:
        self._connection = connection
        self._events = events
        self._lock = asyncio.Lock()

    async def set_now(self, now: datetime) -> None:
        await self._connection.execute(f"SET simulation.now = '{now.isoformat()}'")

    @asynccontextmanager
    async def acquire_connection(self) -> AsyncIterator[Any]:
        async with self._lock:
            yield _Line(self._connection, self._fate)

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        """The worker's own reads, on a line that holds."""
        async with self._lock:
            return list(await self._connection.fetch(sql, *values))

    def _fate(self) -> str | None:
        events = self._events
        if not events.faulty:
            return None
        if events.now < events.outage_until:
            return "before"
        drawn = events.random.random()
        if drawn < 0.002:
            events.outage_until = events.now + timedelta(seconds=events.random.uniform(1, 20))
        return "before" if drawn < 0.02 else "after" if drawn < 0.06 else None


class _Line:
    """A connection that may die; inside a transaction, dying rolls back."""

    def __init__(self, connection: Any, fate: Callable[[], str | None]) -> None:
        self._connection, self._fate = connection, fate

    async def fetch(self, sql: str, *values: Any) -> Any:
        return await self._dying(self._connection.fetch(sql, *values))

    async def fetchrow(self, sql: str, *values: Any) -> Any:
        return await self._dying(self._connection.fetchrow(sql, *values))

    async def execute(self, sql: str, *values: Any) -> Any:
        return await self._dying(self._connection.execute(sql, *values))

    async def _dying(self, statement: Any) -> Any:
        fate = self._fate()
        if fate == "before":
            statement.close()
            raise ConnectionResetError("simulated: before the statement")
        result = await statement
        if fate == "after":
            raise ConnectionResetError("simulated: after the statement")
        return result

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        transaction = self._connection.transaction()
        await transaction.start()
        try:
            yield
        except BaseException:
            await transaction.rollback()
            raise
        fate = self._fate()
        if fate == "before":
            await transaction.rollback()
            raise ConnectionResetError("simulated: before the commit")
        await transaction.commit()
        if fate == "after":
            raise ConnectionResetError("simulated: after the commit")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)
