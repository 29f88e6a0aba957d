"""Commits concurrent charges as a group: one SQL call, one commit, each request its own result.

No timer: a batch takes what queued while the previous ones ran, and a lone request goes alone at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

from onecard.ledger.keys import CallerKey
from onecard.ledger.receipts import LedgerUnavailable

IN_FLIGHT = 2  # measured: 1.97 → 2.37 × pgbench; a third brings nothing
MAXIMUM_BATCH = 256
MAXIMUM_WAITING = 4096  # beyond it the answer is "try again", at once
WAIT_S = 15.0


class Keyed(Protocol):
    @property
    def key(self) -> CallerKey: ...


Request = TypeVar("Request", bound=Keyed)
Result = TypeVar("Result")


class GroupQueue(Generic[Request, Result]):
    """`post(requests)` answers in order, one result each, and raises only when it posted nothing at all."""

    def __init__(
        self,
        post: Callable[[Sequence[Request]], Awaitable[Sequence[Result]]],
        *,
        in_flight: int = IN_FLIGHT,
        maximum_batch: int = MAXIMUM_BATCH,
        maximum_waiting: int = MAXIMUM_WAITING,
        wait_s: float = WAIT_S,
    ) -> None:
        self.on_batch: Callable[[int], None] = lambda size: None
        """Told how many requests go together, for whoever counts."""
        self._post = post
        self._in_flight = in_flight
        self._maximum_batch = maximum_batch
        self._maximum_waiting = maximum_waiting
        self._wait_s = wait_s
        self._waiting: deque[tuple[Request, asyncio.Future[Result]]] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def depth(self) -> int:
        """How many requests wait for the next batch."""
        return len(self._waiting)

    async def put(self, request: Request) -> Result:
        """The request's own result. LedgerUnavailable when the queue is full, closed, or too slow."""
        if self._closed or len(self._waiting) >= self._maximum_waiting:
            raise LedgerUnavailable("the posting queue is " + ("closed" if self._closed else "full"))
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        self._start_batches()
        try:
            async with asyncio.timeout(self._wait_s):
                return await future
        except TimeoutError as problem:
            raise LedgerUnavailable("the posting queue is too slow") from problem

    async def aclose(self) -> None:
        """Lets the batches in flight finish; whoever still waits hears LedgerUnavailable."""
        self._closed = True
        while self._waiting:
            _, future = self._waiting.popleft()
            if not future.done():
                future.set_exception(LedgerUnavailable("the posting queue is closed"))
        if self._running:
            await asyncio.wait(self._running, timeout=self._wait_s)

    def _start_batches(self) -> None:
        while self._waiting and len(self._running) < self._in_flight:
            batch = self._take()
            if not batch:
                return
            self.on_batch(len(batch))
            task = asyncio.create_task(self._run(batch))
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._start_batches()

    def _take(self) -> list[tuple[Request, asyncio.Future[Result]]]:
        """The next batch: without those nobody waits for any more, and each key at most once."""
        batch: list[tuple[Request, asyncio.Future[Result]]] = []
        again: list[tuple[Request, asyncio.Future[Result]]] = []
        keys: set[str] = set()
        while self._waiting and len(batch) < self._maximum_batch:
            request, future = self._waiting.popleft()
            if future.done():
                continue
            if request.key.text in keys:
                again.append((request, future))
                continue
            keys.add(request.key.text)
            batch.append((request, future))
        self._waiting.extendleft(reversed(again))
        return batch

    async def _run(self, batch: list[tuple[Request, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._post([request for request, _ in batch])
        except Exception as problem:
            if len(batch) == 1 or isinstance(problem, LedgerUnavailable):
                for _, future in batch:
                    if not future.done():
                        future.set_exception(problem)
                return
            for one in batch:  # one poisoned request fails alone
                await self._run([one])
            return
        except asyncio.CancelledError:
            for _, future in batch:
                future.cancel()
            raise
        assert len(results) == len(batch), "a result for each request"
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
