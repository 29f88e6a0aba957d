"""退款: an operator gives a recharge back, all of it or a part, to where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onecard.actions.parts import Parts
from onecard.rules.access import Caller

if TYPE_CHECKING:
    from onecard.ledger.recharges import RechargeOrder


@dataclass(frozen=True, slots=True)
class RechargeRefunded:
    recharge: RechargeOrder
    replayed: bool


async def refund_recharge(
    parts: Parts, caller: Caller, *, id: str, recharge_id: str, amount_fen: int, reason: str
) -> RechargeRefunded:
    """Set the money aside and ask WeChat; the worker asks on until it is done or failed.

    Refuses NOT_ALLOWED, RECHARGE_UNKNOWN, AMOUNT_INVALID, REFUND_TOO_LARGE, IDEMPOTENCY_CONFLICT.
    """
    raise NotImplementedError
