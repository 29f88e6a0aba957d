"""The school's bank for real: the payment platform's protocol, with agreements and debits by them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from onecard.outside.bank import AgreementState, AgreementStatus
from onecard.outside.payments import PaymentStatus
from onecard.outside.provider_forms import (
    address_of,
    fen_of,
    moment_of,
    payment_status,
    state_of,
    text_of,
)
from onecard.outside.provider_http import ProviderHttp
from onecard.outside.providers import ProviderRefused, ProviderUnavailable

_UNKNOWN = "AGREEMENT_NOT_EXIST"


class BankHttp(ProviderHttp):
    NOTIFY_PATH = "/bank/notify"

    async def open_signing(
        self, out_agreement_no: str, holder_name: str, expires_at: datetime, return_url: str
    ) -> str:
        row = await self.ask(
            "POST",
            "/agreements",
            {
                "outAgreementNo": out_agreement_no,
                "holderName": holder_name,
                "expiresAt": expires_at.isoformat(timespec="seconds"),
                "returnUrl": return_url,
            },
        )
        return address_of(row, "signUrl")

    async def query_agreement(self, out_agreement_no: str) -> AgreementStatus:
        row = await self.find(f"/agreements/{out_agreement_no}", _UNKNOWN)
        if row is None:
            return AgreementStatus(out_agreement_no, AgreementState.UNKNOWN)
        return _agreement(row, out_agreement_no)

    async def end_agreement(self, out_agreement_no: str) -> None:
        try:
            await self.ask("POST", f"/agreements/{out_agreement_no}/end", {})
        except ProviderRefused as refused:
            if refused.code != _UNKNOWN:
                raise

    async def debit(
        self, out_trade_no: str, amount_fen: int, agreement_id: str, description: str, expires_at: datetime
    ) -> PaymentStatus:
        row = await self.ask(
            "POST",
            "/debits",
            {
                "outTradeNo": out_trade_no,
                "amountFen": amount_fen,
                "agreementId": agreement_id,
                "description": description,
                "expiresAt": expires_at.isoformat(timespec="seconds"),
                "notifyUrl": self.config.notify_url,
            },
        )
        return payment_status(row, out_trade_no)


def _agreement(row: Mapping[str, Any], out_agreement_no: str) -> AgreementStatus:
    state = state_of(AgreementState, row)
    if row.get("outAgreementNo") != out_agreement_no:
        raise ProviderUnavailable("an answer about another agreement")
    if state is not AgreementState.SIGNED:
        return AgreementStatus(out_agreement_no, state)
    return AgreementStatus(
        out_agreement_no,
        state,
        agreement_id=text_of(row, "agreementId"),
        bank_name=text_of(row, "bankName"),
        last_four=_last_four(row),
        once_limit_fen=fen_of(row, "onceLimitFen"),
        day_limit_fen=fen_of(row, "dayLimitFen"),
        signed_at=moment_of(row, "signedAt"),
    )


def _last_four(row: Mapping[str, Any]) -> str:
    """Never more of the card's number than that, whatever the bank sends."""
    digits = text_of(row, "lastFour")
    if len(digits) != 4 or not digits.isascii() or not digits.isdigit():
        raise ProviderUnavailable("lastFour is not four digits")
    return digits
