"""What may be read: bills by key, newest first, with their reversals; months; wallets now."""

from datetime import UTC, datetime, timedelta

import pytest
from support.ledger import CANTEEN

from onecard.ledger.book import FactKind
from onecard.ledger.statements import find_bills, find_month_totals, find_wallets
from onecard.rules.clock import SHANGHAI
from onecard.rules.kinds import BillKind


async def test_bills_are_paged_by_key_newest_first(school):
    account, other = await school.person(5000), await school.person(5000)
    posted = []
    for n in range(7):
        posted.append((await school.charge(account, 10 + n)).transfer_id)
        await school.charge(other, 10)
    seen, after = [], None
    while True:
        page = await find_bills(school.database, account, 3, after)
        seen += [line.transfer_id for line in page.rows]
        if not page.has_next:
            break
        after = page.rows[-1].transfer_id
        await school.charge(account, 1)  # what comes later does not shift the pages
    assert seen[:7] == posted[::-1]
    assert len(seen) == 8  # and the cash at the bottom
    newest = (await find_bills(school.database, account, 1)).rows[0]
    assert newest.balance_after_fen == (await school.wallets(account)).balance_fen


async def test_bills_by_kind_and_by_when_they_occurred(school):
    account = await school.person(5000)
    now = datetime.now(UTC)
    old = await school.fact(FactKind.OFFLINE_SALE, account, 100, occurred_at=now - timedelta(days=9))
    await school.charge(account, 100)
    by_kind = await find_bills(school.database, account, 10, kinds=[BillKind.RECHARGE])
    assert [line.kind for line in by_kind.rows] == [BillKind.RECHARGE]
    assert by_kind.rows[0].method == "CASH"
    early = await find_bills(school.database, account, 10, until=now - timedelta(days=1))
    assert [line.transfer_id for line in early.rows] == [old.transfer_id]
    assert early.rows[0].late
    late = await find_bills(school.database, account, 10, since=now - timedelta(days=1))
    assert old.transfer_id not in [line.transfer_id for line in late.rows]
    assert len(late.rows) == 2


async def test_a_bill_knows_its_reversal_and_the_reversal_its_bill(school):
    account = await school.person(1000, 1000)
    lunch = school.charging(account, 1250)
    receipt = await school.book.charge(lunch)
    back = await school.book.reverse(
        school.key(), lunch.key.text, terminal_id=None, occurred_at=datetime.now(UTC)
    )
    bill = await school.bill(receipt.transfer_id)
    mirror = await school.bill(back.receipt.transfer_id)
    assert (bill.reversed_by_id, mirror.reverses_id) == (mirror.transfer_id, bill.transfer_id)
    assert (bill.amount_fen, mirror.amount_fen) == (-1250, 1250)
    assert (bill.card_delta_fen, bill.transition_delta_fen, bill.electronic_delta_fen) == (0, -1000, -250)
    assert bill.merchant_id == CANTEEN
    assert await school.bill(10**12) is None


async def test_a_transfer_of_no_person_is_nobodys_bill(school):
    outcome = await school.credit("0000000unknown", 700, "wx-1")
    assert await school.bill(outcome.receipt.transfer_id) is None


async def test_month_totals_are_calendar_months_in_shanghai_net_of_reversals(school):
    account = await school.person(50_000)
    this = datetime.now(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last_second = this - timedelta(seconds=1)
    await school.fact(FactKind.OFFLINE_SALE, account, 700, occurred_at=last_second)
    await school.fact(FactKind.OFFLINE_SALE, account, 30, occurred_at=this)
    lunch = school.charging(account, 1250)
    await school.book.charge(lunch)
    await school.book.reverse(school.key(), lunch.key.text, terminal_id=None, occurred_at=datetime.now(UTC))
    await school.fact(FactKind.CHIP_LOAD, account, 400)
    totals = await find_month_totals(school.database, account, 3)
    assert [row.month for row in totals[:2]] == [f"{this:%Y-%m}", f"{last_second:%Y-%m}"]
    assert [(row.spent_fen, row.recharged_fen, row.count) for row in totals] == [
        (30, 50_000, 1),
        (700, 0, 1),
        (0, 0, 0),
    ]


async def test_wallets_of_many_in_one_statement(school):
    accounts = [await school.person(100 * (n + 1)) for n in range(3)]
    found = await find_wallets(school.database, [*accounts, "acc_nobody"])
    assert {key: row.balance_fen for key, row in found.items()} == dict(
        zip(accounts, (100, 200, 300), strict=True)
    )


@pytest.mark.parametrize("first", [0, -1, 201])
async def test_a_page_has_a_size(school, first):
    with pytest.raises(ValueError, match="a page has"):
        await find_bills(school.database, "acc_x", first)
