"""付款: a till scanned a payment code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from onecard.actions.parts import Parts
from onecard.rules.access import Caller

if TYPE_CHECKING:
    from onecard.ledger.book import Receipt


@dataclass(frozen=True, slots=True)
class Charged:
    """`payer` is the masked name (张*), `voice_prompt` what the till says."""

    receipt: Receipt
    payer: str
    voice_prompt: str


async def pay_with_code(
    parts: Parts,
    caller: Caller,
    *,
    id: str,
    code: str,
    amount_fen: int,
    terminal: str,
    occurred_at: datetime,
) -> Charged:
    """Charge the code's holder; the same id again gives the same receipt, whatever became of the code.

    Refuses NOT_ALLOWED (no gateway, or another's terminal), TERMINAL_UNKNOWN, and, stored under the id:
    TERMINAL_STOPPED, AMOUNT_INVALID, CODE_UNKNOWN, CODE_EXPIRED, CODE_USED, CODE_FOR_DOORS, ACCOUNT_FROZEN,
    ACCOUNT_CLOSED, INSUFFICIENT_BALANCE, PAYMENT_LIMIT_REACHED, CHARGE_REVERSED_BEFORE; IDEMPOTENCY_CONFLICT.
    Raises Refusal SERVICE_UNAVAILABLE, storing nothing, when Redis or the database does not answer.
    """
    raise NotImplementedError
