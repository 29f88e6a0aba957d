"""Facts happened already: always posted, once, and an overdraft freezes until it is paid."""

from datetime import UTC, datetime, timedelta

import pytest
from support.ledger import CANTEEN

from onecard.ledger.book import FactKind
from onecard.rules.kinds import FreezeReason
from onecard.rules.refusals import Refusal, RefusalCode

FACTS = [
    (FactKind.CARD_TAP, 1250, (-1250, 0, 0), -1250),
    (FactKind.OFFLINE_SALE, 1250, (0, -1250, 0), -1250),
    (FactKind.CHIP_LOAD, 500, (500, -500, 0), 0),
    (FactKind.CHIP_LOAD, -500, (-500, 500, 0), 0),
    (FactKind.CASH_TOP_UP, 1250, (0, 1250, 0), 1250),
    (FactKind.BANK_TOP_UP, 1250, (0, 1250, 0), 1250),
    (FactKind.FEE, 1500, (0, -1500, 0), -1500),
]


@pytest.mark.parametrize(("kind", "amount_fen", "moved", "felt_fen"), FACTS)
async def test_what_each_fact_moves(school, kind, amount_fen, moved, felt_fen):
    account = await school.person()
    receipt = await school.fact(kind, account, amount_fen)
    assert await school.three(account) == moved
    assert receipt.amount_fen == felt_fen
    assert receipt.balance_fen == sum(moved)
    await school.check()


async def test_an_overdraft_freezes_phone_payments_until_it_is_paid_and_lifts_nothing_else(school):
    account = await school.person(100)
    await school.book.freeze(account, FreezeReason.LOSS, "usr_operator")
    await school.fact(FactKind.CARD_TAP, account, 1250)
    assert (await school.wallets(account)).freezes == (FreezeReason.LOSS, FreezeReason.OVERDRAFT)
    with pytest.raises(Refusal) as refused:
        await school.charge(account, 1)
    assert refused.value == Refusal(RefusalCode.ACCOUNT_FROZEN, reasons=["OVERDRAFT"])
    await school.pay_in(account, 1150)  # exactly 0 is not above 0
    assert FreezeReason.OVERDRAFT in (await school.wallets(account)).freezes
    await school.pay_in(account, 1)
    assert (await school.wallets(account)).freezes == (FreezeReason.LOSS,)


async def test_the_same_key_once_the_same_reference_once(school):
    account = await school.person(5000)
    reference = ("terminal_serial", "ter_till:000123")
    first = await school.fact(FactKind.OFFLINE_SALE, account, 700, key=school.key("a"), reference=reference)
    again = await school.fact(FactKind.OFFLINE_SALE, account, 700, key=school.key("a"), reference=reference)
    uploaded = await school.fact(
        FactKind.OFFLINE_SALE, account, 700, key=school.key("b"), reference=reference
    )
    assert again.replayed
    assert uploaded.replayed
    assert first.transfer_id == again.transfer_id == uploaded.transfer_id
    assert await school.three(account) == (0, 4300, 0)
    with pytest.raises(Refusal) as conflict:
        await school.fact(FactKind.OFFLINE_SALE, account, 701, key=school.key("a", other=True))
    assert conflict.value.code is RefusalCode.IDEMPOTENCY_CONFLICT


@pytest.mark.parametrize("differs", ["amount", "person"])
async def test_a_reference_never_stands_for_two_different_facts(school, differs):
    """A till that counts from 0 again: its second sale must not vanish behind the first one's receipt."""
    account, other = await school.person(5000), await school.person(5000)
    reference = ("terminal_serial", "ter_till:000123")
    await school.fact(FactKind.OFFLINE_SALE, account, 700, reference=reference)
    who, amount_fen = (account, 701) if differs == "amount" else (other, 700)
    with pytest.raises(Refusal) as conflict:
        await school.fact(FactKind.OFFLINE_SALE, who, amount_fen, reference=reference)
    assert conflict.value.code is RefusalCode.IDEMPOTENCY_CONFLICT
    assert await school.three(account) == (0, 4300, 0)
    assert await school.three(other) == (0, 5000, 0)


async def test_late_uploads_go_into_the_open_day_and_are_marked(school):
    account = await school.person(5000)
    now = datetime.now(UTC)
    fresh = await school.fact(FactKind.OFFLINE_SALE, account, 100, occurred_at=now)
    late = await school.fact(FactKind.OFFLINE_SALE, account, 100, occurred_at=now - timedelta(days=3))
    assert (fresh.late, late.late) == (False, True)
    assert fresh.day == late.day
    assert late.occurred_at == now - timedelta(days=3)


async def test_electronic_is_swept_by_facts_too(school):
    account = await school.person(100, 3000)
    await school.fact(FactKind.OFFLINE_SALE, account, 500)
    assert await school.three(account) == (0, 0, 2600)
    await school.fact(FactKind.FEE, account, 2700)
    assert await school.three(account) == (0, -100, 0)
    await school.check()
    assert await school.balance("fee") == -2700
    assert await school.balance(f"merchant:{CANTEEN}") == -500
