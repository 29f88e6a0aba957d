"""卡片充值: an order here and at WeChat; money moves only when WeChat says it was paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onecard.actions.parts import Parts
from onecard.rules.access import Caller
from onecard.rules.kinds import RechargeMethod, WalletType

if TYPE_CHECKING:
    from onecard.ledger.recharges import RechargeOrder


@dataclass(frozen=True, slots=True)
class RechargeCreated:
    recharge: RechargeOrder
    replayed: bool


async def create_recharge(
    parts: Parts,
    caller: Caller,
    *,
    id: str,
    amount_fen: int,
    wallet_type: WalletType,
    method: RechargeMethod,
) -> RechargeCreated:
    """Refuses NOT_ALLOWED, NOT_BOUND, AMOUNT_INVALID, OUTSIDE_SERVICE_HOURS, WALLET_TYPE_NOT_OFFERED,
    ACCOUNT_CLOSED, IDEMPOTENCY_CONFLICT; SERVICE_UNAVAILABLE when WeChat did not answer: the order stays, and
    the same id again goes on with it."""
    raise NotImplementedError


def bridge_parameters(parts: Parts, recharge: RechargeOrder) -> dict[str, str] | None:
    """What the page hands to WeChat's payment sheet; None when there is nothing (more) to pay."""
    raise NotImplementedError
