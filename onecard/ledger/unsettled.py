"""What still waits for a provider's word: the worker's scans find it here when a job was lost.

Each function is one SQL statement; nothing here writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from onecard.rules.kinds import RechargeMethod

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What the provider must be told of a refund that is still open."""

    out_refund_no: str
    amount_fen: int
    paid_fen: int
    transaction_id: str
    channel: RechargeMethod
    reason: str
    asked_at: datetime


async def find_refund_request(database: BaseDBAsyncClient, out_refund_no: str) -> RefundRequest | None:
    """None when it is finished or was never asked for."""
    rows = await database.execute_query_dict(
        """
        SELECT r.out_refund_no, r.amount_fen, coalesce(o.amount_fen, e.amount_fen, c.amount_fen) AS paid_fen,
               coalesce(o.transaction_id, e.transaction_id, c.reference) AS transaction_id,
               coalesce(o.method, e.method, c.channel) AS channel, r.reason, r.asked_at
          FROM refund r
          LEFT JOIN recharge_order o ON o.id = r.recharge_id
          LEFT JOIN electricity_order e ON e.id = r.electricity_id
          LEFT JOIN suspense_case c ON c.id = r.case_id
         WHERE r.out_refund_no = $1 AND r.state = 'ASKED'
        """,
        [out_refund_no],
    )
    return RefundRequest(**rows[0] | {"channel": RechargeMethod(rows[0]["channel"])}) if rows else None


async def find_unpaid_orders(database: BaseDBAsyncClient, before: datetime, limit: int) -> list[str]:
    """The numbers (out_trade_no) of orders made before, oldest first, of which we know no end."""
    return await _numbers(
        database,
        "SELECT out_trade_no AS number FROM recharge_order WHERE state = 'ORDERED' AND ordered_at < $1 "
        "ORDER BY position LIMIT $2",
        [before, limit],
    )


async def find_open_refunds(database: BaseDBAsyncClient, before: datetime, limit: int) -> list[str]:
    """The numbers (out_refund_no) of refunds asked before, oldest first, of which we know no end."""
    return await _numbers(
        database,
        "SELECT out_refund_no AS number FROM refund WHERE state = 'ASKED' AND asked_at < $1 "
        "ORDER BY asked_at LIMIT $2",
        [before, limit],
    )


async def find_cases_to_return(database: BaseDBAsyncClient, limit: int) -> list[str]:
    """Payments that fit no order and were not sent back yet, oldest first; their case ids."""
    return await _numbers(
        database,
        "SELECT id AS number FROM suspense_case c WHERE state = 'OPEN' AND kind LIKE 'PAID%' "
        "AND NOT EXISTS (SELECT FROM refund r WHERE r.case_id = c.id) "  # a failed one is an operator's
        "ORDER BY position LIMIT $1",
        [limit],
    )


async def _numbers(database: BaseDBAsyncClient, statement: str, values: Sequence[object]) -> list[str]:
    rows: Sequence[Mapping[str, Any]] = await database.execute_query_dict(statement, list(values))
    return [row["number"] for row in rows]
