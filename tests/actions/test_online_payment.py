"""缴电费 by the school's payment platform: opened there, told by it, closed and refunded there, and never by WeChat."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.database import connected

from onecard.actions.buy_electricity import buy_electricity, offered_methods
from onecard.actions.confirm_electricity import confirm_electricity
from onecard.actions.settle_electricity import look_after_electricity
from onecard.actions.settle_recharge import settle_recharge
from onecard.actions.settle_refund import send_refund, settle_refund
from onecard.ledger.check import check
from onecard.ledger.energy import find_electricity
from onecard.outside.payments import PaymentState
from onecard.outside.providers import ProviderUnavailable
from onecard.rules.kinds import ElectricityState, PayMethod, RechargeMethod
from onecard.rules.refusals import Refusal, RefusalCode

ONLINE = RechargeMethod.ONLINE_PAYMENT


@pytest.fixture(autouse=True)
async def green(town):
    yield
    async with connected(town.dsn) as connection:
        assert await check(connection, town.parts.policy) == []


async def order(town, id="online-0001", room="101", method=PayMethod.ONLINE_PAYMENT):
    bought = await buy_electricity(
        town.parts,
        await town.caller(),
        id=id,
        room_id=await town.room(room),
        amount_fen=3_000,
        method=method,
        note=None,
    )
    return bought.order


async def now(town, one):
    return await find_electricity(town.parts.database, one.id)


async def tell(town, one):
    notice = town.online.read_notification(*town.online.payment_notification(one.out_trade_no))
    return await settle_recharge(town.parts, notice, ONLINE)


async def test_paid_there_and_told_by_it(town):
    one = await order(town)
    assert (one.state, one.prepay_id) == (ElectricityState.ORDERED, f"https://pay.invalid/{one.out_trade_no}")
    assert (await order(town)).id == one.id
    town.online.pay(one.out_trade_no)
    await tell(town, one)
    await tell(town, one)
    done = await now(town, one)
    assert (done.state, done.wh) == (ElectricityState.DELIVERED, 53_734)
    assert await town.value("SELECT sum(amount) FROM entry WHERE account = 'online_pay'") == 3_000
    assert await town.value("SELECT coalesce(sum(amount), 0) FROM entry WHERE account = 'wechat'") == 0


async def test_the_page_asks_where_it_was_to_be_paid(town):
    one = await order(town)
    town.online.pay(one.out_trade_no)
    town.wechat.failure = ProviderUnavailable("nobody asks WeChat")
    assert (
        await confirm_electricity(town.parts, await town.caller(), one.id)
    ).state is ElectricityState.DELIVERED


async def test_what_nobody_pays_is_closed_there(town):
    one = await order(town)
    assert not await look_after_electricity(town.parts, one.id)
    town.watch.ahead = timedelta(hours=1)
    assert await look_after_electricity(town.parts, one.id)
    assert (await now(town, one)).state is ElectricityState.CLOSED
    assert (await town.online.query(one.out_trade_no)).state is PaymentState.CLOSED


async def test_what_cannot_be_delivered_goes_back_there(town):
    one = await order(town)
    town.online.pay(one.out_trade_no)
    await town.execute("UPDATE meter SET removed_at = now() WHERE room_id = $1", one.room_id)
    await tell(town, one)
    assert await town.parts.book.refund_electricity(one.id, "the room has no meter", "usr_1")
    number = await town.value("SELECT out_refund_no FROM refund WHERE electricity_id = $1", one.id)
    town.wechat.failure = ProviderUnavailable("nobody asks WeChat")
    assert not await send_refund(town.parts, number)
    town.online.finish_refund(number)
    notice = town.online.read_notification(*town.online.refund_notification(number))
    with pytest.raises(Refusal, match="IDEMPOTENCY_CONFLICT"):  # as if WeChat had said so
        await settle_refund(town.parts, notice, RechargeMethod.WECHAT)
    await settle_refund(town.parts, notice, ONLINE)
    assert (await now(town, one)).state is ElectricityState.REFUNDED
    assert await town.value("SELECT sum(amount) FROM entry WHERE account = 'online_pay'") == 0


async def test_money_of_another_channel_waits_in_suspense_and_goes_back_there(town):
    """Ordered by WeChat, and paid at the platform under the same number."""
    one = await order(town, method=PayMethod.WECHAT)
    town.online.pay(one.out_trade_no, 3_000)
    outcome = await tell(town, one)
    assert outcome.case_id is not None
    assert (await now(town, one)).state is ElectricityState.FAILED  # as when another amount was paid
    assert await town.value("SELECT channel FROM suspense_case WHERE id = $1", outcome.case_id) == ONLINE


async def test_where_no_platform_is_connected_it_is_not_offered(town):
    assert PayMethod.ONLINE_PAYMENT in offered_methods(town.parts)
    one = await order(town)
    town.parts = replace(town.parts, online_payment=None)
    assert PayMethod.ONLINE_PAYMENT not in offered_methods(town.parts)
    with pytest.raises(Refusal) as no:
        await order(town, "online-0002")
    assert no.value.code is RefusalCode.METHOD_NOT_OFFERED
    with pytest.raises(ProviderUnavailable):  # an open order waits until it is connected again
        await look_after_electricity(town.parts, one.id)


async def test_a_platform_that_is_away_is_asked_again_under_the_same_id(town):
    town.online.failure = ProviderUnavailable("away")
    with pytest.raises(Refusal) as no:
        await order(town)
    assert no.value.code is RefusalCode.SERVICE_UNAVAILABLE
    town.online.failure = None
    assert (await order(town)).prepay_id is not None
