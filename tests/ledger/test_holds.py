"""预扣: 0.50 held, 0.31 used, 0.19 back; and everything that comes late."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from support.ledger import CANTEEN

from onecard.ledger.book import FactKind
from onecard.rules.kinds import FreezeReason
from onecard.rules.refusals import Refusal, RefusalCode


async def place(school, account, amount_fen, name=None, **more):
    return await school.book.place_hold(
        school.key(name, amount_fen=amount_fen),
        account,
        amount_fen,
        **({"merchant_id": CANTEEN, "terminal_id": None} | more),
    )


async def capture(school, hold, metered_fen, name=None):
    return await school.book.capture_hold(
        school.key(name, metered=metered_fen), hold.hold_id, metered_fen, occurred_at=datetime.now(UTC)
    )


async def test_hold_50_used_31_released_19(school):
    account = await school.person(534)
    hold = await place(school, account, 50, "open")
    now = await school.wallets(account)
    assert (now.balance_fen, now.held_fen, now.available_fen) == (534, 50, 484)
    assert (await place(school, account, 50, "open")).replayed
    assert (await school.wallets(account)).held_fen == 50
    used = await capture(school, hold, 31, "close")
    assert (used.captured_fen, used.waived_fen, used.receipt.amount_fen) == (31, 0, -31)
    again = await capture(school, hold, 31, "close")
    assert again.replayed
    assert again.receipt.transfer_id == used.receipt.transfer_id
    now = await school.wallets(account)
    assert (now.balance_fen, now.held_fen, now.paid_today_fen) == (503, 0, 31)
    assert await school.balance(f"merchant:{CANTEEN}") == -31
    await school.check()


async def test_030_left_still_draws_water_and_nothing_left_does_not(school):
    account = await school.person(30)
    hold = await place(school, account, 50)
    assert hold.amount_fen == 30
    with pytest.raises(Refusal) as refused:
        await place(school, account, 50)
    assert refused.value.code is RefusalCode.INSUFFICIENT_BALANCE
    assert refused.value.data["available_fen"] == 0
    row = (await school.rows("SELECT * FROM hold"))[0]
    assert row["available_before_fen"] == 30
    assert (await school.wallets(account)).held_fen == 30


async def test_metered_above_the_hold_is_waived_and_reported(school):
    account = await school.person(534)
    hold = await place(school, account, 50)
    used = await capture(school, hold, 73)
    assert (used.captured_fen, used.waived_fen) == (50, 23)
    assert await school.three(account) == (0, 484, 0)
    assert (await school.rows("SELECT waived_fen FROM hold"))[0]["waived_fen"] == 23


async def test_nothing_used_moves_nothing(school):
    account = await school.person(534)
    hold = await place(school, account, 50)
    used = await capture(school, hold, 0)
    assert (used.captured_fen, used.receipt) == (0, None)
    assert (await school.wallets(account)).available_fen == 534


async def test_captured_once_whatever_the_id(school):
    account = await school.person(534)
    hold = await place(school, account, 50)
    first = await capture(school, hold, 31)
    second = await capture(school, hold, 50)
    assert second.replayed
    assert (second.captured_fen, second.receipt.transfer_id) == (31, first.receipt.transfer_id)
    assert not await school.book.release_hold(school.key(), hold.hold_id)
    assert await school.three(account) == (0, 503, 0)


async def test_what_is_held_cannot_be_spent(school):
    account = await school.person(100)
    await place(school, account, 60)
    with pytest.raises(Refusal) as refused:
        await school.charge(account, 41)
    assert refused.value == Refusal(RefusalCode.INSUFFICIENT_BALANCE, available_fen=40, amount_fen=41)
    await school.charge(account, 40)
    await school.check()


async def test_expiry_releases_and_a_late_capture_is_a_fact(school):
    account = await school.person(50)
    now = datetime.now(UTC)
    hold = await place(school, account, 50, expires_at=now + timedelta(minutes=5))
    assert await school.book.expire_holds(now) == 0
    assert await school.book.expire_holds(now + timedelta(minutes=5)) == 1
    assert await school.book.expire_holds(now + timedelta(minutes=5)) == 0
    assert (await school.wallets(account)).held_fen == 0
    await school.charge(account, 50)
    late = await capture(school, hold, 31)
    assert late.captured_fen == 31
    now = await school.wallets(account)
    assert (now.balance_fen, now.held_fen, now.freezes) == (-31, 0, (FreezeReason.OVERDRAFT,))
    await school.check()


async def test_a_released_hold_that_was_used_after_all(school):
    account = await school.person(100)
    hold = await place(school, account, 50)
    key = school.key("release")
    assert await school.book.release_hold(key, hold.hold_id)
    assert await school.book.release_hold(key, hold.hold_id)  # the same answer again
    assert (await school.wallets(account)).held_fen == 0
    assert (await capture(school, hold, 31)).captured_fen == 31
    assert await school.three(account) == (0, 69, 0)
    await school.check()


async def test_many_expire_in_one_go(school):
    accounts = [await school.person(100) for _ in range(5)]
    now = datetime.now(UTC)
    for account in accounts * 2:
        await place(school, account, 10, expires_at=now)
    assert await school.book.expire_holds(now, limit=4) == 4
    assert await school.book.expire_holds(now) == 6
    assert await school.value("SELECT sum(held_fen)::int FROM wallet_account") == 0
    await school.check()


async def test_a_hold_takes_from_card_money_too_by_leaving_transition_below_zero(school):
    account = await school.person(0, 20, 100)
    hold = await place(school, account, 50)
    await capture(school, hold, 50)
    assert await school.three(account) == (100, -30, 0)


@pytest.mark.parametrize("amount_fen", [0, -5])
async def test_an_empty_hold_is_refused(school, amount_fen):
    account = await school.person(100)
    with pytest.raises(Refusal) as refused:
        await place(school, account, amount_fen)
    assert refused.value.code is RefusalCode.AMOUNT_INVALID


async def test_nothing_is_held_for_a_merchant_that_no_capture_could_pay(school):
    account = await school.person(5000)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await place(school, account, 50, merchant_id="mer_nobody")
    assert (await school.wallets(account)).held_fen == 0


async def test_a_frozen_account_draws_no_water(school):
    account = await school.person(100)
    await school.fact(FactKind.OFFLINE_SALE, account, 200)
    with pytest.raises(Refusal) as refused:
        await place(school, account, 50)
    assert refused.value.code is RefusalCode.ACCOUNT_FROZEN
    assert (await school.wallets(account)).held_fen == 0
