"""A journal with everything in it that the ledger can post today, on two accounting days."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from support.full_power import fill_power
from support.ledger import TERMINAL, School

from onecard.ledger.book import FactKind
from onecard.rules.kinds import FreezeReason, WalletType
from onecard.rules.refusals import Refusal

BATH = "mer_bath"


def code(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def fill(school: School) -> dict[str, str]:
    """Posts it all; names of what tests want to touch again."""
    book, now = school.book, datetime.now(UTC)
    await book.open_merchant(BATH)
    lin, zhou = await school.person(), await school.person()

    # Recharges: into transition, into the electronic account, twice notified, by a stranger, wrong amount.
    first = await school.pay_in(lin, 10000)
    await school.credit(first, 10000, f"wx-{first.id}")
    await school.pay_in(lin, 5000, WalletType.ELECTRONIC)
    await school.pay_in(zhou, 3000)
    await school.credit("NOBODYORDERED", 700, "wx-stranger")
    wrong = await school.order(zhou, 2000)
    mismatch = await school.credit(wrong, 1999, "wx-mismatch")
    sent_back = await school.credit("NOBODYORDEREDEITHER", 300, "wx-sent-back")

    # Payments: plain, with sweep, refused, reversed, and one whose reversal came first.
    await school.charge(lin, 1250, "lunch", code_hash=code("a"))
    await school.charge(lin, 9500, "books", code_hash=code("b"))
    with pytest.raises(Refusal):
        await school.charge(zhou, 29999, "too much", code_hash=code("c"))
    await school.charge(zhou, 250, "tea", code_hash=code("c"))
    await reverse(school, "tea back", "tea")
    await reverse(school, "lost back", "lost")
    with pytest.raises(Refusal):
        await school.charge(zhou, 100, "lost", code_hash=code("d"))

    # The chip: loaded, tapped, tapped late into an overdraft that freezes, paid in again.
    await school.fact(FactKind.CHIP_LOAD, lin, 1000, reference=("load", "1"))
    await school.fact(FactKind.CARD_TAP, lin, 330, reference=("tap", "1"))
    yesterday = now - timedelta(days=3)
    tap = school.key("night tap")
    await school.fact(FactKind.CARD_TAP, zhou, 4000, key=tap, occurred_at=yesterday, reference=("tap", "2"))
    await reverse(school, "night tap back", "night tap")
    await school.fact(FactKind.OFFLINE_SALE, zhou, 3500, reference=("sale", "1"))
    await school.fact(FactKind.CASH_TOP_UP, zhou, 6000, reference=("till", "1"))
    await school.fact(FactKind.FEE, lin, 10, reference=("fee", "1"))
    await book.freeze(zhou, FreezeReason.LOSS, "usr_operator")

    # Holds: captured in part, captured with nothing, released, expired then captured, still active.
    holds = {}
    for name in ("captured", "unused", "released", "expired", "active"):
        placed = await book.place_hold(
            school.key(f"hold {name}"), lin, 50, merchant_id=BATH, terminal_id=TERMINAL
        )
        holds[name] = placed.hold_id
        if name == "captured":
            await school.charge(lin, 77, "while held", code_hash=code("e"))
            await book.capture_hold(school.key("c1"), placed.hold_id, 31, occurred_at=now)
            await book.capture_hold(school.key("c1 again"), placed.hold_id, 31, occurred_at=now)
        elif name == "unused":
            await book.capture_hold(school.key("c2"), placed.hold_id, 0, occurred_at=now)
        elif name == "released":
            await book.release_hold(school.key("r1"), placed.hold_id)
        elif name == "expired":
            assert await book.expire_holds(placed.expires_at + timedelta(seconds=1)) == 1
            await school.charge(lin, 88, "after expiry", code_hash=code("f"))
            await book.capture_hold(school.key("c3"), placed.hold_id, 60, occurred_at=now)

    # Refunds: asked, done, failed, failed and done after all, too large; a case sent back.
    second = await school.pay_in(zhou, 4000)
    refunds = {}
    for name, fen in (("waiting", 100), ("done", 200), ("failed", 300), ("late", 400)):
        refunds[name] = await book.ask_refund(school.key(f"refund {name}"), second.id, fen, "asked", "usr_op")
    await book.finish_refund(refunds["done"].out_refund_no, ok=True, at=now)
    await book.finish_refund(refunds["failed"].out_refund_no, ok=False, at=now)
    await book.finish_refund(refunds["late"].out_refund_no, ok=False, at=now)
    await book.finish_refund(refunds["late"].out_refund_no, ok=True, at=now)
    with pytest.raises(Refusal):
        await book.ask_refund(school.key("refund too large"), second.id, 3301, "asked", "usr_op")
    case = await book.ask_case_refund(school.key("case"), sent_back.case_id, "unknown", "usr_op")
    await book.finish_refund(case.out_refund_no, ok=True, at=now)
    await book.ask_case_refund(school.key("case 2"), mismatch.case_id, "other amount", "usr_op")

    await fill_power(school)

    # Another accounting day; the rollup's fence stands between.
    await book.roll_up()
    await school.rows(
        "UPDATE accounting_day SET closes_at = greatest(opens_at, ledger_now()) + interval '1 us'"
    )
    await school.charge(lin, 120, "dinner", code_hash=code("g"))
    return {"lin": lin, "zhou": zhou, "order": second.id, "refund": refunds["waiting"].refund_id} | holds


async def reverse(school: School, name: str, original: str) -> object:
    return await school.book.reverse(
        school.key(name, original=original),
        f"{TERMINAL}:{original}",
        terminal_id=TERMINAL,
        occurred_at=datetime.now(UTC),
    )
