"""Questions asked at the same time go out as one, and everybody hears their own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from onecard.outside.together import Together

pytestmark = pytest.mark.pure


class Oracle:
    """Answers n with n²; held back until `go` is set, failing with `problem`."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.heard = asyncio.Event()
        self.go = asyncio.Event()
        self.problem: BaseException | None = None

    async def __call__(self, questions: Sequence[int]) -> list[int]:
        self.asked.append(list(questions))
        self.heard.set()
        await self.go.wait()
        if self.problem:
            raise self.problem
        return [question**2 for question in questions]


async def test_a_lone_question_goes_at_once_and_those_that_come_meanwhile_go_together() -> None:
    oracle = Oracle()
    together = Together(oracle)
    first = asyncio.create_task(together(1))
    await oracle.heard.wait()
    others = [asyncio.create_task(together(n)) for n in (2, 3, 3, 4)]
    await asyncio.sleep(0)
    oracle.go.set()
    assert await asyncio.gather(first, *others) == [1, 4, 9, 9, 16]
    assert oracle.asked == [[1], [2, 3, 3, 4]]
    assert await together(5) == 25


async def test_a_batch_has_a_bound() -> None:
    oracle = Oracle()
    oracle.go.set()
    together = Together(oracle, most_at_once=3)
    assert await asyncio.gather(*map(together, range(7))) == [n**2 for n in range(7)]
    assert [len(batch) for batch in oracle.asked] == [3, 3, 1]


async def test_everybody_hears_of_a_silence_once_and_the_next_asks_anew() -> None:
    oracle = Oracle()
    together = Together(oracle)
    oracle.problem = TimeoutError("no answer")
    first = asyncio.create_task(together(1))
    await oracle.heard.wait()
    second = asyncio.create_task(together(2))
    await asyncio.sleep(0)
    oracle.go.set()
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(result) for result in results] == [TimeoutError, TimeoutError]
    assert oracle.asked == [[1]], "nobody waits out the same silence twice"
    oracle.problem = None
    assert await together(3) == 9


async def test_who_went_away_leaves_the_others_their_answers() -> None:
    oracle = Oracle()
    together = Together(oracle)
    tasks = [asyncio.create_task(together(n)) for n in (1, 2, 3)]
    await oracle.heard.wait()
    tasks[1].cancel()
    oracle.go.set()
    assert await tasks[0] == 1
    assert await tasks[2] == 9
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]
