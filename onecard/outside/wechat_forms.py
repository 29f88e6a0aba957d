"""WeChat Pay's JSON into our values, strictly: a number that is a string, or is missing, is not an amount."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from onecard.outside.payments import (
    MAXIMUM_FEN,
    PaymentNotice,
    PaymentState,
    PaymentStatus,
    RefundNotice,
    RefundState,
    RefundStatus,
)


class OddForm(Exception):
    """Not of the form that was agreed on; the sentence names the field and never its value."""


def read_object(text: str | bytes) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError as problem:
        raise OddForm("not JSON") from problem
    if not isinstance(read, dict):
        raise OddForm("not an object")
    return read


def text_of(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise OddForm(f"{name} is missing")
    return value


def object_of(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = row.get(name)
    if not isinstance(value, dict):
        raise OddForm(f"{name} is missing")
    return value


def payment_status(row: Mapping[str, Any]) -> PaymentStatus:
    state = _state(PaymentState, text_of(row, "trade_state"))
    number = text_of(row, "out_trade_no")
    if not state.was_paid:
        return PaymentStatus(number, state)
    amount = object_of(row, "amount")
    total_fen = _fen(amount, "total", least=1)
    return PaymentStatus(
        number,
        state,
        transaction_id=text_of(row, "transaction_id"),
        paid_fen=total_fen,
        payer_fen=_payer_fen(amount, total_fen),
        paid_at=_time(row, "success_time"),
    )


def payment_notice(notice_id: str, row: Mapping[str, Any]) -> PaymentNotice:
    status = payment_status(row)
    if status.state is not PaymentState.SUCCESS:
        raise OddForm("trade_state is not SUCCESS")
    return status.notice(notice_id)


def refund_status(row: Mapping[str, Any]) -> RefundStatus:
    return _refund(row, text_of(row, "status"))


def refund_notice(notice_id: str, row: Mapping[str, Any]) -> RefundNotice:
    return _refund(row, text_of(row, "refund_status")).notice(notice_id)


def _refund(row: Mapping[str, Any], told: str) -> RefundStatus:
    """`told`: its state, which an answer and a notice name differently."""
    state = _state(RefundState, told)
    amount = object_of(row, "amount")
    return RefundStatus(
        text_of(row, "out_refund_no"),
        state,
        refund_id=text_of(row, "refund_id"),
        out_trade_no=text_of(row, "out_trade_no"),
        transaction_id=text_of(row, "transaction_id"),
        refund_fen=_fen(amount, "refund", least=1),
        total_fen=_fen(amount, "total", least=1),
        finished_at=_time(row, "success_time") if state is RefundState.SUCCESS else None,
    )


def _state(kind: type[Any], text: str) -> Any:
    if text == "UNKNOWN":  # ours, never WeChat's
        raise OddForm("a state we do not know")
    try:
        return kind(text)
    except ValueError as problem:
        raise OddForm("a state we do not know") from problem


def _payer_fen(amount: Mapping[str, Any], total_fen: int) -> int:
    payer_fen = _fen(amount, "payer_total") if "payer_total" in amount else total_fen
    if payer_fen > total_fen:
        raise OddForm("payer_total above total")
    return payer_fen


def _fen(row: Mapping[str, Any], name: str, *, least: int = 0) -> int:
    if row.get("currency", "CNY") != "CNY":
        raise OddForm("currency is not CNY")
    value = row.get(name)
    if type(value) is not int or not least <= value <= MAXIMUM_FEN:
        raise OddForm(f"{name} is not an amount in fen")
    return value


def _time(row: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text_of(row, name))
    except ValueError as problem:
        raise OddForm(f"{name} is not a time") from problem
    if moment.tzinfo is None:
        raise OddForm(f"{name} has no offset")
    return moment
