"""Port: the school's unified payment platform 统一支付平台, with a cashier's page of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from onecard.outside.payments import PaymentProvider


class OnlinePayment(PaymentProvider, Protocol):
    async def open(
        self, out_trade_no: str, amount_fen: int, description: str, expires_at: datetime, return_url: str
    ) -> str:
        """The address of the cashier's page for this order, good until `expires_at`; from there the browser comes back
        to `return_url`, paid or not. The same order may ask again; another amount is refused."""
