"""Port: WeChat Pay v3 (JSAPI)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from onecard.outside.payments import PaymentProvider


class WechatPay(PaymentProvider, Protocol):
    async def prepay(
        self, out_trade_no: str, amount_fen: int, openid: str, description: str, expires_at: datetime
    ) -> str:
        """The prepay_id, good for two hours. The same order may ask again; another amount is refused."""

    def bridge_parameters(self, prepay_id: str) -> dict[str, str]:
        """What the page's bridge takes: appId, timeStamp, nonceStr, package, signType, paySign."""
