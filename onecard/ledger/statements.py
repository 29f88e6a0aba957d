"""What may be read of the ledger: each function is one SQL statement; lists are paged by key, newest first.

All take Tortoise's connection of the school. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from onecard.ledger.recharges import ORDER_COLUMNS, RechargeOrder, read_order
from onecard.rules.kinds import BillKind, CaseKind, CaseState, FreezeReason

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

T = TypeVar("T")

MAXIMUM_PAGE = 200
MAXIMUM_MONTHS = 60


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`after` of the next page is the last row's position."""

    rows: tuple[T, ...]
    has_next: bool


@dataclass(frozen=True, slots=True)
class Wallets:
    """An account now. `paid_today_fen` counts towards the day's limit."""

    account_id: str
    card_fen: int
    transition_fen: int
    electronic_fen: int
    held_fen: int
    freezes: tuple[FreezeReason, ...]
    closed_at: datetime | None
    paid_today_fen: int

    @property
    def balance_fen(self) -> int:
        """三者之和."""
        return self.card_fen + self.transition_fen + self.electronic_fen

    @property
    def available_fen(self) -> int:
        return self.balance_fen - self.held_fen


@dataclass(frozen=True, slots=True)
class BillLine:
    """One transfer as its person reads it. `recharge_id`: the order behind a RECHARGE."""

    transfer_id: int
    kind: BillKind
    account_id: str
    amount_fen: int
    balance_after_fen: int
    card_delta_fen: int
    transition_delta_fen: int
    electronic_delta_fen: int
    merchant_id: str | None
    terminal_id: str | None
    occurred_at: datetime
    recorded_at: datetime
    day: date
    late: bool
    reverses_id: int | None
    reversed_by_id: int | None
    method: str | None  # of a RECHARGE: WECHAT, CASH or BANK; of a REFUND: WECHAT


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """`month` is "2026-11"; `spent_fen` is net of reversals, `count` the payments that stand."""

    month: str
    spent_fen: int
    recharged_fen: int
    count: int


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    kind: CaseKind
    state: CaseState
    amount_fen: int
    reference: str
    out_trade_no: str | None
    explanation: str
    opened_at: datetime
    closed_at: datetime | None
    position: int


async def find_wallets(database: BaseDBAsyncClient, account_ids: Sequence[str]) -> dict[str, Wallets]:
    """The accounts that exist, by id."""
    rows = await database.execute_query_dict(
        """
        SELECT a.id, a.card_fen, a.transition_fen, a.electronic_fen, a.held_fen, a.freezes, a.closed_at,
               CASE WHEN a.counter_day = d.day AND d.closes_at > ledger_now() THEN a.paid_today_fen ELSE 0
               END AS paid_today_fen
          FROM wallet_account a LEFT JOIN accounting_day d ON d.closed_at IS NULL
         WHERE a.id = ANY ($1)
        """,
        [list(account_ids)],
    )
    return {
        row["id"]: Wallets(
            row["id"],
            row["card_fen"],
            row["transition_fen"],
            row["electronic_fen"],
            row["held_fen"],
            tuple(FreezeReason(reason) for reason in row["freezes"]),
            row["closed_at"],
            row["paid_today_fen"],
        )
        for row in rows
    }


_BILL = """
    SELECT t.id AS transfer_id, t.kind, t.account_id, t.amount_fen,
           t.card_fen + t.transition_fen + t.electronic_fen AS balance_after_fen,
           t.card_delta_fen, t.transition_delta_fen, t.electronic_delta_fen, t.merchant_id, t.terminal_id,
           t.occurred_at, t.recorded_at, t.day, t.late, t.reverses_id,
           (SELECT r.reversed_by FROM reversal r WHERE r.transfer_id = t.id) AS reversed_by_id,
           CASE WHEN t.kind IN ('RECHARGE', 'REFUND') THEN
               (SELECT CASE e.account WHEN 'cash' THEN 'CASH' WHEN 'bank' THEN 'BANK'
                                      WHEN 'online_pay' THEN 'ONLINE_PAYMENT' ELSE 'WECHAT' END
                  FROM entry e WHERE e.month = t.month AND e.transfer_id = t.id
                   AND e.account IN ('cash', 'bank', 'wechat', 'online_pay', 'refund_payable') LIMIT 1)
           END AS method
      FROM transfer t
"""


def _bill(row: Mapping[str, Any]) -> BillLine:
    return BillLine(**{**row, "kind": BillKind(row["kind"])})


async def find_bills(
    database: BaseDBAsyncClient,
    account_id: str,
    first: int,
    after: int | None = None,
    kinds: Sequence[BillKind] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Page[BillLine]:
    """The account's lines, newest first; `after`: a transfer id. They occurred in [since, until)."""
    first = page_size(first)
    rows = await database.execute_query_dict(
        _BILL
        + """
         WHERE t.account_id = $1 AND ($2::bigint IS NULL OR t.id < $2)
           AND ($3::text[] IS NULL OR t.kind = ANY ($3))
           AND ($4::timestamptz IS NULL OR t.occurred_at >= $4)
           AND ($5::timestamptz IS NULL OR t.occurred_at < $5)
         ORDER BY t.id DESC LIMIT $6
        """,
        [
            account_id,
            after,
            None if kinds is None else [str(kind) for kind in kinds],
            since,
            until,
            first + 1,
        ],
    )
    return Page(tuple(_bill(row) for row in rows[:first]), len(rows) > first)


async def find_bills_by_id(database: BaseDBAsyncClient, transfer_ids: Sequence[int]) -> dict[int, BillLine]:
    """Lines of whomever, by transfer id: the caller decides who may see them. Transfers of no person are left out."""
    # The day that had not ended before the id was drawn tells the month, and the month the partition.
    rows = await database.execute_query_dict(
        _BILL  # noqa: S608 - no value is pasted in
        + """
          JOIN (SELECT wanted.id, date_trunc('month', coalesce(
                    (SELECT d.day FROM accounting_day d WHERE d.last_position >= wanted.id
                      ORDER BY d.last_position, d.day LIMIT 1),
                    (SELECT d.day FROM accounting_day d WHERE d.closed_at IS NULL)))::date AS month
                  FROM unnest($1::bigint[]) AS wanted (id)) w ON t.month = w.month AND t.id = w.id
         WHERE t.account_id IS NOT NULL
        """,
        [list(transfer_ids)],
    )
    return {row["transfer_id"]: _bill(row) for row in rows}


async def find_month_totals(database: BaseDBAsyncClient, account_id: str, months: int) -> list[MonthTotal]:
    """The last `months` calendar months of Asia/Shanghai, newest first, empty ones too."""
    months = max(1, min(months, MAXIMUM_MONTHS))
    rows = await database.execute_query_dict(
        """
        WITH span AS (
            SELECT generate_series(0, $2::int - 1) AS back,
                   date_trunc('month', ledger_now() AT TIME ZONE 'Asia/Shanghai') AS this
        ), month AS (
            SELECT this - make_interval(months => back) AS starts FROM span
        ), sums AS (
            SELECT date_trunc('month', occurred_at AT TIME ZONE 'Asia/Shanghai') AS starts,
                   -sum(amount_fen) FILTER (
                       WHERE kind IN ('PAYMENT', 'CARD_TAP', 'FEE', 'REVERSAL', 'ELECTRICITY')) AS spent,
                   sum(amount_fen) FILTER (WHERE kind IN ('RECHARGE', 'REFUND')) AS recharged,
                   count(*) FILTER (WHERE kind IN ('PAYMENT', 'CARD_TAP', 'FEE', 'ELECTRICITY') AND amount_fen < 0)
                   - count(*) FILTER (WHERE kind = 'REVERSAL' OR (kind = 'ELECTRICITY' AND amount_fen > 0)) AS stand
              FROM transfer
             WHERE account_id = $1
               AND occurred_at >= (SELECT min(starts) FROM month) AT TIME ZONE 'Asia/Shanghai'
             GROUP BY 1
        )
        SELECT to_char(month.starts, 'YYYY-MM') AS month, coalesce(spent, 0)::bigint AS spent_fen,
               coalesce(recharged, 0)::bigint AS recharged_fen, coalesce(stand, 0)::bigint AS count
          FROM month LEFT JOIN sums USING (starts) ORDER BY month.starts DESC
        """,
        [account_id, months],
    )
    return [MonthTotal(**row) for row in rows]


async def find_recharge(database: BaseDBAsyncClient, order_id: str) -> RechargeOrder | None:
    rows = await database.execute_query_dict(
        f"SELECT {ORDER_COLUMNS} FROM recharge_order WHERE id = $1",  # noqa: S608 - our own columns
        [order_id],
    )
    return read_order(rows[0]) if rows else None


async def find_recharges(
    database: BaseDBAsyncClient, account_id: str, first: int, after: int | None = None
) -> Page[RechargeOrder]:
    """The account's orders, newest first; `after`: a position."""
    first = page_size(first)
    rows = await database.execute_query_dict(
        f"SELECT {ORDER_COLUMNS} FROM recharge_order "  # noqa: S608 - our own columns
        "WHERE account_id = $1 AND ($2::bigint IS NULL OR position < $2) ORDER BY position DESC LIMIT $3",
        [account_id, after, first + 1],
    )
    return Page(tuple(read_order(row) for row in rows[:first]), len(rows) > first)


_CASE = (
    "SELECT id, kind, state, amount_fen, reference, out_trade_no, explanation, opened_at, closed_at, "
    "position FROM suspense_case "
)


def _case(row: Mapping[str, Any]) -> Case:
    return Case(**{**row, "kind": CaseKind(row["kind"]), "state": CaseState(row["state"])})


async def find_cases(
    database: BaseDBAsyncClient, first: int, after: int | None = None, *, open: bool | None = None
) -> Page[Case]:
    """Money that needs a look, newest first; `open` True: not closed yet. `after`: a position."""
    first = page_size(first)
    rows = await database.execute_query_dict(
        _CASE
        + """
         WHERE ($1::bigint IS NULL OR position < $1) AND ($2::bool IS NULL OR (state <> 'CLOSED') = $2)
         ORDER BY position DESC LIMIT $3
        """,
        [after, open, first + 1],
    )
    return Page(tuple(_case(row) for row in rows[:first]), len(rows) > first)


async def find_case(database: BaseDBAsyncClient, case_id: str) -> Case | None:
    rows = await database.execute_query_dict(_CASE + " WHERE id = $1", [case_id])
    return _case(rows[0]) if rows else None


async def find_journal_balances(database: BaseDBAsyncClient, codes: Sequence[str]) -> dict[str, int]:
    """What these journal accounts stand at (debit +), late commits included: rollup and what is above it."""
    rows = await database.execute_query_dict(
        "SELECT code, amount FROM ledger_balances($1::text[])", [list(codes)]
    )
    return {row["code"]: row["amount"] for row in rows}


def page_size(first: int) -> int:
    if not 0 < first <= MAXIMUM_PAGE:
        raise ValueError(f"a page has 1 to {MAXIMUM_PAGE} rows")
    return first
