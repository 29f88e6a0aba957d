"""One suite for the fake and for Redis: so many tries, then how long to wait."""

import asyncio

import pytest

from onecard.outside.rate_limits import FakeRateLimits, Limit, LimitsUnavailable, RedisRateLimits
from onecard.outside.redis_client import open_redis

THREE = Limit("bind", count=3, window_s=60)


@pytest.fixture(params=["fake", "redis"])
async def limits(request):
    if request.param == "fake":
        yield FakeRateLimits()
        return
    async with open_redis(request.getfixturevalue("redis_url")) as redis:
        yield RedisRateLimits(redis, "school")
        await redis.connection_pool.disconnect()


async def test_within_the_limit_then_told_to_wait(limits):
    assert [await limits.take(THREE, "usr_1") for _ in range(3)] == [None, None, None]
    wait_s = await limits.take(THREE, "usr_1")
    assert wait_s is not None
    assert 55 <= wait_s <= 60


async def test_subjects_and_names_are_counted_apart(limits):
    for _ in range(3):
        await limits.take(THREE, "usr_1")
    assert await limits.take(THREE, "usr_2") is None
    assert await limits.take(Limit("issue", 3, 60), "usr_1") is None


async def test_fifty_at_once_pass_exactly_three(limits):
    answers = await asyncio.gather(*(limits.take(THREE, "usr_1") for _ in range(50)))
    assert answers.count(None) == 3


async def test_what_a_try_costs_is_counted(limits):
    dear = Limit("cost", 10, 60)
    assert await limits.take(dear, "a", 7) is None
    assert await limits.take(dear, "a", 3) is None
    assert await limits.take(dear, "a") is not None
    assert await limits.take(dear, "b", 11) is not None


async def test_a_window_ends(limits):
    short = Limit("short", count=1, window_s=1)
    assert await limits.take(short, "usr_1") is None
    waited_s = await limits.take(short, "usr_1")
    assert waited_s == 1
    for _ in range(200):
        if await limits.take(short, "usr_1") is None:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the window never ended")


async def test_one_key_a_subject_that_ends_by_itself(redis_url):
    async with open_redis(redis_url) as redis:
        limits = RedisRateLimits(redis, "school")
        await limits.take(THREE, "2002002")
        await limits.take(THREE, "2002002")
        (key,) = await redis.keys("*")
        assert b"2002002" not in key
        assert 0 < await redis.ttl(key) <= 60
        await redis.connection_pool.disconnect()


async def test_without_redis_it_says_so():
    lost = open_redis("redis://127.0.0.1:1/0")
    away = FakeRateLimits()
    away.away = True
    for limits in (RedisRateLimits(lost, "school"), away):
        with pytest.raises(LimitsUnavailable):
            await limits.take(THREE, "usr_1")
    await lost.aclose()
