"""The page says the payment sheet closed; a phone is never believed about money, so WeChat is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onecard.actions.parts import Parts
from onecard.rules.access import Caller

if TYPE_CHECKING:
    from onecard.ledger.recharges import RechargeOrder


async def confirm_recharge(parts: Parts, caller: Caller, recharge_id: str) -> RechargeOrder:
    """The order as it is now, credited when WeChat has the money. Refuses RECHARGE_UNKNOWN (also for
    somebody else's), SERVICE_UNAVAILABLE."""
    raise NotImplementedError
