"""到账: WeChat's word that an order was paid, by signed notification or by our asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onecard.actions.parts import Parts

if TYPE_CHECKING:
    from onecard.ledger.book import CreditOutcome
    from onecard.outside.wechat_pay import PaymentNotice


async def settle_recharge(parts: Parts, notice: PaymentNotice) -> CreditOutcome | None:
    """Credit what a verified notice says was paid, once per transaction id; None when it says not paid."""
    raise NotImplementedError
