"""Electricity of every kind that the ledger can post: delivered, given back, disputed, lent, used up, moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from support.dorm import POWER, Dorm
from support.ledger import School

from onecard.rules.kinds import PayMethod


async def fill_power(school: School) -> None:
    dorm, book, now = Dorm(school), school.book, datetime.now(UTC)
    await dorm.open()
    payer = await school.person(20_000)
    room, other = await dorm.room(quota_wh=8_000), await dorm.room()

    # From the account: delivered, given back, and delivered after it had been given back.
    await dorm.deliver(await dorm.buy(payer, room, 3_000))
    await book.refund_electricity((await dorm.buy(payer, room, 500)).id, "the meter said no", "worker")
    for against_payer in (True, False, None):
        late = await dorm.buy(payer, other, 700)
        await book.start_delivery(late.id, f"cmd_{against_payer}", 12_600, [], 6)
        await book.doubt_delivery(late.id)
        await book.refund_electricity(late.id, "two persons decided", "usr_1")
        await dorm.deliver(late)
        if against_payer is not None:
            case = await school.value("SELECT id FROM suspense_case WHERE reference = $1", late.id)
            assert await book.end_dispute(case, against_payer=against_payer, actor="usr_1")

    # From outside, by a parent: delivered, another amount, given back, and a refund that fails.
    parents = await dorm.order(None, room, 5_000)
    await dorm.pay(parents)
    await dorm.deliver(parents)
    await dorm.pay(await dorm.order(None, room, 1_000, PayMethod.BANK_CARD), 999)
    for ok in (True, False):
        back = await dorm.order(None, other, 800, PayMethod.ONLINE_PAYMENT)
        await dorm.pay(back)
        await book.refund_electricity(back.id, "the meter said no", "worker")
        number = await school.value("SELECT out_refund_no FROM refund WHERE electricity_id = $1", back.id)
        await book.finish_refund(number, ok=ok, at=now)

    # What runs, the night's loan and its repayment, a quota that lapses, energy moved to the right room.
    for total, ago in ((1_000_000, 2), (1_009_500, 1)):
        await book.consume(room, f"met_{room}", total, now - timedelta(hours=ago))
    await book.lend_emergency(other, "2026-11-26", 2_000, 112, POWER)
    await dorm.deliver(await dorm.buy(payer, other, 300))
    await book.grant_quota(room, "2026-12", 8_000, lapses=True)
    await book.move_energy(school.key("move", wh=4_000), room, other, 4_000)
