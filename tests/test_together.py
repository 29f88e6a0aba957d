"""Questions asked at the same time go out as one, and everybody hears their own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from onecard.together import Together

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
    together = Together(oracle, in_flight=1)
    first = asyncio.create_task(together(1))
    await oracle.heard.wait()
    others = [asyncio.create_task(together(n)) for n in (2, 3, 3, 4)]
    await asyncio.sleep(0)
    oracle.go.set()
    assert await asyncio.gather(first, *others) == [1, 4, 9, 9, 16]
    assert oracle.asked == [[1], [2, 3, 3, 4]]
    assert await together(5) == 25


async def test_one_that_hangs_holds_up_only_those_who_went_with_it() -> None:
    hanging, oracle = asyncio.Event(), Oracle()
    oracle.go.set()

    async def ask(questions: Sequence[int]) -> list[int]:
        if 1 in questions:
            await hanging.wait()
        return await oracle(questions)

    together = Together(ask)
    stuck = [asyncio.create_task(together(n)) for n in (1, 1)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await asyncio.gather(together(2), together(3)) == [4, 9]
    assert oracle.asked == [[2, 3]]
    hanging.set()
    assert await asyncio.gather(*stuck) == [1, 1]


async def test_a_batch_has_a_bound() -> None:
    oracle = Oracle()
    oracle.go.set()
    together = Together(oracle, in_flight=1, most_at_once=3)
    assert await asyncio.gather(*map(together, range(7))) == [n**2 for n in range(7)]
    assert [len(batch) for batch in oracle.asked] == [3, 3, 1]


async def test_everybody_hears_of_a_silence_once_and_the_next_asks_anew() -> None:
    oracle = Oracle()
    together = Together(oracle, in_flight=1)
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


async def test_nobody_is_left_waiting_whatever_the_moment() -> None:
    """Questions come at every turn of the loop, also the one in which the last answer goes out."""

    async def ask(questions: Sequence[int]) -> list[int]:
        for _ in range(sum(questions) % 3):
            await asyncio.sleep(0)
        return list(questions)

    for in_flight in (1, 2, 3):
        together = Together(ask, in_flight=in_flight)

        async def come(number: int, together: Together[int, int] = together) -> int:
            for _ in range(number):
                await asyncio.sleep(0)
            return await together(number)

        async with asyncio.timeout(10):
            assert await asyncio.gather(*map(come, range(60))) == list(range(60))


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
