"""The unified payment platform for real."""

from __future__ import annotations

from datetime import datetime

from onecard.outside.provider_forms import address_of
from onecard.outside.provider_http import ProviderHttp


class OnlinePaymentHttp(ProviderHttp):
    NOTIFY_PATH = "/online-payment/notify"

    async def open(
        self, out_trade_no: str, amount_fen: int, description: str, expires_at: datetime, return_url: str
    ) -> str:
        row = await self.ask(
            "POST",
            "/orders",
            {
                "outTradeNo": out_trade_no,
                "amountFen": amount_fen,
                "description": description,
                "expiresAt": expires_at.isoformat(timespec="seconds"),
                "returnUrl": return_url,
                "notifyUrl": self.config.notify_url,
            },
        )
        return address_of(row, "payUrl")
