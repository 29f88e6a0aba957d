"""Redis flushed, killed and restarted under payments: no money difference; it never held a truth about money."""

import asyncio
import os
import signal

import pytest
import redis
from faults.shop import FULL_FEN, Shop
from support.campus import open_campus
from support.servers import server_folder
from support.waiting import until

from api.launch import EmbeddedValkey

HANDS, ROUNDS = 4, 3


@pytest.fixture
def valkey():
    with server_folder() as folder:
        server = EmbeddedValkey(folder / "valkey")
        try:
            yield server
        finally:
            server.stop()


async def flush(server, url):
    with redis.Redis.from_url(url) as client:
        client.flushall()


async def kill(server, url):
    os.kill(server.pid, signal.SIGKILL)
    await asyncio.to_thread(server.stop)
    await asyncio.sleep(0.2)  # the tills meet the silence
    assert server.start() == url


@pytest.mark.parametrize("strike", [flush, kill], ids=lambda strike: strike.__name__)
async def test_there_is_no_money_difference(database, valkey, strike):
    url = valkey.start()
    async with open_campus(database, url) as campus:
        await campus.top_up("student", FULL_FEN)
        shop = Shop(campus, database)
        working = asyncio.create_task(shop.till.work(HANDS))
        for _ in range(ROUNDS):
            enough = len(shop.till.acknowledged) + 20
            await until(lambda enough=enough: len(shop.till.acknowledged) >= enough, "payments to go through")
            await strike(valkey, url)
        enough = len(shop.till.acknowledged) + 20
        await until(lambda: len(shop.till.acknowledged) >= enough, "payments to go on after the last time")
        shop.till.stop()
        await working
        await shop.till.resolve()
        charged, refused = await shop.compare()
        assert charged >= 20 * ROUNDS
        assert set(shop.till.acknowledged.values()) - {"CODE_UNKNOWN"} == {
            answer for answer in shop.till.acknowledged.values() if answer.startswith("bil_")
        }
        # What was paid before is answered without Redis: looked up by id, before the code.
        os.kill(valkey.pid, signal.SIGKILL)
        valkey.stop()
        number, answer = next(iter(shop.till.acknowledged.items()))
        assert await shop.pay(number) == answer
        assert await shop.compare() == (charged, refused)
