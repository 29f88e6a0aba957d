"""Port: the school's bank, which takes money from a holder's own bank card 绑定银行卡 by a signed agreement.

The card's number and the holder's identity are given to the bank on its own page and never pass through here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from onecard.outside.payments import PaymentProvider, PaymentStatus


class AgreementState(StrEnum):
    """How far an agreement 签约 is at the bank; UNKNOWN where it knows no such agreement."""

    SIGNING = "SIGNING"
    SIGNED = "SIGNED"
    ENDED = "ENDED"  # by the holder at the bank, by us, or never signed in time
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class AgreementStatus:
    """Everything behind `state` is there while it is SIGNED. `agreement_id` is the bank's; the limits are what the
    holder agreed to for one debit and for a day."""

    out_agreement_no: str
    state: AgreementState
    agreement_id: str | None = field(default=None, repr=False)  # whoever knows it may ask for money
    bank_name: str | None = None
    last_four: str | None = None
    once_limit_fen: int | None = None
    day_limit_fen: int | None = None
    signed_at: datetime | None = None


class Bank(PaymentProvider, Protocol):
    """A debit is a payment like another: it is asked for, closed, refunded and told of by its `out_trade_no`."""

    async def open_signing(
        self, out_agreement_no: str, holder_name: str, expires_at: datetime, return_url: str
    ) -> str:
        """The address of the bank's page where the holder signs, good until `expires_at`; from there the browser comes
        back to `return_url`, signed or not. The same number may ask again. ProviderRefused AGREEMENT_SIGNED or
        AGREEMENT_ENDED once it is no longer open, INVALID_REQUEST for another holder."""

    async def query_agreement(self, out_agreement_no: str) -> AgreementStatus: ...

    async def end_agreement(self, out_agreement_no: str) -> None:
        """Nothing is debited by it after this. Ending again is fine, and one the bank never heard of is ended too."""

    async def debit(
        self, out_trade_no: str, amount_fen: int, agreement_id: str, description: str, expires_at: datetime
    ) -> PaymentStatus:
        """Take the money. SUCCESS, PAYERROR with `declined`, or USERPAYING while the bank is not done. The same number
        acts once: what became of it is answered again. A debit that arrives after `expires_at` is not begun.

        ProviderRefused INVALID_REQUEST where the number was used for another amount or agreement, ORDER_CLOSED
        where it was closed or is too late.
        """
