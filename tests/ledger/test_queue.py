"""The group-commit queue alone: no timer, bounds, each request its own result."""

import asyncio
from dataclasses import dataclass

import pytest

from onecard.ledger.keys import CallerKey
from onecard.ledger.queue import GroupQueue
from onecard.ledger.receipts import LedgerUnavailable

pytestmark = pytest.mark.pure


@dataclass(frozen=True)
class Request:
    name: str

    @property
    def key(self):
        return CallerKey(self.name, b"")


class Database:
    """Records the batches; `gate` holds them until it is set."""

    def __init__(self):
        self.batches = []
        self.gate = asyncio.Event()
        self.at_once = 0
        self.most_at_once = 0

    async def post(self, requests):
        self.batches.append([request.name for request in requests])
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
        finally:
            self.at_once -= 1
        if any(request.name == "poison" for request in requests):
            raise ZeroDivisionError
        return [f"did {request.name}" for request in requests]


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_lone_request_goes_alone_and_at_once():
    database = Database()
    database.gate.set()
    assert await GroupQueue(database.post).put(Request("a")) == "did a"
    assert database.batches == [["a"]]


async def test_two_batches_in_flight_and_the_next_takes_what_queued_meanwhile():
    database = Database()
    queue = GroupQueue(database.post)
    waiting = [asyncio.create_task(queue.put(Request(name))) for name in "abcdefgh"]
    await settle()
    assert database.batches == [["a"], ["b"]]
    database.gate.set()
    assert await asyncio.gather(*waiting) == [f"did {name}" for name in "abcdefgh"]
    assert database.batches == [["a"], ["b"], [*"cdefgh"]]
    assert database.most_at_once == 2


async def test_whoever_counts_is_told_how_many_go_together():
    database, told = Database(), []
    queue = GroupQueue(database.post)
    queue.on_batch = told.append
    tasks = [asyncio.create_task(queue.put(Request(name))) for name in "abcde"]
    await settle()
    database.gate.set()
    await asyncio.gather(*tasks)
    assert told == [len(batch) for batch in database.batches] == [1, 1, 3]


async def test_a_batch_has_a_size_and_one_key_once():
    database = Database()
    queue = GroupQueue(database.post, in_flight=1, maximum_batch=3)
    waiting = [asyncio.create_task(queue.put(Request(name))) for name in ["x", "a", "a", "b", "c", "d", "a"]]
    await settle()
    database.gate.set()
    await asyncio.gather(*waiting)
    assert database.batches == [["x"], ["a", "b", "c"], ["a", "d"], ["a"]]


async def test_one_poisoned_request_fails_alone():
    database = Database()
    queue = GroupQueue(database.post, in_flight=1)
    waiting = [asyncio.create_task(queue.put(Request(name))) for name in ["x", "a", "poison", "b"]]
    await settle()
    database.gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(one) for one in results[:2]] == ["did x", "did a"]
    assert isinstance(results[2], ZeroDivisionError)
    assert results[3] == "did b"


async def test_a_waiter_that_leaves_takes_nobody_with_it():
    database = Database()
    queue = GroupQueue(database.post, in_flight=1)
    waiting = [asyncio.create_task(queue.put(Request(name))) for name in "abcd"]
    await settle()
    waiting[0].cancel()  # in flight
    waiting[2].cancel()  # still queued: nobody waits, so it is not sent
    await settle()
    database.gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one).__name__ for one in results] == ["CancelledError", "str", "CancelledError", "str"]
    assert database.batches == [["a"], ["b", "d"]]


async def test_a_full_queue_says_so_at_once_and_a_slow_one_in_time():
    database = Database()
    queue = GroupQueue(database.post, in_flight=1, maximum_waiting=2, wait_s=0.05)
    waiting = [asyncio.create_task(queue.put(Request(name))) for name in "abc"]
    await settle()
    with pytest.raises(LedgerUnavailable, match="full"):
        await queue.put(Request("d"))
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(one, LedgerUnavailable) for one in results)
    database.gate.set()


async def test_closing_finishes_what_is_in_flight():
    database = Database()
    queue = GroupQueue(database.post, in_flight=1)
    flying, queued = (asyncio.create_task(queue.put(Request(name))) for name in "ab")
    await settle()
    closing = asyncio.create_task(queue.aclose())
    await settle()
    database.gate.set()
    await closing
    assert await flying == "did a"
    with pytest.raises(LedgerUnavailable, match="closed"):
        await queued
    with pytest.raises(LedgerUnavailable, match="closed"):
        await queue.put(Request("c"))
