"""Why a payment would be refused now: the gate of the posting itself, asked one question at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onecard.rules.policy import PaymentMode, Policy
from onecard.rules.refusals import Refusal

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

# Each row asks ledger_gate with everything else in order, so that one obstacle does not hide another.
# With p_chip a lost card (LOSS) counts too: it is the chip that would pay.
_ASK = """
    WITH wallet AS (
        SELECT a.closed_at IS NOT NULL AS closed, a.freezes,
               a.card_fen + a.transition_fen + a.electronic_fen - a.held_fen AS available,
               CASE WHEN a.counter_day = d.day AND d.closes_at > ledger_now() THEN a.paid_today_fen ELSE 0
               END AS spent,
               $2::bigint AS amount, $3::bigint AS once, $4::bigint AS daily, $5::bigint AS overdraft
          FROM wallet_account a LEFT JOIN accounting_day d ON d.closed_at IS NULL
         WHERE a.id = $1
    ), asked AS (
        SELECT 1 AS place, ledger_gate(1, closed, '{}', 1, 0, 1, 1, 0) AS refusal FROM wallet
        UNION ALL
        SELECT 2, CASE WHEN $6::boolean AND 'LOSS' = ANY (freezes)
                       THEN ledger_refusal('ACCOUNT_FROZEN', jsonb_build_object('reasons', freezes))
                       ELSE ledger_gate(1, false, freezes, 1, 0, 1, 1, 0) END FROM wallet
        UNION ALL
        SELECT 3, ledger_gate(amount, false, '{}', amount, spent, once, daily, 0) FROM wallet
        UNION ALL
        SELECT 4, ledger_gate(amount, false, '{}', available, 0, amount, amount, overdraft) FROM wallet
         WHERE amount > 0
    )
    SELECT refusal::text AS refusal FROM asked WHERE refusal IS NOT NULL ORDER BY place
"""


async def find_gate_refusals(
    database: BaseDBAsyncClient, policy: Policy, account_id: str, amount_fen: int, *, chip: bool
) -> list[Refusal]:
    """Every refusal a payment of `amount_fen` by phone (or by chip) would meet now; one statement."""
    overdraft_fen = 0 if policy.payment_mode is PaymentMode.STRICT else policy.overdraft_limit_fen
    rows = await database.execute_query_dict(
        _ASK,
        [
            account_id,
            amount_fen,
            policy.payment_limit_once_fen,
            policy.payment_limit_day_fen,
            overdraft_fen,
            chip,
        ],
    )
    return [Refusal.restore(row["refusal"]) for row in rows]
