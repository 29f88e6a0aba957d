"""One suite for the fake and for Redis: what a till learns about a code."""

from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from onecard.outside.code_store import (
    KEPT_AFTER_EXPIRY,
    CodeHolder,
    CodeStoreUnavailable,
    FakeCodeStore,
    RedisCodeStore,
)
from onecard.outside.redis_client import open_redis
from onecard.rules.payment_code import hash_code

CODE = hash_code("91000000000000000009")


class Watch:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture(params=["fake", "redis"])
async def store(request, watch):
    if request.param == "fake":
        yield FakeCodeStore(watch)
        return
    async with open_redis(request.getfixturevalue("redis_url")) as redis:
        yield RedisCodeStore(redis, "school", watch)
        await redis.connection_pool.disconnect()


def holder(watch, lives_s=60):
    return CodeHolder("acc_1", "张*", watch.now, watch.now + timedelta(seconds=lives_s))


async def test_a_code_leads_to_its_holder(store, watch):
    await store.put(CODE, holder(watch))
    assert await store.find(CODE) == holder(watch)


async def test_a_code_nobody_issued_is_unknown(store):
    assert await store.find(CODE) is None


async def test_an_expired_code_is_still_known(store, watch):
    """So that the till says 已过期 and not 无效."""
    await store.put(CODE, holder(watch, lives_s=-1))
    found = await store.find(CODE)
    assert found is not None
    assert found.expires_at < watch.now


async def test_long_after_it_is_forgotten(store, watch):
    await store.put(CODE, holder(watch, lives_s=-int(KEPT_AFTER_EXPIRY.total_seconds()) - 1))
    assert await store.find(CODE) is None


async def test_redis_forgets_by_itself_and_never_sees_the_code(redis_url, watch):
    async with open_redis(redis_url) as redis:
        await RedisCodeStore(redis, "school", watch).put(CODE, holder(watch))
        (key,) = await redis.keys("*")
        assert key == f"school:code:{CODE.hex()}".encode()
        assert 650 <= await redis.ttl(key) <= 660
        await redis.connection_pool.disconnect()


async def test_schools_on_one_redis_do_not_meet(redis_url, watch):
    async with open_redis(redis_url) as redis:
        await RedisCodeStore(redis, "one", watch).put(CODE, holder(watch))
        assert await RedisCodeStore(redis, "other", watch).find(CODE) is None
        await redis.connection_pool.disconnect()


async def test_without_redis_nothing_is_known(watch):
    lost: Redis = open_redis("redis://127.0.0.1:1/0")
    away = FakeCodeStore(watch)
    away.away = True
    for store in (RedisCodeStore(lost, "school", watch), away):
        with pytest.raises(CodeStoreUnavailable):
            await store.find(CODE)
        with pytest.raises(CodeStoreUnavailable):
            await store.put(CODE, holder(watch))
    await lost.aclose()
