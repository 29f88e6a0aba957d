"""Paying by phone: the three wallets, the sweep, the refusals, and one result per id."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from support.ledger import CANTEEN, open_school

from onecard.ledger.book import FactKind
from onecard.rules.kinds import FreezeReason
from onecard.rules.policy import PaymentMode, Policy
from onecard.rules.refusals import Refusal, RefusalCode

CODE = hashlib.sha256(b"91000000000000000000").digest()


# The sweep (ADR 5): before, amount, after; as card, transition, electronic.
SWEEPS = [
    ((0, 5000, 0), 1250, (0, 3750, 0)),
    ((534, -504, 3000), 20, (534, 0, 2476)),  # the pay-in swept 504 first
    ((0, 0, 3000), 1250, (0, 0, 1750)),
    ((0, 1000, 3000), 1250, (0, 0, 2750)),
    ((2000, 0, 100), 1250, (2000, -1150, 0)),
    ((2000, 0, 0), 1250, (2000, -1250, 0)),
    ((0, 1250, 1), 1250, (0, 0, 1)),
]


@pytest.mark.parametrize(("before", "amount_fen", "after"), SWEEPS)
async def test_a_payment_takes_transition_and_sweeps_electronic(school, before, amount_fen, after):
    card, transition, electronic = before
    account = await school.person(transition, electronic, card)
    receipt = await school.charge(account, amount_fen)
    assert await school.three(account) == after
    assert (receipt.card_fen, receipt.transition_fen, receipt.electronic_fen) == after
    assert receipt.amount_fen == -amount_fen
    assert receipt.balance_fen == sum(before) - amount_fen
    await school.check()


async def test_the_guides_page_card_534_transition_minus_504(school):
    """5.34 − 5.04 = 0.30 left: 0.20 passes, then 0.20 does not."""
    account = await school.person(-504, 0, 534)
    assert (await school.charge(account, 20, "meal")).transition_fen == -524
    assert (await school.charge(account, 20, "meal")).replayed
    with pytest.raises(Refusal) as refused:
        await school.charge(account, 20, "tea")
    assert refused.value == Refusal(RefusalCode.INSUFFICIENT_BALANCE, available_fen=10, amount_fen=20)
    assert await school.three(account) == (534, -524, 0)


async def test_the_same_id_gives_the_same_receipt_and_another_body_a_conflict(school):
    account = await school.person(5000)
    first = await school.charge(account, 1250, "one")
    again = await school.charge(account, 1250, "one")
    assert again.replayed
    assert not first.replayed
    assert again.transfer_id == first.transfer_id
    assert again.recorded_at == first.recorded_at
    with pytest.raises(Refusal) as conflict:
        await school.charge(account, 1251, "one")
    assert conflict.value.code is RefusalCode.IDEMPOTENCY_CONFLICT
    assert (await school.charge(account, 1250, "one")).transfer_id == first.transfer_id
    assert await school.three(account) == (0, 3750, 0)
    assert await school.balance(f"merchant:{CANTEEN}") == -1250


async def test_a_refusal_is_final_for_its_id_even_after_a_recharge(school):
    account = await school.person(100)
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await school.charge(account, 1250, "one")
        assert refused.value == Refusal(RefusalCode.INSUFFICIENT_BALANCE, available_fen=100, amount_fen=1250)
        await school.fact(FactKind.CASH_TOP_UP, account, 5000)
    assert await school.three(account) == (0, 10100, 0)
    assert (await school.charge(account, 1250, "two")).balance_fen == 8850
    assert await school.book.find_result(school.key("one").text) == refused.value


@pytest.mark.parametrize("amount_fen", [0, -1, -1250])
async def test_an_amount_of_nothing_is_refused(school, amount_fen):
    account = await school.person(5000)
    with pytest.raises(Refusal) as refused:
        await school.charge(account, amount_fen)
    assert refused.value == Refusal(RefusalCode.AMOUNT_INVALID, minimum_fen=1, maximum_fen=30000)
    assert await school.three(account) == (0, 5000, 0)


async def test_limits_once_and_a_day_and_what_a_reversal_gives_back(school):
    account = await school.person(100_000)
    with pytest.raises(Refusal) as once:
        await school.charge(account, 30_001)
    assert once.value == Refusal(
        RefusalCode.PAYMENT_LIMIT_REACHED, limit_fen=30_000, period="ONCE", spent_fen=0
    )
    big = school.charging(account, 30_000, "big")
    await school.book.charge(big)
    await school.charge(account, 20_000)
    with pytest.raises(Refusal) as day:
        await school.charge(account, 1)
    assert day.value == Refusal(
        RefusalCode.PAYMENT_LIMIT_REACHED, limit_fen=50_000, period="DAY", spent_fen=50_000
    )
    await school.book.reverse(school.key(), big.key.text, terminal_id=None, occurred_at=datetime.now(UTC))
    assert (await school.wallets(account)).paid_today_fen == 20_000
    await school.charge(account, 30_000)
    await school.check()


async def test_facts_count_towards_the_limit_unless_they_are_another_days(school):
    account = await school.person(100_000)
    await school.fact(FactKind.OFFLINE_SALE, account, 49_000)
    late = await school.fact(
        FactKind.OFFLINE_SALE, account, 5_000, occurred_at=datetime.now(UTC) - timedelta(days=2)
    )
    assert late.late
    assert (await school.wallets(account)).paid_today_fen == 49_000
    with pytest.raises(Refusal) as day:
        await school.charge(account, 1_001)
    assert day.value.data["spent_fen"] == 49_000


async def test_a_lost_card_may_pay_by_phone_and_a_frozen_account_not(school):
    account = await school.person(5000)
    assert await school.book.freeze(account, FreezeReason.LOSS, "usr_operator")
    assert not await school.book.freeze(account, FreezeReason.LOSS, "usr_operator")
    await school.charge(account, 100)
    await school.book.freeze(account, FreezeReason.OPERATOR, "usr_operator")
    with pytest.raises(Refusal) as refused:
        await school.charge(account, 100)
    assert refused.value == Refusal(RefusalCode.ACCOUNT_FROZEN, reasons=["OPERATOR"])
    assert await school.book.unfreeze(account, FreezeReason.OPERATOR, "usr_operator")
    assert (await school.wallets(account)).freezes == (FreezeReason.LOSS,)
    await school.charge(account, 100)
    assert await school.value("SELECT count(*) FROM freeze_event") == 3


async def test_a_code_pays_once_and_a_refused_payment_burns_none(school):
    account = await school.person(100)
    with pytest.raises(Refusal):
        await school.charge(account, 1250, code_hash=CODE)
    await school.fact(FactKind.CASH_TOP_UP, account, 5000)
    await school.charge(account, 1250, "lunch", code_hash=CODE)
    with pytest.raises(Refusal) as used:
        await school.charge(account, 1250, code_hash=CODE)
    assert used.value.code is RefusalCode.CODE_USED
    assert (await school.charge(account, 1250, "lunch", code_hash=CODE)).replayed
    assert await school.three(account) == (0, 3850, 0)


async def test_a_code_that_a_door_has_seen_cannot_pay(school):
    account = await school.person(5000)
    await school.rows("INSERT INTO code_claim VALUES ($1, 'DOOR', 'door:1', now()) RETURNING 1", CODE)
    with pytest.raises(Refusal) as used:
        await school.charge(account, 1250, code_hash=CODE)
    assert used.value.code is RefusalCode.CODE_FOR_DOORS
    assert await school.three(account) == (0, 5000, 0)


async def test_a_decision_made_before_is_stored_but_a_result_comes_first(school):
    account = await school.person(5000)
    expired = Refusal(RefusalCode.CODE_EXPIRED)
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await school.charge(None, 1250, "late", refuse=expired)
        assert refused.value == expired
    done = school.charging(account, 1250, "done")
    receipt = await school.book.charge(done)
    again = school.charging(account, 1250, "done", refuse=expired)
    assert (await school.book.charge(again)).transfer_id == receipt.transfer_id


async def test_positive_mode_lets_the_last_ride_go_below_zero(database):
    policy = Policy(payment_mode=PaymentMode.POSITIVE, overdraft_limit_fen=200)
    async with open_school(database, policy) as school:
        account = await school.person(100)
        with pytest.raises(Refusal):
            await school.charge(account, 301)
        await school.charge(account, 300)
        assert await school.three(account) == (0, -200, 0)
        assert (await school.wallets(account)).freezes == ()
        with pytest.raises(Refusal):
            await school.charge(account, 1)
        await school.check()


async def test_an_unknown_wallet_or_merchant_is_our_mistake_and_stores_nothing(school):
    account = await school.person(5000)
    with pytest.raises(Exception, match="no such wallet account"):
        await school.charge("acc_nobody", 100, "ghost")
    with pytest.raises(Exception, match="entry_account_unit_fkey"):
        await school.charge(account, 100, "nowhere", merchant_id="mer_nowhere")
    assert await school.three(account) == (0, 5000, 0)
    assert await school.book.find_result(school.key("nowhere").text) is None
