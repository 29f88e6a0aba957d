"""Questions asked at the same time go out as one: a round trip and a client's overhead shared by all of them.

No timer: a lone question goes at once, and those that come while IN_FLIGHT are under way go together after one of
them. More than one, so that a connection that hangs holds up only those who asked with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

IN_FLIGHT = 3
MOST_AT_ONCE = 500

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """`ask(questions)` answers in order, one each, in bounded time; what it raises, everybody hears."""

    def __init__(
        self,
        ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]],
        *,
        in_flight: int = IN_FLIGHT,
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:
        self._ask = ask
        self._in_flight = in_flight
        self._most_at_once = most_at_once
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._tasks: set[asyncio.Task[None]] = set()  # only so that they are not collected
        self._under_way = 0
        self._starting = False

    async def __call__(self, question: Question) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if not self._starting and self._under_way < self._in_flight:
            self._starting = True  # whoever else asks in this moment goes along
            self._under_way += 1
            task = asyncio.create_task(self._ask_all())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _ask_all(self) -> None:
        self._starting = False
        try:
            while self._waiting:
                batch = self._waiting[: self._most_at_once]
                del self._waiting[: self._most_at_once]
                await self._ask_these(batch)
        finally:
            self._under_way -= 1  # with the last look at who waits: nobody is left between

    async def _ask_these(self, batch: list[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._ask([question for question, _ in batch])
        except BaseException as problem:
            # Also to those who came meanwhile: nobody waits out the same silence twice.
            self._tell(batch + self._waiting, problem)
            self._waiting.clear()
            if not isinstance(problem, Exception):
                raise
            return
        assert len(answers) == len(batch), "an answer for each question"
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    def _tell(
        self, unanswered: list[tuple[Question, asyncio.Future[Answer]]], problem: BaseException
    ) -> None:
        for _, future in unanswered:
            if future.done():
                continue
            if isinstance(problem, Exception):
                future.set_exception(problem)
            else:
                future.cancel()
