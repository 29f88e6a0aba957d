"""What a provider of our signed protocol says into our values, strictly. ProviderUnavailable for another form; the
sentence names the field and never its value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from onecard.outside.payments import MAXIMUM_FEN, PaymentState, PaymentStatus, RefundState, RefundStatus
from onecard.outside.providers import ProviderUnavailable
from onecard.rules.kinds import DeclineReason

State = TypeVar("State", bound=StrEnum)


def payment_status(row: Mapping[str, Any], out_trade_no: str) -> PaymentStatus:
    state = state_of(PaymentState, row)
    if row.get("outTradeNo") != out_trade_no:
        raise ProviderUnavailable("an answer about another order")
    if not state.was_paid:
        return PaymentStatus(out_trade_no, state, declined=_declined(row, state))
    paid = fen_of(row, "paidFen")
    return PaymentStatus(
        out_trade_no, state, text_of(row, "transactionId"), paid, paid, moment_of(row, "paidAt")
    )


def refund_status(row: Mapping[str, Any], out_refund_no: str) -> RefundStatus:
    state = state_of(RefundState, row)
    if row.get("outRefundNo") != out_refund_no:
        raise ProviderUnavailable("an answer about another refund")
    return RefundStatus(
        out_refund_no,
        state,
        refund_id=text_of(row, "refundId"),
        out_trade_no=text_of(row, "outTradeNo"),
        transaction_id=text_of(row, "transactionId"),
        refund_fen=fen_of(row, "refundFen"),
        total_fen=fen_of(row, "totalFen"),
        finished_at=moment_of(row, "finishedAt") if state is RefundState.SUCCESS else None,
    )


def state_of(kind: type[State], row: Mapping[str, Any]) -> State:
    told = row.get("state")
    for state in kind:
        if state == told and state != "UNKNOWN":  # that one is ours
            return state
    raise ProviderUnavailable("a state nobody knows")


def _declined(row: Mapping[str, Any], state: PaymentState) -> DeclineReason | None:
    if state is not PaymentState.PAYERROR:
        return None
    return next((reason for reason in DeclineReason if reason == row.get("reason")), DeclineReason.REFUSED)


def text_of(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderUnavailable(f"the answer has no {name}")
    return value


def address_of(row: Mapping[str, Any], name: str) -> str:
    """The page sends the browser there, so of the web alone: `javascript:` would run in our own page."""
    value = text_of(row, name)
    if not value.startswith(("https://", "http://")):
        raise ProviderUnavailable(f"{name} is no page of the web")
    return value


def fen_of(row: Mapping[str, Any], name: str) -> int:
    value = row.get(name)
    if type(value) is not int or not 0 < value <= MAXIMUM_FEN:
        raise ProviderUnavailable(f"the answer has no {name}")
    return value


def moment_of(row: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text_of(row, name))
    except ValueError:
        raise ProviderUnavailable(f"{name} is no moment") from None
    if moment.tzinfo is None:
        raise ProviderUnavailable(f"{name} has no offset")
    return moment
