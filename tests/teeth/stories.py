"""Short stories about money. Each passes on the code as it is; a deliberate bug must make one of them fail.

A story ends by asking the checker, so that what the receipts do not show is found in the books.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from support.database import connected
from support.ledger import CANTEEN, TERMINAL, School

from onecard.ledger.book import CreditState, FactKind, Kept, NeverPosted, Reversed
from onecard.ledger.check import check
from onecard.ledger.seal import seal_pending
from onecard.rules.kinds import FreezeReason, WalletType
from onecard.rules.refusals import Refusal, RefusalCode

CODE = hashlib.sha256(b"code").digest()


async def refused(code: RefusalCode, asking: Awaitable[Any]) -> None:
    try:
        answer = await asking
    except Refusal as refusal:
        answer = refusal
    assert isinstance(answer, Refusal), f"{code} was not refused: {answer}"
    assert answer.code is code


async def books_hold(school: School) -> None:
    async with connected(school.dsn) as connection:
        assert await check(connection, school.policy) == []


async def back(school: School, name: str, original: str) -> Any:
    return await school.book.reverse(
        school.key(name, original=original),
        f"{TERMINAL}:{original}",
        terminal_id=TERMINAL,
        occurred_at=datetime.now(UTC),
    )


async def hold(school: School, account: str, fen: int, name: str = "hold") -> Any:
    return await school.book.place_hold(
        school.key(name, fen=fen), account, fen, merchant_id=CANTEEN, terminal_id=TERMINAL
    )


async def capture(school: School, hold_id: str, fen: int, name: str = "capture") -> Any:
    return await school.book.capture_hold(
        school.key(name, fen=fen), hold_id, fen, occurred_at=datetime.now(UTC)
    )


# ------------------------------------------------------------------ recharges and refunds


async def notified_twice(school: School) -> None:
    account = await school.person()
    order = await school.order(account, 5000)
    states = [(await school.credit(order, 5000, "wx-1")).state for _ in range(3)]
    assert states == [CreditState.CREDITED, CreditState.REPLAYED, CreditState.REPLAYED]
    assert await school.three(account) == (0, 5000, 0)
    await books_hold(school)


async def paid_for_nothing_known_and_told_twice(school: School) -> None:
    for _ in range(2):
        await school.credit("NOBODYORDERED", 700, "wx-stray")
    assert await school.balance("suspense") == -700
    assert await school.value("SELECT count(*)::bigint FROM suspense_case") == 1
    await books_hold(school)


async def one_order_paid_by_two_phones(school: School) -> None:
    account = await school.person()
    order = await school.order(account, 5000)
    assert (await school.credit(order, 5000, "wx-1")).state is CreditState.CREDITED
    assert (await school.credit(order, 5000, "wx-2")).state is CreditState.SUSPENDED
    assert await school.three(account) == (0, 5000, 0)
    await books_hold(school)


async def paid_another_amount(school: School) -> None:
    account = await school.person()
    order = await school.order(account, 5000)
    assert (await school.credit(order, 4999, "wx-1")).state is CreditState.SUSPENDED
    assert await school.three(account) == (0, 0, 0)
    await books_hold(school)


async def refunded_up_to_what_was_paid(school: School) -> None:
    account = await school.person(9000)
    order = await school.pay_in(account, 1000)
    await school.book.ask_refund(school.key("r1"), order.id, 800, "asked", "usr_op")
    await refused(
        RefusalCode.REFUND_TOO_LARGE,
        school.book.ask_refund(school.key("r2"), order.id, 201, "asked", "usr_op"),
    )
    await school.book.ask_refund(school.key("r3"), order.id, 200, "asked", "usr_op")
    assert await school.three(account) == (0, 9000, 0)
    await books_hold(school)


async def refund_of_spent_money(school: School) -> None:
    """100 in, 70 spent by phone, 40 asked: refused; what is on the chip is not refunded without it."""
    account = await school.person()
    order = await school.pay_in(account, 10_000)
    await school.charge(account, 7000)
    ask = school.book.ask_refund
    await refused(RefusalCode.REFUND_TOO_LARGE, ask(school.key("r1"), order.id, 4000, "asked", "usr_op"))
    await school.fact(FactKind.CHIP_LOAD, account, 2500, reference=("load", "1"))
    await refused(RefusalCode.REFUND_TOO_LARGE, ask(school.key("r2"), order.id, 501, "asked", "usr_op"))
    await ask(school.key("r3"), order.id, 500, "asked", "usr_op")
    assert await school.three(account) == (2500, 0, 0)
    await books_hold(school)


async def refund_of_held_money(school: School) -> None:
    account = await school.person()
    order = await school.pay_in(account, 1000)
    await hold(school, account, 300)
    ask = school.book.ask_refund
    await refused(RefusalCode.REFUND_TOO_LARGE, ask(school.key("r1"), order.id, 701, "asked", "usr_op"))
    await ask(school.key("r2"), order.id, 700, "asked", "usr_op")
    await books_hold(school)


async def refund_told_twice(school: School) -> None:
    account = await school.person()
    order = await school.pay_in(account, 1000)
    asked = await school.book.ask_refund(school.key("r1"), order.id, 400, "asked", "usr_op")
    for _ in range(2):
        await school.book.finish_refund(asked.out_refund_no, ok=True, at=datetime.now(UTC))
    assert await school.balance("wechat") == 600
    await books_hold(school)


async def refund_fails_and_the_money_is_back(school: School) -> None:
    account = await school.person()
    order = await school.pay_in(account, 1000, WalletType.ELECTRONIC)
    asked = await school.book.ask_refund(school.key("r1"), order.id, 400, "asked", "usr_op")
    for _ in range(2):
        await school.book.finish_refund(asked.out_refund_no, ok=False, at=datetime.now(UTC))
    assert await school.three(account) == (0, 0, 1000)
    assert await school.balance("refund_payable") == 0
    await books_hold(school)


# ------------------------------------------------------------------ payments


async def one_id_twice(school: School) -> None:
    account = await school.person(5000)
    first = await school.charge(account, 1250, "lunch")
    again = await school.charge(account, 1250, "lunch")
    assert (again.transfer_id, again.replayed) == (first.transfer_id, True)
    assert await school.three(account) == (0, 3750, 0)
    await books_hold(school)


async def one_id_many_at_once(school: School) -> None:
    account, other = await school.person(5000), await school.person(5000)
    # The first two occupy the queue, so that the rest are decided in one batch.
    busy = [school.charge(other, 1, f"busy{n}") for n in range(2)]
    _, _, *receipts = await asyncio.gather(*busy, *(school.charge(account, 10, "lunch") for _ in range(20)))
    assert len({receipt.transfer_id for receipt in receipts}) == 1
    assert sum(not receipt.replayed for receipt in receipts) == 1
    assert await school.three(account) == (0, 4990, 0)
    await books_hold(school)


async def one_id_for_two_amounts(school: School) -> None:
    account = await school.person(5000)
    await school.charge(account, 1250, "lunch")
    await refused(RefusalCode.IDEMPOTENCY_CONFLICT, school.charge(account, 1, "lunch"))
    assert await school.three(account) == (0, 3750, 0)


async def one_code_at_two_tills(school: School) -> None:
    account = await school.person(5000)
    await school.charge(account, 100, "one", code_hash=CODE)
    await refused(RefusalCode.CODE_USED, school.charge(account, 100, "two", code_hash=CODE))
    assert await school.three(account) == (0, 4900, 0)
    await books_hold(school)


async def one_code_at_two_tills_at_once(school: School) -> None:
    account = await school.person(5000)
    other = await school.person(5000)
    # The first two occupy the queue, so that the rest are decided in one batch.
    asked = [school.charge(other, 1, f"busy{n}") for n in range(2)]
    asked += [school.charge(account, 100, f"till{n}", code_hash=CODE) for n in range(5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers[2:]) == 1
    assert await school.three(account) == (0, 4900, 0)
    await books_hold(school)


async def refused_and_then_paid_in(school: School) -> None:
    """A refused payment burns no code: after a recharge the same code pays."""
    account = await school.person(50)
    await refused(RefusalCode.INSUFFICIENT_BALANCE, school.charge(account, 100, "one", code_hash=CODE))
    await school.pay_in(account, 1000)
    await school.charge(account, 100, "two", code_hash=CODE)
    assert await school.three(account) == (0, 950, 0)
    await books_hold(school)


async def down_to_the_last_fen(school: School) -> None:
    account = await school.person(1000)
    await refused(RefusalCode.INSUFFICIENT_BALANCE, school.charge(account, 1001))
    await school.charge(account, 1000)
    await refused(RefusalCode.INSUFFICIENT_BALANCE, school.charge(account, 1))
    assert await school.three(account) == (0, 0, 0)
    await books_hold(school)


async def the_days_limit(school: School) -> None:
    account = await school.person(100_000)
    await school.charge(account, 30_000)
    await refused(RefusalCode.PAYMENT_LIMIT_REACHED, school.charge(account, 20_001))
    await school.charge(account, 20_000)
    await refused(RefusalCode.PAYMENT_LIMIT_REACHED, school.charge(account, 1))
    assert (await school.wallets(account)).paid_today_fen == 50_000
    await books_hold(school)


async def the_limit_after_yesterdays_reversal(school: School) -> None:
    account = await school.person(100_000)
    await school.charge(account, 30_000, "yesterday")
    await school.rows("UPDATE accounting_day SET closes_at = ledger_now() WHERE closed_at IS NULL")
    await school.charge(account, 30_000, "today")
    assert isinstance(await back(school, "b", "yesterday"), Reversed)
    assert (await school.wallets(account)).paid_today_fen == 30_000
    await refused(RefusalCode.PAYMENT_LIMIT_REACHED, school.charge(account, 20_001))
    await books_hold(school)


async def electronic_pays_what_transition_lacks(school: School) -> None:
    account = await school.person(1000, 3000)
    assert (await school.charge(account, 1250)).electronic_fen == 2750
    assert await school.three(account) == (0, 0, 2750)
    fed = await school.person(0, 3000)
    await school.fact(FactKind.OFFLINE_SALE, fed, 1000, reference=("sale", "1"))
    assert await school.three(fed) == (0, 0, 2000)
    await books_hold(school)


async def a_frozen_account(school: School) -> None:
    account = await school.person(1000)
    await school.book.freeze(account, FreezeReason.OPERATOR, "usr_op")
    await refused(RefusalCode.ACCOUNT_FROZEN, school.charge(account, 1))
    assert await school.three(account) == (0, 1000, 0)


async def an_overdraft_freezes_until_paid_in(school: School) -> None:
    account = await school.person(1000)
    await school.book.freeze(account, FreezeReason.OPERATOR, "usr_op")
    await school.fact(FactKind.OFFLINE_SALE, account, 1500, reference=("sale", "1"))
    assert set((await school.wallets(account)).freezes) == {FreezeReason.OPERATOR, FreezeReason.OVERDRAFT}
    await school.pay_in(account, 2000)
    assert (await school.wallets(account)).freezes == (FreezeReason.OPERATOR,)
    await books_hold(school)


async def one_upload_from_two_gateways(school: School) -> None:
    account = await school.person(1000)
    receipts = [
        await school.fact(FactKind.OFFLINE_SALE, account, 100, reference=("sale", "ter_1:7"))
        for _ in range(2)
    ]
    assert receipts[0].transfer_id == receipts[1].transfer_id
    assert await school.three(account) == (0, 900, 0)
    await books_hold(school)


# ------------------------------------------------------------------ reversals


async def reversed_by_two_messages(school: School) -> None:
    account = await school.person(1000)
    await school.charge(account, 100, "lunch")
    assert isinstance(await back(school, "b1", "lunch"), Reversed)
    await refused(RefusalCode.ALREADY_REVERSED, back(school, "b2", "lunch"))
    assert await school.three(account) == (0, 1000, 0)
    await books_hold(school)


async def the_reversal_comes_first(school: School) -> None:
    account = await school.person(1000)
    assert isinstance(await back(school, "b", "lunch"), Kept)
    await refused(RefusalCode.CHARGE_REVERSED_BEFORE, school.charge(account, 100, "lunch"))
    assert await school.three(account) == (0, 1000, 0)
    await books_hold(school)


async def a_refused_charge_reversed(school: School) -> None:
    account = await school.person(50)
    await refused(RefusalCode.INSUFFICIENT_BALANCE, school.charge(account, 100, "lunch"))
    assert isinstance(await back(school, "b", "lunch"), NeverPosted)
    assert await school.three(account) == (0, 50, 0)
    await books_hold(school)


async def a_tap_reversed(school: School) -> None:
    """The chip is not here: what the tap took returns to transition."""
    account = await school.person(0, 0, 1000)
    await school.fact(
        FactKind.CARD_TAP, account, 300, reference=("tap", "1"), key=school.key("tap", amount_fen=300)
    )
    assert isinstance(await back(school, "b", "tap"), Reversed)
    assert await school.three(account) == (700, 300, 0)
    await books_hold(school)


# ------------------------------------------------------------------ holds


async def held_money_does_not_pay(school: School) -> None:
    account = await school.person(1000)
    await hold(school, account, 400)
    await refused(RefusalCode.INSUFFICIENT_BALANCE, school.charge(account, 601))
    await school.charge(account, 600)
    await books_hold(school)


async def a_hold_larger_than_the_balance(school: School) -> None:
    account = await school.person(30)
    assert (await hold(school, account, 50)).amount_fen == 30
    await refused(RefusalCode.INSUFFICIENT_BALANCE, hold(school, account, 50, "again"))
    await books_hold(school)


async def captured_by_two_messages(school: School) -> None:
    account = await school.person(1000)
    placed = await hold(school, account, 50)
    receipts = [await capture(school, placed.hold_id, 31, name) for name in ("c1", "c2")]
    assert receipts[0].receipt.transfer_id == receipts[1].receipt.transfer_id
    assert await school.three(account) == (0, 969, 0)
    await books_hold(school)


async def metered_above_the_hold(school: School) -> None:
    account = await school.person(1000)
    captured = await capture(school, (await hold(school, account, 50)).hold_id, 80)
    assert (captured.captured_fen, captured.waived_fen) == (50, 30)
    assert await school.three(account) == (0, 950, 0)
    await books_hold(school)


async def captured_after_expiry(school: School) -> None:
    """The expired hold's money was free; capturing it takes nothing from the hold that is active."""
    account = await school.person(1000)
    first = await hold(school, account, 50, "first")
    assert await school.book.expire_holds(first.expires_at + timedelta(seconds=1)) == 1
    await hold(school, account, 70, "second")
    await capture(school, first.hold_id, 50)
    assert (await school.wallets(account)).held_fen == 70
    assert await school.three(account) == (0, 950, 0)
    await books_hold(school)


async def released(school: School) -> None:
    account = await school.person(1000)
    assert await school.book.release_hold(school.key("r"), (await hold(school, account, 400)).hold_id)
    await school.charge(account, 1000)
    await books_hold(school)


# ------------------------------------------------------------------ commits, days, fences

CASH_IN = """
    SELECT * FROM ledger_fact($1, $2, 'RECHARGE', $3, ARRAY['cash', 'transition:' || $3], ARRAY[100, -100], 100,
                              false, NULL, NULL, ledger_now(), NULL, NULL)
"""


async def a_late_commit(school: School) -> None:
    """The rollup and the seal pass while a transaction with a lower position is still open."""
    slow_account, quick_account = await school.person(), await school.person()
    await school.book.roll_up()
    async with connected(school.dsn) as slow, connected(school.dsn) as quick:
        transaction = slow.transaction()
        await transaction.start()
        await slow.fetchrow(CASH_IN, "test:slow", b"\0" * 32, slow_account)
        await quick.fetchrow(CASH_IN, "test:quick", b"\0" * 32, quick_account)
        await school.book.roll_up()
        await seal_pending(quick)
        await transaction.commit()
        await school.book.roll_up()
        await seal_pending(quick)
        shown = await quick.fetchval("SELECT amount FROM ledger_balances(ARRAY['cash'])")
    assert shown == await school.balance("cash") == 200
    assert await school.value("SELECT sum(cardinality(transfer_ids))::bigint FROM seal_block") == 2
    await books_hold(school)


async def the_day_closes_behind_a_posting(school: School) -> None:
    """A day is closed only when no posting of it is in flight."""
    account = await school.person()
    async with connected(school.dsn) as posting, connected(school.dsn) as closing:
        transaction = posting.transaction()
        await transaction.start()
        await posting.fetchrow(CASH_IN, "test:last", b"\0" * 32, account)
        await closing.execute(
            "UPDATE accounting_day SET closes_at = greatest(opens_at, ledger_now()) + '1 us'"
        )
        await closing.execute("SET lock_timeout = '100ms'")
        try:
            await closing.fetchval("SELECT ledger_close_day('23:00')")
        except asyncpg.LockNotAvailableError:
            pass
        else:
            raise AssertionError("the day could close under a posting")
        await transaction.commit()
    await books_hold(school)
