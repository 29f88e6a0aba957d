"""Posts what happened before today through the book, under caller ids that are the same in every run.

What a person did is posted in order; different people's lines side by side. Spending is posted as facts: it
happened, so no gate of today is asked and no limit of today is used up.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from onecard.actions.parts import Records
from onecard.actions.rows import HistoryRow, RowsError
from onecard.ledger.book import Fact, FactKind, caller_key
from onecard.rules.kinds import RechargeMethod, WalletType
from onecard.rules.money import parse_yuan

SCOPE = "history"
PEOPLE_AT_ONCE = 8

_FACTS = {
    "PAYMENT": FactKind.OFFLINE_SALE,
    "CARD_TAP": FactKind.CARD_TAP,
    "CHIP_LOAD": FactKind.CHIP_LOAD,
    "CASH_TOP_UP": FactKind.CASH_TOP_UP,
}


@dataclass(slots=True)
class _Person:
    """Whose history is being posted: the account, the chip once one was seen, orders by their row."""

    account_id: str
    chip: str
    chip_is_open: bool = False
    orders: dict[str, str] = field(default_factory=dict)


async def load_history(
    records: Records, history: Sequence[HistoryRow], progress: Callable[[int], None]
) -> None:
    """RowsError names a row of somebody who is not bound, at an unknown terminal, or of an unknown kind."""
    by_person: dict[str, list[HistoryRow]] = {}
    for row in history:
        by_person.setdefault(row.person, []).append(row)
    accounts = await _accounts(records, list(by_person))
    terminals = await _terminals(records)
    turn = asyncio.Semaphore(PEOPLE_AT_ONCE)
    done = 0

    async def post_all(number: str, rows: list[HistoryRow]) -> None:
        nonlocal done
        async with turn:
            if number not in accounts:
                raise RowsError(f"history {rows[0].id}: {number} is not bound")
            person = _Person(accounts[number], _chip(number))
            # Posted in order, so whoever's last line is there has them all.
            last_is_there = await records.book.find_result(_key_text(rows[-1])) is not None
            for row in rows if not last_is_there else ():
                await _post(records, person, terminals, row)
            done += len(rows)
            progress(done)

    wrong: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            for number, rows in by_person.items():
                group.create_task(post_all(number, rows))
    except* RowsError as group_of:
        wrong = group_of.exceptions[0]
    if wrong is not None:
        raise wrong


async def _post(
    records: Records, person: _Person, terminals: dict[str, tuple[str, str]], row: HistoryRow
) -> None:
    amount_fen, at = parse_yuan(row.amount), datetime.fromisoformat(row.occurred_at)
    terminal_id, merchant_id = terminals.get(row.terminal or "", (None, None))
    if row.terminal is not None and terminal_id is None:
        raise RowsError(f"history {row.id}: no terminal {row.terminal}")
    key = caller_key(SCOPE, row.id, kind=row.kind, amount_fen=amount_fen, at=at)
    if row.kind == "RECHARGE":
        await _recharge(records, person, row, amount_fen, at)
    elif row.kind == "REVERSAL":
        await records.book.reverse(key, f"{SCOPE}:{row.of}", terminal_id=terminal_id, occurred_at=at)
    elif row.kind == "REFUND":
        order_id = person.orders.get(row.of or "")
        if order_id is None:
            raise RowsError(f"history {row.id}: no recharge {row.of} before it")
        asked = await records.book.ask_refund(key, order_id, amount_fen, "退回多充的金额", "system")
        await records.book.finish_refund(asked.out_refund_no, ok=True, at=at)
    elif row.kind in _FACTS:
        kind = _FACTS[row.kind]
        of_chip = kind in (FactKind.CARD_TAP, FactKind.CHIP_LOAD)
        if of_chip and not person.chip_is_open:
            await records.book.open_chip(person.account_id, person.chip)
            person.chip_is_open = True
        await records.book.record_fact(
            Fact(
                kind,
                key,
                person.account_id,
                amount_fen,
                at,
                merchant_id=None if kind in (FactKind.CHIP_LOAD, FactKind.CASH_TOP_UP) else merchant_id,
                terminal_id=terminal_id,
                chip=person.chip if of_chip else None,
                reference=(SCOPE, row.id),  # what happened outside, as an upload is
            )
        )
    else:
        raise RowsError(f"history {row.id}: no such kind: {row.kind}")


async def _recharge(
    records: Records, person: _Person, row: HistoryRow, amount_fen: int, at: datetime
) -> None:
    """An order and its payment, with the numbers another system would have given them."""
    wallet_type = WalletType(row.wallet_type)
    order, _ = await records.recharges.create_order(
        caller_key(SCOPE, row.id, amount_fen=amount_fen, wallet_type=wallet_type),
        person.account_id,
        amount_fen,
        wallet_type,
        RechargeMethod.WECHAT,
        at,
    )
    person.orders[row.id] = order.id
    await records.recharges.backdate_order(order.id, at)
    await records.book.credit_recharge(
        out_trade_no=order.out_trade_no,
        transaction_id=f"history-{row.id}",
        paid_fen=amount_fen,
        paid_at=at,
        source="QUERY",
    )


def _key_text(row: HistoryRow) -> str:
    return f"wechat:history-{row.id}" if row.kind == "RECHARGE" else f"{SCOPE}:{row.id}"


def _chip(number: str) -> str:
    """Eight hexadecimal digits, as a reader prints a chip's serial."""
    return hashlib.sha256(f"chip of {number}".encode()).hexdigest()[:8].upper()


async def _accounts(records: Records, numbers: list[str]) -> dict[str, str]:
    rows = await records.database.execute_query_dict(
        "SELECT number, account_id FROM person WHERE number = ANY ($1) AND account_id IS NOT NULL", [numbers]
    )
    return {row["number"]: row["account_id"] for row in rows}


async def _terminals(records: Records) -> dict[str, tuple[str, str]]:
    rows = await records.database.execute_query_dict("SELECT number, id, merchant_id FROM terminal")
    return {row["number"]: (row["id"], row["merchant_id"]) for row in rows}
