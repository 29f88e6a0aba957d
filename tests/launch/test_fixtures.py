"""What other tests build on: a database and a Redis of their own."""

from datetime import UTC, datetime

import pytest
import redis.asyncio
from support.campus import open_campus
from support.database import connected


@pytest.mark.parametrize("round_", [1, 2])
async def test_each_test_has_a_fresh_migrated_database(database, round_):
    async with connected(database) as connection:
        assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0
        await connection.execute(
            "INSERT INTO pgqueuer (priority, status, entrypoint) VALUES (0, 'queued', 'probe')"
        )


@pytest.mark.parametrize("round_", [1, 2])
async def test_each_test_has_an_empty_redis(redis_url, round_):
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("probe", "1", ex=60)


async def test_stories_are_told_at_any_hour(database, redis_url):
    """A campus for tests recharges at night too: the suite must not be red from 22:55 to 05:00."""
    async with open_campus(database, redis_url) as campus:
        hours = campus.parts.policy.recharge_hours
        assert all(hours.is_open(datetime(2026, 11, 26, hour, 59, tzinfo=UTC)) for hour in range(24))
