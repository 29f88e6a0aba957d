"""A refund that WeChat reported as failed and paid out after all: a fact, whatever was done meanwhile."""

from datetime import UTC, datetime

import pytest
from support.database import connected

from onecard.ledger.check import check
from onecard.ledger.receipts import RefundFinished


async def broken(school):
    async with connected(school.dsn) as connection:
        return {finding.invariant for finding in await check(connection, school.policy)}


async def finish(school, asked, *, ok):
    finished = await school.book.finish_refund(asked.out_refund_no, ok=ok, at=datetime.now(UTC))
    assert isinstance(finished, RefundFinished)
    return finished


@pytest.mark.parametrize("second_ok", [True, False])
async def test_a_failed_refund_was_asked_again_and_then_paid_out(school, second_ok):
    """The late word comes while the second refund is still on its way."""
    account = await school.person()
    order = await school.pay_in(account, 1000)
    first = await school.book.ask_refund(school.key("r1"), order.id, 1000, "asked", "usr_op")
    await finish(school, first, ok=False)
    second = await school.book.ask_refund(school.key("r2"), order.id, 1000, "again", "usr_op")
    await finish(school, first, ok=True)
    assert await school.three(account) == (0, -1000, 0), "paid out, and set aside once more"
    await finish(school, second, ok=second_ok)
    found = await school.recharges.find_order(order.out_trade_no)
    assert (found.refunded_fen, found.state) == (1000, "REFUNDED")
    if second_ok:  # the money left twice: the person owes it, and the checker does not hide it
        assert await school.three(account) == (0, -1000, 0)
        assert await school.balance("wechat") == -1000
        assert await broken(school) == {"I12"}
    else:
        assert await school.three(account) == (0, 0, 0)
        assert await school.balance("wechat") == 0
        assert await broken(school) == set()


@pytest.mark.parametrize("second_ok", [True, False])
async def test_a_cases_failed_refund_was_asked_again_and_then_paid_out(school, second_ok):
    case = (await school.credit("NOBODYORDERED", 700, "wx-stray")).case_id
    first = await school.book.ask_case_refund(school.key("r1"), case, "stray", "usr_op")
    await finish(school, first, ok=False)
    second = await school.book.ask_case_refund(school.key("r2"), case, "again", "usr_op")
    await finish(school, first, ok=True)
    await finish(school, second, ok=second_ok)
    assert await school.value("SELECT state FROM suspense_case") == "CLOSED"
    assert await school.balance("wechat") == (-700 if second_ok else 0)
    assert await school.balance("suspense") == (700 if second_ok else 0)
    assert await broken(school) == ({"I12"} if second_ok else set())
