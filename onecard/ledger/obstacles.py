"""What the gate of a payment looks at, as it is now; read without a lock, so for showing only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onecard.rules.kinds import FreezeReason

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

_STATE = """
    SELECT a.closed_at IS NOT NULL AS closed, a.freezes,
           a.card_fen + a.transition_fen + a.electronic_fen - a.held_fen AS available_fen,
           CASE WHEN a.counter_day = d.day AND d.closes_at > ledger_now() THEN a.paid_today_fen ELSE 0
           END AS paid_today_fen
      FROM wallet_account a LEFT JOIN accounting_day d ON d.closed_at IS NULL
     WHERE a.id = $1
"""


@dataclass(frozen=True, slots=True)
class GateState:
    closed: bool
    freezes: list[FreezeReason]
    available_fen: int
    paid_today_fen: int


async def find_gate_state(database: BaseDBAsyncClient, account_id: str) -> GateState | None:
    rows = await database.execute_query_dict(_STATE, [account_id])
    if not rows:
        return None
    row = rows[0]
    freezes = [FreezeReason(reason) for reason in row["freezes"]]
    return GateState(row["closed"], freezes, row["available_fen"], row["paid_today_fen"])
