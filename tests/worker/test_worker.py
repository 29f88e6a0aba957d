"""The worker on a real queue: what was asked of it is done, by one or by several, through outages."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest

from api.worker import SCANS, Scan, return_cases, work_with
from onecard.actions.settle_recharge import settle_recharge
from onecard.ledger.book import caller_key
from onecard.outside.providers import ProviderUnavailable
from onecard.rules.kinds import RechargeMethod

PATIENCE_S = 40


@asynccontextmanager
async def worker(town, scans=()):
    stop = asyncio.Event()
    task = asyncio.create_task(work_with(town.parts, stop, scans))
    try:
        yield task
    finally:
        stop.set()
        async with asyncio.timeout(15):
            await task


async def until(town, statement, wanted):
    """The tables say so, in time."""
    last = None
    for _ in range(PATIENCE_S * 10):
        try:
            last = await town.value(statement)
        except (OSError, asyncpg.PostgresError) as problem:
            last = problem
        if last == wanted:
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"{statement} is {last!r}, not {wanted!r}")


async def due(town):
    """Time for every job."""
    await town.execute("UPDATE pgqueuer SET execute_after = now()")


STATE = "SELECT state FROM recharge_order"
REFUND = "SELECT state FROM refund"
JOBS = "SELECT count(*) FROM pgqueuer"


async def test_a_lost_notification_is_made_up_for_by_the_job(town):
    order = await town.order(5000)
    town.wechat.pay(order.out_trade_no)
    await due(town)
    async with worker(town):
        await until(town, STATE, "CREDITED")
        await until(town, JOBS, 0)
    assert (await town.wallets()).balance_fen == 5000


async def test_an_unpaid_order_is_asked_about_again_and_closed_in_the_end(town):
    await town.order(5000)
    await due(town)
    async with worker(town):
        await until(town, "SELECT attempts FROM pgqueuer WHERE status = 'queued'", 1)
        assert await town.value(STATE) == "ORDERED"
        assert await town.value("SELECT execute_after > now() FROM pgqueuer")
        town.watch.ahead = timedelta(hours=3)
        await due(town)
        await until(town, STATE, "CLOSED")
        await until(town, JOBS, 0)


async def test_two_workers_do_it_once(town):
    for _ in range(5):
        order = await town.order(1000)
        town.wechat.pay(order.out_trade_no)
    await due(town)
    async with worker(town, SCANS), worker(town, SCANS):
        await until(town, "SELECT count(*) FROM recharge_order WHERE state = 'CREDITED'", 5)
        await until(town, JOBS, 0)
    assert (await town.wallets()).balance_fen == 5000
    assert await town.transfers() == 5
    assert len(town.wecom.sent) == 5


async def test_wecom_away_the_holder_is_told_later_and_once(town):
    town.wecom.failure = ProviderUnavailable("played")
    await town.give(5000)
    await due(town)
    async with worker(town):
        await until(town, "SELECT min(attempts) FROM pgqueuer WHERE entrypoint = 'tell_holder'", 1)
        town.wecom.failure = None
        await due(town)
        await until(town, JOBS, 0)
    ((who, said),) = town.wecom.sent
    assert who == "ouyang"
    assert "50.00" in said


async def test_nobody_is_asked_before_they_want_it(town):
    town.wecom.failure = ProviderUnavailable("30 messages a minute", retry_after_s=50)
    await town.give(5000)
    await due(town)
    async with worker(town):
        await until(town, "SELECT min(attempts) FROM pgqueuer WHERE entrypoint = 'tell_holder'", 1)
    wait = "SELECT execute_after - updated > interval '49 s' FROM pgqueuer WHERE entrypoint = 'tell_holder'"
    assert await town.value(wait)


async def test_money_that_fits_nothing_is_sent_back(town):
    town.wechat.pay("unknown0001", 3000)
    told = town.wechat.read_notification(*town.wechat.payment_notification("unknown0001"))
    await settle_recharge(town.parts, told, RechargeMethod.WECHAT)
    async with worker(town, (Scan("return_cases", 1, return_cases),)):
        await until(town, REFUND, "ASKED")
        town.wechat.finish_refund(await town.value("SELECT out_refund_no FROM refund"))
        await due(town)
        await until(town, REFUND, "DONE")


async def test_scans_expire_roll_up_and_seal(town):
    await town.give(5000)
    account_id = (await town.wallets()).account_id
    merchant_id = await town.value("SELECT id FROM merchant")
    await town.parts.book.place_hold(
        caller_key("ter_x", "h", amount_fen=50),
        account_id,
        50,
        merchant_id=merchant_id,
        terminal_id="ter_x",
        expires_at=town.watch() + timedelta(seconds=1),
    )
    town.watch.ahead = timedelta(minutes=5)
    async with worker(town, SCANS):
        await until(town, "SELECT state FROM hold", "EXPIRED")
        await until(town, "SELECT count(*) > 0 FROM seal_block", True)
        await until(town, "SELECT base_id + 0 >= 0 FROM rollup_fence", True)
        await until(town, "SELECT sum(amount)::int FROM rollup WHERE account = 'wechat'", 5000)


async def test_a_scan_that_fails_stops_no_other_and_comes_again(town):
    turns = []

    async def broken(parts):
        turns.append("broken")
        raise RuntimeError("played")

    async def sound(parts):
        turns.append("sound")
        return 0

    async with worker(town, (Scan("broken", 0.05, broken), Scan("sound", 0.05, sound))):
        for _ in range(PATIENCE_S * 10):
            if turns.count("broken") > 2 and turns.count("sound") > 2:
                return
            await asyncio.sleep(0.1)
    pytest.fail(f"{turns}")


async def test_every_connection_cut_and_the_work_goes_on(town):
    async with worker(town, SCANS) as task:
        await until(
            town,
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'onecard worker jobs' "
            "AND datname = current_database()",
            1,
        )
        order = await town.order(5000)
        town.wechat.pay(order.out_trade_no)
        await town.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await due(town)
        await until(town, STATE, "CREDITED")
        assert not task.done()
    assert (await town.wallets()).balance_fen == 5000
