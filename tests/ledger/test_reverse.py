"""冲正: what is taken back, at most once, also when the reversal comes first."""

from datetime import UTC, datetime

import pytest
from support.ledger import CANTEEN

from onecard.ledger.book import FactKind, Kept, NeverPosted, Reversed
from onecard.rules.kinds import BillKind
from onecard.rules.refusals import Refusal, RefusalCode


async def reverse(school, original, name=None, **body):
    return await school.book.reverse(
        school.key(name, of=original.text, **body),
        original.text,
        terminal_id="ter_till",
        occurred_at=datetime.now(UTC),
    )


async def test_a_payment_comes_back_once_and_its_sweep_with_it(school):
    account = await school.person(1000, 3000)
    lunch = school.charging(account, 1250, "lunch")
    receipt = await school.book.charge(lunch)
    assert await school.three(account) == (0, 0, 2750)
    back = await reverse(school, lunch.key, "back")
    assert isinstance(back, Reversed)
    assert back.receipt.kind is BillKind.REVERSAL
    assert back.receipt.amount_fen == 1250
    assert await school.three(account) == (0, 1000, 3000)
    assert await school.balance(f"merchant:{CANTEEN}") == 0
    again = await reverse(school, lunch.key, "back")
    assert again.replayed
    assert again.receipt.transfer_id == back.receipt.transfer_id
    with pytest.raises(Refusal) as twice:
        await reverse(school, lunch.key)
    assert twice.value.code is RefusalCode.ALREADY_REVERSED
    assert await school.three(account) == (0, 1000, 3000)
    row = (await school.rows("SELECT * FROM reversal"))[0]
    assert (row["transfer_id"], row["reversed_by"]) == (receipt.transfer_id, back.receipt.transfer_id)
    await school.check()


async def test_a_reversal_that_comes_first_is_kept_and_the_charge_refused(school):
    account = await school.person(5000)
    lunch = school.charging(account, 1250, "lunch")
    assert await reverse(school, lunch.key, "back") == Kept(replayed=False)
    assert await reverse(school, lunch.key, "back") == Kept(replayed=True)
    assert await reverse(school, lunch.key, "back again") == Kept(replayed=False)
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await school.book.charge(lunch)
        assert refused.value.code is RefusalCode.CHARGE_REVERSED_BEFORE
    assert await school.three(account) == (0, 5000, 0)
    assert await school.value("SELECT count(*) FROM reversal_kept") == 1


async def test_a_refused_charge_has_nothing_to_give_back(school):
    account = await school.person(100)
    lunch = school.charging(account, 1250, "lunch")
    with pytest.raises(Refusal):
        await school.book.charge(lunch)
    assert await reverse(school, lunch.key, "back") == NeverPosted(replayed=False)
    assert await reverse(school, lunch.key, "back") == NeverPosted(replayed=True)
    assert await school.three(account) == (0, 100, 0)


async def test_a_reversal_id_with_another_body_is_a_conflict(school):
    account = await school.person(5000)
    lunch = school.charging(account, 1250, "lunch")
    await school.book.charge(lunch)
    await reverse(school, lunch.key, "back")
    with pytest.raises(Refusal) as conflict:
        await reverse(school, lunch.key, "back", other=True)
    assert conflict.value.code is RefusalCode.IDEMPOTENCY_CONFLICT
    assert await school.three(account) == (0, 5000, 0)


@pytest.mark.parametrize("posted", [False, True])
async def test_a_reversal_under_its_charges_own_id_is_a_conflict(school, posted):
    account = await school.person(5000)
    lunch = school.charging(account, 1250, "lunch")
    if posted:
        await school.book.charge(lunch)
    with pytest.raises(Refusal) as conflict:
        await reverse(school, lunch.key, "lunch")
    assert conflict.value.code is RefusalCode.IDEMPOTENCY_CONFLICT
    assert await school.value("SELECT count(*) FROM reversal_kept") == 0
    assert (await school.book.charge(lunch)).replayed is posted
    assert await school.three(account) == (0, 3750, 0)


async def test_a_reversal_under_the_id_of_a_charge_that_was_reversed_before_it_came(school):
    account = await school.person(5000)
    dinner, lunch = school.charging(account, 900, "dinner"), school.charging(account, 1250, "lunch")
    await school.book.charge(dinner)
    await reverse(school, lunch.key, "back")
    with pytest.raises(Refusal) as conflict:
        await reverse(school, dinner.key, "lunch")
    assert conflict.value.code is RefusalCode.IDEMPOTENCY_CONFLICT
    assert await school.three(account) == (0, 4100, 0)


async def test_a_reversed_tap_returns_to_transition_for_the_chip_is_gone(school):
    account = await school.person(0, 0, 2000)
    tap = school.key("tap")
    await school.fact(FactKind.CARD_TAP, account, 1250, key=tap)
    assert await school.three(account) == (750, 0, 0)
    await reverse(school, tap)
    assert await school.three(account) == (750, 1250, 0)
    assert (await school.wallets(account)).paid_today_fen == 0
    await school.check()


async def test_a_reversal_clears_an_overdraft(school):
    account = await school.person(100)
    sale = school.key("sale")
    await school.fact(FactKind.OFFLINE_SALE, account, 1250, key=sale)
    assert (await school.wallets(account)).freezes == ("OVERDRAFT",)
    await reverse(school, sale)
    assert (await school.wallets(account)).freezes == ()
    assert await school.three(account) == (0, 100, 0)


async def test_a_recharge_cannot_be_reversed(school):
    account = await school.person()
    cash = school.key("cash")
    await school.fact(FactKind.CASH_TOP_UP, account, 5000, key=cash)
    with pytest.raises(Refusal) as refused:
        await reverse(school, cash)
    assert refused.value.code is RefusalCode.NOT_ALLOWED
    assert await school.three(account) == (0, 5000, 0)


async def test_after_the_money_moved_on_the_mirror_still_balances(school):
    """card 0 transition 0 electronic 30.00 | lunch 12.50 | overdrawn by an offline sale | lunch back."""
    account = await school.person(0, 3000)
    lunch = school.charging(account, 1250, "lunch")
    await school.book.charge(lunch)
    await school.fact(FactKind.OFFLINE_SALE, account, 2000)
    assert await school.three(account) == (0, -250, 0)
    await reverse(school, lunch.key)
    assert await school.three(account) == (
        0,
        0,
        1000,
    )  # the mirror gave electronic 12.50, the sweep took 2.50
    await school.check()
