"""Why a payment would be refused now: what the gate would say, all of it, each with its remedy."""

import pytest
from support.town import BOUND

from onecard.actions.find_obstacles import PaymentChannel, find_obstacles
from onecard.rules.kinds import FreezeReason
from onecard.rules.refusals import Refusal

PHONE, CARD = PaymentChannel.PHONE, PaymentChannel.CARD


async def codes(town, amount_fen=None, via=PHONE):
    account_id = (await town.wallets()).account_id
    found = await find_obstacles(town.parts, account_id, via=via, amount_fen=amount_fen)
    assert all(one.message("ZH") and one.remedy("ZH") and one.remedy("EN") for one in found)
    return [one.code.value for one in found]


async def test_not_bound(town):
    (one,) = await find_obstacles(town.parts, None, via=PHONE)
    assert one.code == "NOT_BOUND"


async def test_nothing_to_pay_with(town):
    assert await codes(town) == ["INSUFFICIENT_BALANCE"]
    await town.give(100)
    assert await codes(town) == []
    assert await codes(town, 100) == []
    assert await codes(town, 101) == ["INSUFFICIENT_BALANCE"]


async def test_a_question_without_an_amount_is_answered_without_one(town):
    account_id = (await town.wallets()).account_id
    (one,) = await find_obstacles(town.parts, account_id, via=PHONE)
    assert one.message("ZH") == "可用余额 0.00 元，大于 0 才能付款。"
    assert one.message("EN") == "0.00 yuan available; you can pay once it is above 0."
    (one,) = await find_obstacles(town.parts, account_id, via=PHONE, amount_fen=1250)
    assert one.message("ZH") == "余额不足：可用 0.00 元，本次需要 12.50 元。没有扣款。"


async def test_one_obstacle_hides_no_other(town):
    await town.parts.book.freeze((await town.wallets()).account_id, FreezeReason.OPERATOR, "per_x")
    assert await codes(town, 30_001) == ["ACCOUNT_FROZEN", "PAYMENT_LIMIT_REACHED", "INSUFFICIENT_BALANCE"]


async def test_a_lost_card_stops_the_chip_and_not_the_phone(town):
    await town.give(100)
    await town.parts.book.freeze((await town.wallets()).account_id, FreezeReason.LOSS, "per_x")
    assert await codes(town) == []
    assert await codes(town, via=CARD) == ["ACCOUNT_FROZEN"]


async def test_closed(town):
    await town.give(100)
    await town.execute("UPDATE wallet_account SET closed_at = now()")
    assert await codes(town) == ["ACCOUNT_CLOSED"]


async def test_limits_of_the_day(town):
    await town.give(50_000)
    await town.give(20_000)
    for amount_fen in (30_000, 15_000):
        await town.pay(await town.code(), amount_fen)
    assert await codes(town) == []
    assert await codes(town, 5_001) == ["PAYMENT_LIMIT_REACHED"]


@pytest.mark.parametrize("amount_fen", [0, -5, 1, 999, 1000, 1001, 30_000, 30_001, 10**12])
async def test_the_page_and_the_till_agree(town, amount_fen):
    """Whatever the page says, the till then does."""
    await town.give(1000)
    foretold = await codes(town, amount_fen)
    try:
        await town.pay(await town.code(BOUND), amount_fen)
        happened = None
    except Refusal as no:
        happened = no.code.value
    assert happened in foretold if foretold else happened is None
