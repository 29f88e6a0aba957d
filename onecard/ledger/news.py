"""What a posting means to the account's holder, as it is told: the same again however often it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


class NewsKind(StrEnum):
    RECHARGED = "RECHARGED"
    REFUNDED = "REFUNDED"
    REFUND_FAILED = "REFUND_FAILED"
    REFUNDED_AFTER_ALL = "REFUNDED_AFTER_ALL"  # called failed before, the money given back and taken again


@dataclass(frozen=True, slots=True)
class News:
    """`available_fen`: right after the posting; None when it touched no wallet. `out_trade_no`: the recharge's."""

    kind: NewsKind
    account_id: str
    amount_fen: int
    available_fen: int | None
    out_trade_no: str
    recorded_at: datetime


async def find_news(database: BaseDBAsyncClient, subject: str, transfer_id: int) -> News | None:
    """Of a recharge order (rch_…) or a refund (rfd_…), when this transfer is its last word.

    None when another transfer is, and for a refund of money that was nobody's.
    """
    rows = await database.execute_query_dict(
        """
        WITH event AS (
            SELECT 'RECHARGED' AS kind, o.account_id, o.amount_fen, o.out_trade_no, o.month, o.transfer_id
              FROM recharge_order o WHERE o.id = $1
            UNION ALL
            SELECT r.state, o.account_id, r.amount_fen, o.out_trade_no, r.finish_month, r.finish_transfer_id
              FROM refund r JOIN recharge_order o ON o.id = r.recharge_id WHERE r.id = $1
        )
        SELECT CASE WHEN e.kind = 'RECHARGED' THEN 'RECHARGED'
                    WHEN e.kind = 'FAILED' THEN 'REFUND_FAILED'
                    WHEN t.account_id IS NULL THEN 'REFUNDED' ELSE 'REFUNDED_AFTER_ALL' END AS kind,
               e.account_id, e.amount_fen, e.out_trade_no, t.recorded_at,
               t.card_fen + t.transition_fen + t.electronic_fen - t.held_fen AS available_fen
          FROM event e JOIN transfer t ON t.month = e.month AND t.id = e.transfer_id
         WHERE t.id = $2
        """,
        [subject, transfer_id],
    )
    return News(**{**rows[0], "kind": NewsKind(rows[0]["kind"])}) if rows else None
