"""The unified payment platform in memory. Passes the real part's contract tests."""

from __future__ import annotations

from datetime import datetime

from onecard.outside.provider_fake import ProviderFake


class OnlinePaymentFake(ProviderFake):
    async def open(
        self, out_trade_no: str, amount_fen: int, description: str, expires_at: datetime, return_url: str
    ) -> str:
        self.take_order(out_trade_no, amount_fen, "", expires_at)
        return f"https://pay.invalid/{out_trade_no}"
