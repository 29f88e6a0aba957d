"""One suite for the fake and for Redis: whoever listens is told to look again."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from support.waiting import until

from onecard.outside.events import FakeEvents, RedisEvents
from onecard.outside.redis_client import open_redis

SOON_S = 10


async def woken(iterator):
    async with asyncio.timeout(SOON_S):
        await anext(iterator)


async def quiet(iterator):
    """Nothing comes for a moment."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await anext(iterator)


@pytest.fixture(params=["fake", "redis", "two processes"])
async def ends(request):
    """(who publishes, who listens)"""
    if request.param == "fake":
        fake = FakeEvents()
        yield fake, fake
        return
    async with AsyncExitStack() as stack:

        async def end():
            redis = await stack.enter_async_context(open_redis(request.getfixturevalue("redis_url")))
            stack.push_async_callback(redis.connection_pool.disconnect)
            events = await stack.enter_async_context(RedisEvents(redis, "school"))
            await until(lambda: events.connected, "the listening connection")
            return events

        speaker = await end()
        yield speaker, speaker if request.param == "redis" else await end()


async def settled(iterator):
    """Past the wake-ups that come with subscribing: from here on each one means a change."""
    while True:
        try:
            async with asyncio.timeout(0.2):
                await anext(iterator)
        except TimeoutError:
            return


async def test_the_first_look_comes_at_once(ends):
    _, listener = ends
    async with listener.accounts("acc_1") as changes:
        await woken(changes)


async def test_a_change_wakes_its_listeners_and_nobody_else(ends):
    speaker, listener = ends
    async with listener.accounts("acc_1") as one, listener.accounts("acc_2") as other:
        await settled(one)
        await settled(other)
        speaker.account_changed("acc_1")
        await woken(one)
        await quiet(other)


async def test_two_pages_of_one_account_are_both_told(ends):
    speaker, listener = ends
    async with listener.accounts("acc_1") as one:
        async with listener.accounts("acc_1") as other:
            await settled(one)
            await settled(other)
            speaker.account_changed("acc_1")
            await woken(one)
            await woken(other)
        await settled(one)
        speaker.account_changed("acc_1")
        await woken(one)


async def test_a_gateway_hears_of_its_commands(ends):
    speaker, listener = ends
    async with listener.commands("gwy_1") as changes:
        await settled(changes)
        speaker.device_command("gwy_2")
        await quiet(changes)
        speaker.device_command("gwy_1")
        await woken(changes)


async def test_a_hundred_quick_changes_need_no_hundred_looks(ends):
    speaker, listener = ends
    async with listener.accounts("acc_1") as changes:
        await settled(changes)
        for _ in range(100):
            speaker.account_changed("acc_1")
        await woken(changes)


async def test_every_process_forgets_a_changed_terminal(redis_url):
    forgotten = []
    async with open_redis(redis_url) as here, open_redis(redis_url) as there:
        async with (
            RedisEvents(here, "school") as speaker,
            RedisEvents(there, "school", on_terminal=forgotten.append) as other,
        ):
            await until(lambda: other.connected, "the listening connection")
            speaker.terminal_changed("10000001")
            await until(lambda: forgotten == ["10000001"], "the news of the terminal")
        await here.connection_pool.disconnect()
        await there.connection_pool.disconnect()


async def test_a_cut_connection_is_a_gap_after_which_everybody_looks_again(redis_url):
    gaps = []
    async with open_redis(redis_url) as redis, open_redis(redis_url) as knife:
        async with RedisEvents(redis, "school", on_gap=lambda: gaps.append(1)) as events:
            await until(lambda: events.connected, "the listening connection")
            async with events.accounts("acc_1") as changes:
                await settled(changes)
                before = len(gaps)
                await knife.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
                await until(lambda: len(gaps) > before, "the gap to be noticed")
                await settled(changes)
                events.account_changed("acc_1")
                await woken(changes)
        await redis.connection_pool.disconnect()
        await knife.connection_pool.disconnect()


async def test_without_redis_publishing_neither_waits_nor_fails_and_this_process_still_hears():
    async with (
        open_redis("redis://127.0.0.1:1/0") as lost,
        RedisEvents(lost, "school") as events,
        events.accounts("acc_1") as changes,
    ):
        await settled(changes)
        events.account_changed("acc_1")
        await woken(changes)
