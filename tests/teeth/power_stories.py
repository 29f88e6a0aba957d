"""Short stories about electricity. Each passes on the code as it is; a deliberate bug must make one of them fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from support.dorm import POWER, WH_PER_FEN, Dorm
from support.ledger import School
from teeth.stories import books_hold, refused

from onecard.rules.kinds import ElectricityState, PayMethod
from onecard.rules.refusals import RefusalCode


async def dorm_of(school: School) -> Dorm:
    dorm = Dorm(school)
    await dorm.open()
    return dorm


async def delivered_by_two_messages(school: School) -> None:
    dorm = await dorm_of(school)
    order = await dorm.buy(await school.person(5_000), await dorm.room(), 3_000)
    await dorm.deliver(order)
    assert (await dorm.deliver(order)).replayed
    assert (await dorm.energy(order.room_id)).bought_wh == 3_000 * WH_PER_FEN
    await books_hold(school)


async def given_back_by_two_messages(school: School) -> None:
    dorm = await dorm_of(school)
    account = await school.person(5_000)
    for order in (
        await dorm.buy(account, await dorm.room(), 3_000),
        await dorm.order(None, await dorm.room(), 2_000, PayMethod.WECHAT),
    ):
        if order.account_id is None:
            await dorm.pay(order)
        assert await dorm.book.refund_electricity(order.id, "the meter said no", "worker")
        assert not await dorm.book.refund_electricity(order.id, "the meter said no", "worker")
    assert await school.three(account) == (0, 5_000, 0)
    await books_hold(school)


async def delivered_is_not_given_back(school: School) -> None:
    dorm = await dorm_of(school)
    account = await school.person(5_000)
    order = await dorm.buy(account, await dorm.room(), 3_000)
    await dorm.deliver(order)
    assert not await dorm.book.refund_electricity(order.id, "late", "usr_1")
    assert await school.three(account) == (0, 2_000, 0)
    await books_hold(school)


async def the_meter_speaks_after_the_refund(school: School) -> None:
    dorm = await dorm_of(school)
    order = await dorm.buy(await school.person(5_000), await dorm.room(), 3_000)
    await dorm.book.start_delivery(order.id, "cmd_1", 54_000, [], 6)
    await dorm.book.refund_electricity(order.id, "two persons decided", "usr_1")
    assert (await dorm.deliver(order)).disputed
    assert (await dorm.now(order)).state is ElectricityState.DISPUTED
    await books_hold(school)


async def a_refund_by_the_provider_fails(school: School) -> None:
    dorm = await dorm_of(school)
    order = await dorm.order(None, await dorm.room(), 2_000)
    await dorm.pay(order)
    await dorm.book.refund_electricity(order.id, "the meter said no", "worker")
    number = await school.value("SELECT out_refund_no FROM refund WHERE electricity_id = $1", order.id)
    await dorm.book.finish_refund(number, ok=False, at=datetime.now(UTC))
    assert await school.balance("electricity_clearing") == -2_000
    assert (await dorm.now(order)).refunded_fen == 0
    await books_hold(school)


async def a_months_quota(school: School) -> None:
    dorm = await dorm_of(school)
    room = await dorm.room(quota_wh=3_000)
    for _ in range(2):
        await dorm.book.grant_quota(room, "2026-12", 8_000, lapses=True)
    assert (await dorm.energy(room)).quota_wh == 8_000
    await books_hold(school)


async def free_energy_is_used_first(school: School) -> None:
    dorm = await dorm_of(school)
    room, now = await dorm.room(bought_wh=10_000, quota_wh=4_000), datetime.now(UTC)
    for total, ago in ((1_000_000, 3), (1_005_000, 2), (1_001_000, 1)):  # the last went back
        await dorm.book.consume(room, "met_1", total, now - timedelta(hours=ago))
    energy = await dorm.energy(room)
    assert (energy.bought_wh, energy.quota_wh) == (9_000, 0)
    await books_hold(school)


async def the_nights_loan(school: School) -> None:
    dorm = await dorm_of(school)
    room = await dorm.room()
    for _ in range(2):
        await dorm.book.lend_emergency(room, "2026-11-26", 2_000, 112, POWER)
    order = await dorm.buy(await school.person(5_000), room, 3_000)
    await dorm.deliver(order)
    energy = await dorm.energy(room)
    assert (energy.emergency_fen, energy.bought_wh) == (0, 2_000 + (3_000 - 112) * WH_PER_FEN)
    await books_hold(school)


async def moved_once_and_no_more_than_is_left(school: School) -> None:
    dorm = await dorm_of(school)
    wrong, right = await dorm.room(bought_wh=10_000), await dorm.room()
    key = school.key("move", wh=4_000)
    for _ in range(2):
        await dorm.book.move_energy(key, wrong, right, 4_000)
    await refused(RefusalCode.ENERGY_USED, dorm.book.move_energy(school.key(), wrong, right, 6_001))
    assert ((await dorm.energy(wrong)).bought_wh, (await dorm.energy(right)).bought_wh) == (6_000, 4_000)
    await books_hold(school)
