"""The journal in plain text, for hledger or beancount: books that can be read without us.

Every posting says its account's balance after it, and the last transaction says the balance of every
account, taken from what the ledger has *stored* (wallet rows, rollup), not from the lines above: so the
reader's own arithmetic proves both that no line was altered and that what we show people is the journal's
sum. The sealed head stands in the first and the last line.

hledger: amounts as `50.00 CNY = 37.50 CNY`. beancount has no assertion on a posting: the balances stand as
`balance` directives after each day.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from onecard.ledger.seal import Connection, Head, find_head

PREFETCH = 2_000  # entries fetched ahead


class Format(StrEnum):
    HLEDGER = "hledger"
    BEANCOUNT = "beancount"


@dataclass(frozen=True, slots=True)
class Account:
    code: str
    kind: str
    unit: str


async def export(connection: Connection, form: Format = Format.HLEDGER) -> AsyncIterator[str]:
    """The lines of the export, from one snapshot."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        accounts = {row["code"]: Account(*row) for row in await connection.fetch(_ACCOUNTS)}
        head = await find_head(connection)
        write = _Hledger(accounts) if form is Format.HLEDGER else _Beancount(accounts)
        for line in write.opening(head):
            yield line
        transfer: list[Any] = []
        async for row in connection.cursor(_LINES, prefetch=PREFETCH):
            if transfer and transfer[0]["id"] != row["id"]:
                for line in write.transaction(transfer):
                    yield line
                transfer = []
            transfer.append(row)
        if transfer:
            for line in write.transaction(transfer):
                yield line
        stored = {row["code"]: int(row["amount"]) for row in await connection.fetch(_STORED)}
        for line in write.closing(head, stored):
            yield line


class _Hledger:
    def __init__(self, accounts: dict[str, Account]) -> None:
        self._accounts = accounts
        self._sums: dict[str, int] = {}
        self._day: date | None = None

    def opening(self, head: Head | None) -> Iterator[str]:
        yield f"; OneCard journal. Sealed head: {_name(head)}"
        yield "commodity 0.00 CNY"
        yield "commodity 0. Wh"
        yield ""
        for account in self._accounts.values():
            yield f"account {_hledger_name(account)}"

    def transaction(self, lines: list[Any]) -> Iterator[str]:
        first = lines[0]
        self._day = first["day"]
        yield ""
        yield f"{first['day'].isoformat()} ({first['id']}) {first['kind']} ; recorded {_moment(first)}"
        for line in lines:
            account = self._accounts[line["account"]]
            total = self._sums[account.code] = self._sums.get(account.code, 0) + line["amount"]
            yield _posting(account, line["amount"], total)

    def closing(self, head: Head | None, stored: dict[str, int]) -> Iterator[str]:
        if self._day is None:
            return
        yield ""
        yield f"{self._day.isoformat()} closing balances ; sealed head: {_name(head)}"
        for account in self._accounts.values():
            yield _posting(account, 0, stored.get(account.code, 0))


class _Beancount:
    def __init__(self, accounts: dict[str, Account]) -> None:
        self._accounts = accounts
        self._sums: dict[str, int] = {}
        self._moved: set[str] = set()
        self._day: date | None = None

    def opening(self, head: Head | None) -> Iterator[str]:
        yield f"; OneCard journal. Sealed head: {_name(head)}"
        yield 'option "operating_currency" "CNY"'
        for account in self._accounts.values():
            yield f"1970-01-01 open {_beancount_name(account)} {account.unit.upper()}"

    def transaction(self, lines: list[Any]) -> Iterator[str]:
        first = lines[0]
        if self._day is not None and first["day"] != self._day:
            yield from self._end_of_day(self._sums)
        self._day = first["day"]
        yield ""
        yield f'{first["day"].isoformat()} * "{first["kind"]}"'
        yield f"  transfer: {first['id']}"
        for line in lines:
            account = self._accounts[line["account"]]
            self._sums[account.code] = self._sums.get(account.code, 0) + line["amount"]
            self._moved.add(account.code)
            yield f"  {_beancount_name(account)}  {_beancount_quantity(account, line['amount'])}"

    def closing(self, head: Head | None, stored: dict[str, int]) -> Iterator[str]:
        if self._day is None:
            return
        yield ""
        yield f"; closing balances. Sealed head: {_name(head)}"
        self._moved = set(self._accounts)
        yield from self._end_of_day(stored)

    def _end_of_day(self, sums: dict[str, int]) -> Iterator[str]:
        assert self._day is not None
        morning = (self._day + timedelta(days=1)).isoformat()  # beancount balances hold at the start of a day
        for code in sorted(self._moved):
            account = self._accounts[code]
            number, unit = _beancount_quantity(account, sums.get(code, 0)).split()
            # ~ 0: left alone, beancount would tolerate one fen.
            yield f"{morning} balance {_beancount_name(account)}  {number} ~ 0 {unit}"
        self._moved.clear()


_HLEDGER_ROOTS = {"asset": "assets", "liability": "liabilities", "income": "income", "expense": "expenses"}
_BEANCOUNT_ROOTS = {"asset": "Assets", "liability": "Liabilities", "income": "Income", "expense": "Expenses"}


_NO_SIGN = re.compile("[^0-9A-Za-z]")


def _hledger_name(account: Account) -> str:
    return f"{_HLEDGER_ROOTS[account.kind]}:{account.code}"


def _beancount_name(account: Account) -> str:
    """`liability transition:acc_7k…` → `Liabilities:Transition:Acc-7k…`. Other signs become their numbers."""
    parts = (_NO_SIGN.sub(_beancount_sign, part) for part in account.code.split(":"))
    return ":".join([_BEANCOUNT_ROOTS[account.kind], *(part[:1].upper() + part[1:] for part in parts)])


def _beancount_sign(match: re.Match[str]) -> str:
    return "-" if match[0] == "_" else f"-x{ord(match[0]):x}-"


def _posting(account: Account, amount: int, total: int) -> str:
    return f"    {_hledger_name(account)}  {_quantity(account, amount)} = {_quantity(account, total)}"


def _quantity(account: Account, amount: int) -> str:
    """Fen as yuan, number first; Wh as they are."""
    if account.unit != "CNY":
        return f"{amount} {account.unit}"
    whole, cents = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{cents:02d} CNY"


def _beancount_quantity(account: Account, amount: int) -> str:
    """Its commodities are capitals."""
    return _quantity(account, amount).upper()


def _name(head: Head | None) -> str:
    return f"block {head.number} {head.hash.hex()}" if head else "none yet"


def _moment(row: Any) -> str:
    return str(row["recorded_at"].isoformat(timespec="milliseconds"))


_ACCOUNTS = "SELECT code, kind, unit FROM journal_account ORDER BY kind, code"

_LINES = """
SELECT t.id, t.day, t.kind, t.recorded_at, e.account, e.amount
  FROM transfer t JOIN entry e ON e.month = t.month AND e.transfer_id = t.id
 ORDER BY t.month, t.id, e.line  -- by the keys, so nothing is sorted: months follow the ids
"""

# What is stored: a wallet's row for the accounts that back it, else the balance that merchants are shown. A
# person's chips share one stored sum, which the newest answers for, less what the journal says of the others.
_STORED = """
WITH chip AS (
    SELECT j.code, j.owner, coalesce(e.amount, 0) AS amount,
           row_number() OVER (PARTITION BY j.owner ORDER BY j.opened_at DESC, j.code) = 1 AS newest
      FROM journal_account j
      LEFT JOIN (SELECT account, sum(amount) AS amount FROM entry GROUP BY account) e ON e.account = j.code
     WHERE j.wallet = 'card'
), retired AS (SELECT owner, sum(amount) AS amount FROM chip WHERE NOT newest GROUP BY owner)
SELECT j.code, CASE j.wallet WHEN 'transition' THEN -w.transition_fen ELSE -w.electronic_fen END AS amount
  FROM journal_account j JOIN wallet_account w ON w.id = j.owner WHERE j.wallet IN ('transition', 'electronic')
UNION ALL
SELECT c.code, CASE WHEN c.newest THEN -w.card_fen - coalesce(r.amount, 0) ELSE c.amount END
  FROM chip c JOIN wallet_account w ON w.id = c.owner LEFT JOIN retired r ON r.owner = c.owner
UNION ALL
SELECT code, amount
  FROM ledger_balances((SELECT array_agg(code) FROM journal_account WHERE wallet IS NULL))
"""
