"""Port: whoever takes money from outside. Amounts are whole fen, times aware; only a notice or a query proves money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from onecard.rules.kinds import DeclineReason

MAXIMUM_FEN = 10**11  # beyond any order; guards int64 against a broken sender


class PaymentState(StrEnum):
    """How far a payment is at its provider, in WeChat's words; UNKNOWN where it knows no such order."""

    SUCCESS = "SUCCESS"
    NOTPAY = "NOTPAY"
    CLOSED = "CLOSED"
    REFUND = "REFUND"  # was paid; a refund was asked or done since
    REVOKED = "REVOKED"
    USERPAYING = "USERPAYING"
    PAYERROR = "PAYERROR"
    UNKNOWN = "UNKNOWN"

    @property
    def was_paid(self) -> bool:
        return self in (PaymentState.SUCCESS, PaymentState.REFUND)


class RefundState(StrEnum):
    """How far a refund is, in WeChat's words; UNKNOWN where nobody knows it. Accepted is PROCESSING, not done."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    CLOSED = "CLOSED"  # not refunded: the money is still ours to give back
    ABNORMAL = "ABNORMAL"  # not refunded: the payer's bank card took it not; an operator must act
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """What the provider knows of an order. `transaction_id`, `paid_fen` and `paid_at` are there once it was paid.

    `paid_fen` is the order's total, which the merchant receives; `payer_fen` may be less (coupons). `declined`: why a
    PAYERROR is one, where the provider says so.
    """

    out_trade_no: str
    state: PaymentState
    transaction_id: str | None = None
    paid_fen: int | None = None
    payer_fen: int | None = None
    paid_at: datetime | None = None
    declined: DeclineReason | None = None

    def notice(self, notice_id: str) -> PaymentNotice:
        """What the provider told of it, once it was paid."""
        assert self.transaction_id is not None, "a notice of what was not paid"
        assert self.paid_fen is not None
        assert self.payer_fen is not None
        assert self.paid_at is not None
        return PaymentNotice(
            notice_id, self.out_trade_no, self.transaction_id, self.paid_fen, self.payer_fen, self.paid_at
        )


@dataclass(frozen=True, slots=True)
class RefundStatus:
    out_refund_no: str
    state: RefundState
    refund_id: str | None = None
    out_trade_no: str | None = None
    transaction_id: str | None = None
    refund_fen: int | None = None
    total_fen: int | None = None
    finished_at: datetime | None = None  # SUCCESS only

    def notice(self, notice_id: str) -> RefundNotice:
        """What the provider told of it; of one that it knows."""
        assert self.refund_id is not None, "a notice of what nobody asked for"
        assert self.out_trade_no is not None
        assert self.transaction_id is not None
        assert self.refund_fen is not None
        assert self.total_fen is not None
        return RefundNotice(
            notice_id,
            self.out_refund_no,
            self.refund_id,
            self.out_trade_no,
            self.transaction_id,
            self.state,
            self.refund_fen,
            self.total_fen,
            self.finished_at,
        )


@dataclass(frozen=True, slots=True)
class PaymentNotice:
    """The provider says, signed: this order was paid. `notice_id` is the same in every repeat."""

    notice_id: str
    out_trade_no: str
    transaction_id: str
    paid_fen: int
    payer_fen: int
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class RefundNotice:
    """The provider says, signed: this refund ended, `state` tells how."""

    notice_id: str
    out_refund_no: str
    refund_id: str
    out_trade_no: str
    transaction_id: str
    state: RefundState
    refund_fen: int
    total_fen: int
    finished_at: datetime | None


class PaymentProvider(Protocol):
    """What every channel can do. Every call may raise ProviderUnavailable (transient) or ProviderRefused (final)."""

    def read_notification(
        self, headers: Iterable[tuple[str, str]], body: bytes
    ) -> PaymentNotice | RefundNotice:
        """Prove and open a notification. Headers as they came, doubled ones included.

        Forged-, Malformed- or UndecipherableNotification, and then nothing may be believed.
        """

    async def query(self, out_trade_no: str) -> PaymentStatus: ...

    async def close(self, out_trade_no: str) -> None:
        """No payment after this; closing again is fine. ProviderRefused ORDERPAID when it was paid before,
        ProviderUnavailable while somebody is paying it."""

    async def refund(
        self,
        out_refund_no: str,
        *,
        refund_fen: int,
        total_fen: int,
        reason: str,
        transaction_id: str | None = None,
        out_trade_no: str | None = None,
    ) -> RefundStatus:
        """Ask for a refund of the payment named by either id. The same number again acts once."""

    async def query_refund(self, out_refund_no: str) -> RefundStatus: ...
