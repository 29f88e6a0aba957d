"""WeChat's word on a refund, by signed notification or by our asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onecard.actions.parts import Parts

if TYPE_CHECKING:
    from onecard.outside.wechat_pay import RefundNotice


async def settle_refund(parts: Parts, notice: RefundNotice) -> None:
    """Finish the refund a verified notice speaks of: done, or failed and the money back. Idempotent."""
    raise NotImplementedError
