"""Electricity in the ledger: paid, then delivered or given back; what a room has; who is owed what."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from support.database import connected
from support.dorm import POWER, WH_PER_FEN

from onecard.ledger.book import CreditState
from onecard.ledger.check import check
from onecard.ledger.energy import (
    find_electricity_of_bills,
    find_electricity_of_room,
    find_paid_rooms,
    find_undecided,
    find_unsettled_electricity,
)
from onecard.ledger.statements import find_cases, find_month_totals
from onecard.rules.kinds import BillKind, CaseKind, CaseState, ElectricityState, PayMethod
from onecard.rules.policy import Policy
from onecard.rules.refusals import Refusal, RefusalCode

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
async def green(dorm):
    """Whatever a test did, the checker finds nothing."""
    yield
    await dorm.school.check()
    async with connected(dorm.school.dsn) as connection:
        assert await check(connection, Policy()) == []


async def finish(dorm, order, *, ok):
    number = await dorm.school.value(
        "SELECT out_refund_no FROM refund WHERE electricity_id = $1 ORDER BY asked_at DESC LIMIT 1", order.id
    )
    return await dorm.book.finish_refund(number, ok=ok, at=datetime.now(UTC))


# ---------------------------------------------------------------- from the account


async def test_thirty_yuan_become_energy(dorm):
    account, room = await dorm.school.person(5000), await dorm.room()
    order = await dorm.buy(account, room, 3000)
    assert (order.state, order.amount_fen, order.payer) == (ElectricityState.PAID, 3000, account)
    assert await dorm.school.three(account) == (0, 2000, 0)
    assert await dorm.school.balance("electricity_clearing") == -3000
    done = await dorm.deliver(order)
    assert (done.replayed, done.disputed) == (False, False)
    order = await dorm.now(order)
    assert (order.state, order.wh) == (ElectricityState.DELIVERED, 3000 * WH_PER_FEN)
    assert await dorm.school.balance("electricity_clearing") == 0
    assert await dorm.school.balance(f"merchant:{POWER}") == -3000
    assert await dorm.school.balance("issued") == -(await dorm.school.balance(f"room:{room}")) == 54000
    assert (await dorm.energy(room)).remaining_wh == 54000


async def test_the_bill_shows_it_and_a_month_counts_it(dorm):
    account, room = await dorm.school.person(5000), await dorm.room()
    order = await dorm.buy(account, room, 3000)
    bill = await dorm.school.bill(order.transfer_id)
    assert (bill.kind, bill.amount_fen, bill.balance_after_fen) == (BillKind.ELECTRICITY, -3000, 2000)
    found = await find_electricity_of_bills(dorm.school.database, [order.transfer_id])
    assert found == {order.transfer_id: order}
    (month, *_) = await find_month_totals(dorm.school.database, account, 1)
    assert (month.spent_fen, month.count) == (3000, 1)
    assert await dorm.book.refund_electricity(order.id, "the meter said no", "worker")
    (month, *_) = await find_month_totals(dorm.school.database, account, 1)
    assert (month.spent_fen, month.count) == (0, 0)


async def test_the_sweep_pays_too(dorm):
    account, room = await dorm.school.person(1000, 5000), await dorm.room()
    await dorm.buy(account, room, 3000)
    assert await dorm.school.three(account) == (0, 0, 3000)


@pytest.mark.parametrize(
    ("has", "asks", "code"),
    [
        (2999, 3000, RefusalCode.INSUFFICIENT_BALANCE),
        (0, 1, RefusalCode.INSUFFICIENT_BALANCE),
        (100, 0, RefusalCode.AMOUNT_INVALID),
        (100, -5, RefusalCode.AMOUNT_INVALID),
    ],
)
async def test_what_an_account_cannot_pay_is_refused_for_good(dorm, has, asks, code):
    account, room = await dorm.school.person(has), await dorm.room()
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await dorm.buy(account, room, asks, "once")
        assert refused.value.code is code
    assert await dorm.school.three(account) == (0, has, 0)


async def test_it_lies_outside_the_payment_limits(dorm):
    account, room = await dorm.school.person(200_000), await dorm.room()
    for _ in range(2):
        await dorm.buy(account, room, 50_000)
    assert (await dorm.school.wallets(account)).paid_today_fen == 0


async def test_fifty_times_the_same_id_is_one_order(dorm):
    account, room = await dorm.school.person(10_000), await dorm.room()
    orders = await asyncio.gather(*(dorm.buy(account, room, 3000, "click") for _ in range(50)))
    assert len({order.id for order in orders}) == 1
    assert await dorm.school.three(account) == (0, 7000, 0)
    with pytest.raises(Refusal, match="IDEMPOTENCY_CONFLICT"):
        await dorm.buy(account, room, 3001, "click")


# ---------------------------------------------------------------- from outside


@pytest.mark.parametrize("method", [PayMethod.WECHAT, PayMethod.BANK_CARD, PayMethod.ONLINE_PAYMENT])
async def test_paid_from_outside(dorm, method):
    account, room = await dorm.school.person(500), await dorm.room()
    order = await dorm.order(account, room, 3000, method)
    assert order.state is ElectricityState.ORDERED
    outcome = await dorm.pay(order)
    assert (outcome.state, outcome.order_id, outcome.case_id) == (CreditState.CREDITED, order.id, None)
    assert (await dorm.pay(order)).state is CreditState.REPLAYED
    assert await dorm.school.three(account) == (0, 500, 0)
    account_of = {"WECHAT": "wechat", "BANK_CARD": "bank", "ONLINE_PAYMENT": "online_pay"}
    assert await dorm.school.balance(account_of[method]) == 3000 + (500 if method == "CASH" else 0)
    assert (await dorm.now(order)).state is ElectricityState.PAID
    bill = await dorm.school.bill((await dorm.now(order)).transfer_id)
    assert (bill.kind, bill.amount_fen) == (BillKind.ELECTRICITY, 0), "the account was not touched"


async def test_parents_pay_without_an_account(dorm):
    room = await dorm.room()
    order = await dorm.order(None, room, 3000)
    await dorm.pay(order)
    await dorm.deliver(order)
    assert (await dorm.now(order)).payer == "lnk_parent"


async def test_another_amount_waits_in_suspense(dorm):
    room = await dorm.room()
    order = await dorm.order(None, room, 3000)
    outcome = await dorm.pay(order, 2999)
    assert outcome.state is CreditState.SUSPENDED
    assert (await dorm.now(order)).state is ElectricityState.FAILED
    (case,) = (await find_cases(dorm.school.database, 10)).rows
    assert (case.kind, case.amount_fen) == (CaseKind.PAID_OTHER_AMOUNT, 2999)


async def test_an_order_closed_here_and_paid_there_is_paid(dorm):
    room = await dorm.room()
    order = await dorm.order(None, room, 3000)
    assert await dorm.book.close_electricity(order.id, NOW)
    assert not await dorm.book.close_electricity(order.id, NOW)
    assert (await dorm.now(order)).state is ElectricityState.CLOSED
    await dorm.pay(order)
    assert (await dorm.now(order)).state is ElectricityState.PAID
    assert not await dorm.book.close_electricity(order.id, NOW)


async def test_paid_twice_is_credited_once(dorm):
    room = await dorm.room()
    order = await dorm.order(None, room, 3000)
    await dorm.pay(order)
    again = await dorm.pay(order, name="tx-second")
    assert again.state is CreditState.SUSPENDED
    assert await dorm.school.balance("suspense") == -3000


# ---------------------------------------------------------------- delivered or given back, never both


async def test_delivered_is_not_refunded_and_not_delivered_again(dorm):
    account, room = await dorm.school.person(3000), await dorm.room()
    order = await dorm.buy(account, room, 3000)
    await dorm.deliver(order)
    assert not await dorm.book.refund_electricity(order.id, "mistake", "usr_1")
    assert (await dorm.deliver(order)).replayed
    assert (await dorm.energy(room)).bought_wh == 54000


async def test_given_back_to_the_account(dorm):
    account, room = await dorm.school.person(3000), await dorm.room()
    order = await dorm.buy(account, room, 3000)
    assert await dorm.book.refund_electricity(order.id, "rejected", "worker")
    assert not await dorm.book.refund_electricity(order.id, "rejected", "worker")
    assert await dorm.school.three(account) == (0, 3000, 0)
    order = await dorm.now(order)
    assert (order.state, order.refunded_fen) == (ElectricityState.REFUNDED, 3000)
    refund = await dorm.school.value(
        "SELECT max(id) FROM transfer WHERE amount_fen = 3000 AND kind = 'ELECTRICITY'"
    )
    assert (await find_electricity_of_bills(dorm.school.database, [refund]))[refund].id == order.id


async def test_given_back_by_the_provider(dorm):
    order = await dorm.order(None, await dorm.room(), 3000, PayMethod.BANK_CARD)
    await dorm.pay(order)
    assert await dorm.book.refund_electricity(order.id, "rejected", "worker")
    assert (await dorm.now(order)).state is ElectricityState.REFUNDING
    assert await dorm.school.balance("refund_payable") == -3000
    await finish(dorm, order, ok=True)
    assert (await dorm.now(order)).state is ElectricityState.REFUNDED
    assert await dorm.school.balance("bank") == 0


async def test_a_refund_that_fails_waits_for_an_operator_who_asks_again(dorm):
    order = await dorm.order(None, await dorm.room(), 3000)
    await dorm.pay(order)
    await dorm.book.refund_electricity(order.id, "rejected", "worker")
    failed = await finish(dorm, order, ok=False)
    assert failed.case_id is not None
    order = await dorm.now(order)
    assert (order.state, order.refunded_fen) == (ElectricityState.REFUNDING, 0)
    assert await dorm.school.balance("electricity_clearing") == -3000
    assert await dorm.book.refund_electricity(order.id, "again", "usr_operator")
    await finish(dorm, order, ok=True)
    assert (await dorm.now(order)).state is ElectricityState.REFUNDED


async def test_a_meter_that_speaks_after_the_refund_is_a_dispute(dorm):
    account, room = await dorm.school.person(3000), await dorm.room()
    order = await dorm.buy(account, room, 3000)
    assert await dorm.book.start_delivery(order.id, "cmd_1", 54000, [], 6)
    assert await dorm.book.doubt_delivery(order.id)
    await dorm.book.refund_electricity(order.id, "two persons decided", "usr_1")
    assert (await dorm.deliver(order)).disputed
    assert (await dorm.now(order)).state is ElectricityState.DISPUTED
    (case,) = (await find_cases(dorm.school.database, 10)).rows
    assert (case.kind, case.state, case.reference) == (CaseKind.ELECTRICITY_DISPUTE, CaseState.OPEN, order.id)
    assert await dorm.school.balance("dispute") == 3000
    assert (await dorm.energy(room)).bought_wh == 54000
    return case


async def test_a_dispute_ends_against_the_payer_even_below_zero(dorm):
    case = await test_a_meter_that_speaks_after_the_refund_is_a_dispute(dorm)
    account = await dorm.school.value(
        "SELECT account_id FROM electricity_order WHERE id = $1", case.reference
    )
    await dorm.school.charge(account, 1000)
    assert await dorm.book.end_dispute(case.id, against_payer=True, actor="usr_1")
    assert not await dorm.book.end_dispute(case.id, against_payer=True, actor="usr_1")
    wallets = await dorm.school.wallets(account)
    assert (wallets.transition_fen, wallets.freezes) == (-1000, ("OVERDRAFT",))
    assert await dorm.school.balance("dispute") == 0


async def test_a_dispute_is_written_off(dorm):
    order = await dorm.order(None, await dorm.room(), 3000)
    await dorm.pay(order)
    await dorm.book.refund_electricity(order.id, "unknown", "usr_1")
    await finish(dorm, order, ok=True)
    await dorm.deliver(order)
    (case,) = (await find_cases(dorm.school.database, 10)).rows
    assert not await dorm.book.end_dispute(case.id, against_payer=True, actor="usr_1"), (
        "a parent has no account"
    )
    assert await dorm.book.end_dispute(case.id, against_payer=False, actor="usr_1")
    assert await dorm.school.balance("writeoff") == 3000


async def test_delivery_and_refund_at_once_leave_one_of_them(dorm):
    account = await dorm.school.person(60_000)
    orders = [await dorm.buy(account, await dorm.room(), 3000) for _ in range(20)]
    await asyncio.gather(
        *(dorm.deliver(order) for order in orders),
        *(dorm.book.refund_electricity(order.id, "race", "worker") for order in orders),
    )
    states = {(await dorm.now(order)).state for order in orders}
    assert states <= {ElectricityState.DELIVERED, ElectricityState.DISPUTED}
    assert await dorm.school.balance("electricity_clearing") == 0


async def test_two_payers_of_one_room_both_count(dorm):
    one, other, room = await dorm.school.person(3000), await dorm.school.person(3000), await dorm.room()
    orders = await asyncio.gather(dorm.buy(one, room, 3000), dorm.buy(other, room, 3000))
    await asyncio.gather(*(dorm.deliver(order) for order in orders))
    assert (await dorm.energy(room)).bought_wh == 108_000


async def test_a_purchase_over_the_days_cut(dorm):
    account, room = await dorm.school.person(3000), await dorm.room()
    order = await dorm.buy(account, room, 3000)
    await dorm.school.rows(
        "UPDATE accounting_day SET closes_at = greatest(opens_at, ledger_now()) + interval '1 us'"
    )
    await dorm.deliver(order)
    days = await dorm.school.rows("SELECT DISTINCT day FROM transfer WHERE kind = 'ELECTRICITY'")
    assert len(days) == 2


# ---------------------------------------------------------------- a meter's own credit


async def test_what_a_meter_was_told_is_what_it_got(dorm):
    account, room = await dorm.school.person(3000), await dorm.room()
    order = await dorm.buy(account, room, 3000)
    assert (
        await dorm.book.start_delivery(order.id, "cmd_1", 53_734, [], 6)
    ).state is ElectricityState.DELIVERING
    assert await dorm.book.start_delivery(order.id, "cmd_2", 1, [], 6) is None
    assert [one.id for one in await find_undecided(dorm.school.database, order.meter_id)] == [order.id]
    await dorm.book.doubt_delivery(order.id)
    repeated = await dorm.book.repeat_delivery(order.id, "cmd_2")
    assert (repeated.command_id, repeated.wh) == ("cmd_2", 53_734)
    await dorm.deliver(order)
    assert (await dorm.energy(room)).bought_wh == 53_734
    assert await find_undecided(dorm.school.database, order.meter_id) == []


async def test_one_write_of_a_meter_at_a_time_each_under_its_own_count(dorm):
    account, room = await dorm.school.person(9000), await dorm.room()
    orders = [await dorm.buy(account, room, 1000) for _ in range(8)]
    started = await asyncio.gather(
        *(dorm.book.start_delivery(order.id, f"cmd_{order.id}", 1000, [], 6) for order in orders)
    )
    (first,) = [order for order in started if order is not None]
    assert first.credit_counter == 7
    await dorm.deliver(first)
    rest = [order for order in orders if order.id != first.id]
    second = await dorm.book.start_delivery(rest[0].id, "cmd_2", 1000, [], 6)
    assert second.credit_counter == 8, "what it was last seen at is older than what it proved"


async def test_an_order_for_a_room_without_a_meter_waits_for_a_person(dorm):
    account, room, right = await dorm.school.person(3000), await dorm.room(), await dorm.room()
    order = await dorm.buy(account, room, 3000)
    assert (await dorm.book.unmap_electricity(order.id)).state is ElectricityState.UNMAPPED
    with pytest.raises(ValueError, match="UNMAPPED"):
        await dorm.deliver(order)
    assigned = await dorm.book.assign_electricity(order.id, right, "met_right", order.way)
    assert (assigned.state, assigned.room_id) == (ElectricityState.PAID, right)
    await dorm.deliver(assigned)
    assert (await dorm.energy(right)).bought_wh == 54_000


# ---------------------------------------------------------------- what a room has


async def test_quota_is_granted_once_and_used_first(dorm):
    room = await dorm.room(bought_wh=10_000)
    assert await dorm.book.grant_quota(room, "2026-11", 8_000, lapses=True)
    assert not await dorm.book.grant_quota(room, "2026-11", 8_000, lapses=True)
    assert not await dorm.book.consume(room, "met_1", 100_000, NOW), "a first reading only counts from there"
    assert await dorm.book.consume(room, "met_1", 105_000, NOW + timedelta(minutes=1))
    now = await dorm.energy(room)
    assert (now.quota_wh, now.bought_wh, now.counted_wh) == (3_000, 10_000, 105_000)
    assert await dorm.book.consume(room, "met_1", 120_000, NOW + timedelta(minutes=2))
    now = await dorm.energy(room)
    assert (now.quota_wh, now.bought_wh) == (0, -2_000)
    assert await dorm.school.balance("consumed") == -20_000


async def test_what_is_left_of_a_quota_lapses_or_stays(dorm):
    for lapses, kept in ((True, 8_000), (False, 16_000)):
        room = await dorm.room()
        await dorm.book.grant_quota(room, "2026-10", 8_000, lapses=lapses)
        await dorm.book.grant_quota(room, "2026-11", 8_000, lapses=lapses)
        assert (await dorm.energy(room)).quota_wh == kept


async def test_an_older_or_lower_reading_changes_nothing(dorm):
    room = await dorm.room(bought_wh=10_000)
    await dorm.book.consume(room, "met_1", 100_000, NOW)
    await dorm.book.consume(room, "met_1", 101_000, NOW + timedelta(minutes=5))
    for total, minutes in ((101_000, 6), (100_500, 7), (102_000, 4)):
        assert not await dorm.book.consume(room, "met_1", total, NOW + timedelta(minutes=minutes))
    assert (await dorm.energy(room)).bought_wh == 9_000


async def test_the_same_reading_from_many_at_once_counts_once(dorm):
    room = await dorm.room(bought_wh=10_000)
    await dorm.book.consume(room, "met_1", 100_000, NOW)
    later = NOW + timedelta(minutes=1)
    posted = await asyncio.gather(*(dorm.book.consume(room, "met_1", 101_000, later) for _ in range(20)))
    assert sum(posted) == 1
    assert (await dorm.energy(room)).bought_wh == 9_000


async def test_emergency_credit_is_lent_once_a_night_and_repaid_first(dorm):
    account, room = await dorm.school.person(5000), await dorm.room()
    assert await dorm.book.lend_emergency(room, "2026-11-26", 2_000, 112, POWER)
    assert not await dorm.book.lend_emergency(room, "2026-11-26", 2_000, 112, POWER)
    order = await dorm.buy(account, room, 3000)
    await dorm.deliver(order)
    order = await dorm.now(order)
    assert (order.repaid_fen, order.wh) == (112, (3000 - 112) * WH_PER_FEN)
    now = await dorm.energy(room)
    assert (now.emergency_fen, now.bought_wh) == (0, 2_000 + order.wh)
    assert await dorm.school.balance(f"merchant:{POWER}") == -3000, "it was paid for the loan before"


async def test_a_purchase_smaller_than_the_debt_buys_nothing_new(dorm):
    account, room = await dorm.school.person(5000), await dorm.room()
    await dorm.book.lend_emergency(room, "2026-11-26", 2_000, 112, POWER)
    order = await dorm.buy(account, room, 100)
    await dorm.deliver(order)
    order = await dorm.now(order)
    assert (order.repaid_fen, order.wh, (await dorm.energy(room)).emergency_fen) == (100, 0, 12)


async def test_unused_energy_moves_to_the_right_room_and_no_more(dorm):
    wrong, right = await dorm.room(bought_wh=10_000), await dorm.room()
    key = dorm.school.key("move", wh=4_000)
    await dorm.book.move_energy(key, wrong, right, 4_000)
    assert (await dorm.book.move_energy(key, wrong, right, 4_000)).replayed
    assert ((await dorm.energy(wrong)).bought_wh, (await dorm.energy(right)).bought_wh) == (6_000, 4_000)
    with pytest.raises(Refusal) as refused:
        await dorm.book.move_energy(dorm.school.key(), wrong, right, 6_001)
    assert refused.value.data == {"left_wh": 6_000}


# ---------------------------------------------------------------- what may be read


async def test_a_rooms_orders_newest_first(dorm):
    account, other, room = await dorm.school.person(9000), await dorm.school.person(9000), await dorm.room()
    await dorm.order(account, room, 100)  # never paid: nobody's business
    orders = [await dorm.buy(who, room, 1000) for who in (account, other, account)]
    page = await find_electricity_of_room(dorm.school.database, room, 2)
    assert [one.id for one in page.rows] == [orders[2].id, orders[1].id]
    rest = await find_electricity_of_room(dorm.school.database, room, 2, page.rows[-1].position)
    assert ([one.id for one in rest.rows], rest.has_next) == ([orders[0].id], False)
    mine = await find_electricity_of_room(dorm.school.database, room, 5, payer=other)
    assert [one.id for one in mine.rows] == [orders[1].id]
    assert await find_paid_rooms(dorm.school.database, account, 5) == [room]
    waiting = await find_unsettled_electricity(
        dorm.school.database, [ElectricityState.PAID], datetime.now(UTC) + timedelta(seconds=5), 10
    )
    assert [one.id for one in waiting] == [one.id for one in orders]
