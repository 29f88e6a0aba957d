"""Money from WeChat and back to it: ordered, credited once, suspended, refunded within its bounds."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from support.ledger import CANTEEN

from onecard.ledger.book import CreditState, FactKind
from onecard.ledger.statements import find_case, find_cases, find_recharge, find_recharges
from onecard.rules.kinds import CaseKind, CaseState, RechargeMethod, RechargeState, WalletType
from onecard.rules.refusals import Refusal, RefusalCode


async def jobs(school):
    rows = await school.rows("SELECT entrypoint, payload FROM pgqueuer ORDER BY id")
    return [(row["entrypoint"], json.loads(row["payload"])) for row in rows]


async def ask(school, order, amount_fen, name=None):
    return await school.book.ask_refund(
        school.key(name, amount_fen=amount_fen), order.id, amount_fen, "asked", "usr_operator"
    )


async def finish(school, refund, ok=True):
    return await school.book.finish_refund(refund.out_refund_no, ok=ok, at=datetime.now(UTC))


# ---------------------------------------------------------------- orders


async def test_an_order_moves_nothing_and_asks_the_worker_to_look(school):
    account = await school.person(500)
    ends = datetime.now(UTC) + timedelta(hours=2)
    make = (school.key("r1"), account, 5000, WalletType.CARD_ACCOUNT, RechargeMethod.WECHAT, ends)
    order, replayed = await school.recharges.create_order(*make)
    again, replayed_again = await school.recharges.create_order(*make)
    assert (replayed, replayed_again, again) == (False, True, order)
    assert (order.state, order.expires_at) == (RechargeState.ORDERED, ends)
    assert len(order.out_trade_no) <= 32
    assert order.out_trade_no.isalnum()
    assert await jobs(school) == [("query_recharge", {"outTradeNo": order.out_trade_no})]
    assert await school.three(account) == (0, 500, 0)
    assert await school.recharges.find_order(order.out_trade_no) == order


async def test_a_refused_order_is_stored_under_its_id_and_asks_nobody(school):
    account = await school.person()
    closed = Refusal(RefusalCode.OUTSIDE_SERVICE_HOURS, opens_at="05:00", closes_at="22:55")
    for refuse in (closed, None):
        with pytest.raises(Refusal) as refused:
            await school.recharges.create_order(
                school.key("r1"),
                account,
                5000,
                WalletType.CARD_ACCOUNT,
                RechargeMethod.WECHAT,
                datetime.now(UTC),
                refuse=refuse,
            )
        assert refused.value == closed
    assert await jobs(school) == []


async def test_an_order_goes_through_its_states(school):
    account = await school.person()
    order = await school.order(account, 5000)
    prepared = await school.recharges.set_prepay(order.id, "wx2026")
    assert prepared.prepay_id == "wx2026"
    closed = await school.recharges.close_order(order.id, datetime.now(UTC))
    assert closed.state is RechargeState.CLOSED
    assert await school.recharges.set_prepay(order.id, "wx2027") is None
    assert await school.recharges.fail_order(order.id, datetime.now(UTC)) is None
    other = await school.order(account, 5000)
    assert (await school.recharges.fail_order(other.id, datetime.now(UTC))).state is RechargeState.FAILED
    page = await find_recharges(school.database, account, 1)
    assert [row.id for row in page.rows] == [other.id]
    assert page.has_next
    page = await find_recharges(school.database, account, 1, page.rows[-1].position)
    assert ([row.id for row in page.rows], page.has_next) == ([order.id], False)


# ---------------------------------------------------------------- credits


@pytest.mark.parametrize(
    ("wallet_type", "after"), [(WalletType.CARD_ACCOUNT, (0, 5000, 0)), (WalletType.ELECTRONIC, (0, 0, 5000))]
)
async def test_a_payment_lands_by_wallet_type_and_once(school, wallet_type, after):
    account = await school.person()
    order = await school.order(account, 5000, wallet_type)
    first = await school.credit(order, 5000, "wx-1")
    again = await school.credit(order, 5000, "wx-1")
    assert (first.state, again.state) == (CreditState.CREDITED, CreditState.REPLAYED)
    assert first.receipt.transfer_id == again.receipt.transfer_id
    assert first.order_id == order.id
    assert await school.three(account) == after
    assert await school.balance("wechat") == 5000
    credited = await find_recharge(school.database, order.id)
    assert credited.state is RechargeState.CREDITED
    assert (credited.transaction_id, credited.transfer_id) == ("wx-1", first.receipt.transfer_id)
    await school.check()


async def test_an_electronic_top_up_that_finds_transition_below_zero(school):
    account = await school.person(-504, 0, 534)
    await school.pay_in(account, 3000, WalletType.ELECTRONIC)
    assert await school.three(account) == (534, 0, 2496)
    await school.check()


@pytest.mark.parametrize(
    ("kind", "paid_fen"), [(CaseKind.PAID_UNKNOWN_ORDER, 5000), (CaseKind.PAID_OTHER_AMOUNT, 4999)]
)
async def test_money_nobody_expected_lies_in_suspense_once(school, kind, paid_fen):
    account = await school.person()
    order = await school.order(account, 5000)
    target = order if kind is CaseKind.PAID_OTHER_AMOUNT else "0000000unknown"
    first = await school.credit(target, paid_fen, "wx-1")
    again = await school.credit(target, paid_fen, "wx-1")
    assert (first.state, again.state) == (CreditState.SUSPENDED, CreditState.REPLAYED)
    assert first.case_id == again.case_id
    assert await school.three(account) == (0, 0, 0)
    assert await school.balance("suspense") == -paid_fen
    assert await school.balance("wechat") == paid_fen
    case = await find_case(school.database, first.case_id)
    assert (case.kind, case.state, case.amount_fen, case.reference) == (
        kind,
        CaseState.OPEN,
        paid_fen,
        "wx-1",
    )
    assert [row.id for row in (await find_cases(school.database, 10, open=True)).rows] == [case.id]
    assert (await find_cases(school.database, 10, open=False)).rows == ()
    await school.check()


async def test_a_second_payment_of_one_order_is_suspended(school):
    account = await school.person()
    order = await school.order(account, 5000)
    await school.credit(order, 5000, "wx-1")
    second = await school.credit(order, 5000, "wx-2")
    assert second.state is CreditState.SUSPENDED
    assert await school.three(account) == (0, 5000, 0)


async def test_one_transaction_id_never_means_two_payments(school):
    account = await school.person()
    order, other = await school.order(account, 5000), await school.order(account, 700)
    await school.credit(order, 5000, "wx-1")
    for wrong in ((order, 5001), (other, 700)):
        with pytest.raises(Refusal) as conflict:
            await school.credit(*wrong, "wx-1")
        assert conflict.value.code is RefusalCode.IDEMPOTENCY_CONFLICT
    assert await school.three(account) == (0, 5000, 0)


async def test_a_closed_order_that_was_paid_after_all_is_credited(school):
    account = await school.person()
    order = await school.order(account, 5000)
    await school.recharges.close_order(order.id, datetime.now(UTC))
    assert (await school.credit(order, 5000, "wx-1")).state is CreditState.CREDITED
    assert await school.three(account) == (0, 5000, 0)


# ---------------------------------------------------------------- refunds


async def test_asked_then_done(school):
    account = await school.person()
    order = await school.pay_in(account, 10_000)
    asked = await ask(school, order, 4000, "f1")
    assert (asked.paid_fen, asked.transaction_id, asked.recharge_id) == (10_000, f"wx-{order.id}", order.id)
    assert (await jobs(school))[-1] == ("query_refund", {"outRefundNo": asked.out_refund_no})
    replay = await ask(school, order, 4000, "f1")
    assert replay.replayed
    assert replay.refund_id == asked.refund_id
    assert len(await jobs(school)) == 2
    assert await school.three(account) == (0, 6000, 0)
    assert await school.balance("refund_payable") == -4000
    assert (await find_recharge(school.database, order.id)).state is RechargeState.PARTLY_REFUNDED
    done = await finish(school, asked)
    assert (done.state, done.replayed) == ("DONE", False)
    assert (await finish(school, asked)).replayed
    assert (await finish(school, asked, ok=False)).state == "DONE"
    assert await school.balance("refund_payable") == 0
    assert await school.balance("wechat") == 6000
    assert await school.value("SELECT state FROM refund WHERE id = $1", asked.refund_id) == "DONE"
    await ask(school, order, 6000)
    assert (await find_recharge(school.database, order.id)).state is RechargeState.REFUNDED
    await school.check()


async def test_asked_then_failed_gives_it_back_and_opens_a_case(school):
    account = await school.person()
    order = await school.pay_in(account, 5000, WalletType.ELECTRONIC)
    asked = await ask(school, order, 4000)
    assert await school.three(account) == (0, 0, 1000)
    failed = await finish(school, asked, ok=False)
    assert (failed.state, failed.receipt.amount_fen) == ("FAILED", 4000)
    assert (await finish(school, asked, ok=False)).replayed
    assert await school.three(account) == (0, 0, 5000)
    assert await school.balance("refund_payable") == 0
    case = await find_case(school.database, failed.case_id)
    assert (case.kind, case.reference) == (CaseKind.REFUND_FAILED, asked.out_refund_no)
    assert await school.book.close_case(case.id, "usr_finance", "told the student")
    assert not await school.book.close_case(case.id, "usr_finance", "again")
    assert (await find_recharge(school.database, order.id)).state is RechargeState.CREDITED
    # The provider paid it out all the same: that money is gone, whatever the wallet holds.
    assert (await finish(school, asked)).state == "DONE"
    assert await school.balance("wechat") == 1000
    assert sum(await school.three(account)) == 1000
    await school.check()


# paid in, spent by phone, loaded onto the chip, held, asked → refundable when refused (None: passes)
BOUNDS = [
    (10_000, 7_000, 0, 0, 4_000, 3_000),
    (10_000, 7_000, 0, 0, 3_000, None),
    (10_000, 0, 0, 0, 10_001, 10_000),
    (10_000, 0, 6_000, 0, 4_001, 4_000),
    (10_000, 0, 0, 500, 9_501, 9_500),
    (10_000, 10_000, 0, 0, 1, 0),
]


@pytest.mark.parametrize(("paid", "spent", "chip", "held", "asked", "refundable"), BOUNDS)
async def test_refund_bounds(school, paid, spent, chip, held, asked, refundable):
    account = await school.person()
    order = await school.pay_in(account, paid)
    if spent:
        await school.fact(FactKind.OFFLINE_SALE, account, spent)
    if chip:
        await school.fact(FactKind.CHIP_LOAD, account, chip)
    if held:
        await school.book.place_hold(school.key(), account, held, merchant_id=CANTEEN, terminal_id=None)
    before = await school.three(account)
    if refundable is None:
        await ask(school, order, asked)
        assert sum(await school.three(account)) == sum(before) - asked
    else:
        with pytest.raises(Refusal) as refused:
            await ask(school, order, asked)
        assert refused.value == Refusal(RefusalCode.REFUND_TOO_LARGE, refundable_fen=refundable)
        assert await school.three(account) == before
        assert await school.balance("refund_payable") == 0
    await school.check()


async def test_refunds_never_sum_above_what_was_paid(school):
    account = await school.person(50_000)
    order = await school.pay_in(account, 1000)
    await ask(school, order, 600)
    with pytest.raises(Refusal) as refused:
        await ask(school, order, 401)
    assert refused.value == Refusal(RefusalCode.REFUND_TOO_LARGE, refundable_fen=400)
    await ask(school, order, 400)
    with pytest.raises(Refusal):
        await ask(school, order, 1)


async def test_a_refund_needs_a_credited_order_and_an_amount(school):
    account = await school.person()
    order = await school.order(account, 1000)
    with pytest.raises(Refusal) as unknown:
        await ask(school, order, 1)
    assert unknown.value.code is RefusalCode.RECHARGE_UNKNOWN
    order = await school.pay_in(account, 1000)
    with pytest.raises(Refusal) as empty:
        await ask(school, order, 0)
    assert empty.value.code is RefusalCode.AMOUNT_INVALID
    assert await school.book.finish_refund("R-nobody", ok=True, at=datetime.now(UTC)) is None
    assert await school.three(account) == (0, 1000, 0)


async def test_suspended_money_goes_back_and_comes_back_when_that_fails(school):
    case_id = (await school.credit("0000000unknown", 700, "wx-9")).case_id
    asked = await school.book.ask_case_refund(school.key("s1"), case_id, "not ours", "usr_finance")
    assert (asked.amount_fen, asked.transaction_id, asked.case_id) == (700, "wx-9", case_id)
    assert (await find_case(school.database, case_id)).state is CaseState.REFUNDING
    with pytest.raises(Refusal) as twice:
        await school.book.ask_case_refund(school.key(), case_id, "not ours", "usr_finance")
    assert twice.value.code is RefusalCode.NOT_ALLOWED
    assert not await school.book.close_case(case_id, "usr_finance", "swept under the rug")
    await finish(school, asked, ok=False)
    assert (await find_case(school.database, case_id)).state is CaseState.OPEN
    assert await school.balance("suspense") == -700
    second = await school.book.ask_case_refund(school.key(), case_id, "again", "usr_finance")
    await finish(school, second)
    assert (await find_case(school.database, case_id)).state is CaseState.CLOSED
    assert await school.balance("suspense") == await school.balance("wechat") == 0
    await school.check()
