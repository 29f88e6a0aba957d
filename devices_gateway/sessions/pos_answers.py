"""The table of docs/devices/pos.md: what a terminal is told for each outcome (DE39 and DE63)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devices_gateway.events import Answer
from devices_gateway.money import to_fen, to_yuan

APPROVED = "00"
UNKNOWN_REFUSAL = "05"  # a refusal younger than this table: its own voice prompt is spoken

# RefusalCode → DE39. Every one of them means: nothing was charged.
DE39: Mapping[str, str] = {
    "INSUFFICIENT_BALANCE": "51",
    "ACCOUNT_FROZEN": "62",
    "ACCOUNT_CLOSED": "42",
    "CODE_UNKNOWN": "14",
    "CODE_EXPIRED": "54",
    "CODE_USED": "65",
    "CODE_FOR_DOORS": "57",
    "AMOUNT_INVALID": "13",
    "PAYMENT_LIMIT_REACHED": "61",
    "TERMINAL_UNKNOWN": "97",
    "TERMINAL_STOPPED": "58",
    "CHARGE_REVERSED_BEFORE": "21",
    "IDEMPOTENCY_CONFLICT": "94",
    "NOT_ALLOWED": "05",
}

# Refused before the API looks the id up: it says nothing about an attempt whose answer was lost.
DECIDED_BEFORE_THE_ID = frozenset({"TERMINAL_UNKNOWN", "NOT_ALLOWED"})

NOT_CHARGED = "没有扣款"
STOPPED = Answer("58", f"暂停服务\n{NOT_CHARGED}")
AMOUNT_INVALID = Answer("13", f"金额有误\n{NOT_CHARGED}")
REVERSED = Answer("21", f"交易已撤销\n{NOT_CHARGED}")
DUPLICATE = Answer("94", f"流水号重复\n{NOT_CHARGED}，请重新发起")
BUSY = Answer("91", f"系统繁忙\n{NOT_CHARGED}")  # nothing was sent, or the API said that nothing happened
UNRESOLVED = Answer("91", "系统繁忙\n交易未成功，如已扣款将自动退回")  # and a reversal is in the outbox
NOT_KEPT = Answer("96", f"系统故障\n{NOT_CHARGED}")  # the journal cannot be written
FORMAT_ERROR = Answer("30", f"报文有误\n{NOT_CHARGED}")
MAC_ERROR = Answer("A0", "终端认证失败\n请联系卡务中心")
REVERSAL_KEPT = Answer("00", "冲正成功")
REVERSAL_NOT_KEPT = Answer("96", "系统故障\n冲正稍后重发")
WELCOME = Answer("00", "签到成功")

REFERENCE_LENGTH = 12  # DE37


def answer_to_charge(
    result: Mapping[str, Any], amount_fen: int, *, show_payer: bool, show_available: bool
) -> Answer:
    """PaymentCodeChargeResult → what the till says. KeyError or ValueError when it is no such thing."""
    if result["__typename"] == "PaymentCodeCharged":
        available_fen = to_fen(result["available"])
        lines = [result["voicePrompt"]]
        lines.append(
            f"{result['payer']} {to_yuan(amount_fen)}元" if show_payer else f"{to_yuan(amount_fen)}元"
        )
        if show_available:
            lines.append(f"可用余额 {to_yuan(available_fen)}元")
        return Answer(
            APPROVED,
            "\n".join(lines),
            reference=_reference(result["bill"]["reference"]),
            available_fen=available_fen if show_available else None,
        )
    return Answer(
        DE39.get(result["code"], UNKNOWN_REFUSAL),
        f"{result['voicePrompt']}\n{NOT_CHARGED}",
    )


def _reference(spoken: str) -> str | None:
    """DE37 from what the counter asks for; None when it does not fit."""
    letters = "".join(letter for letter in spoken if letter.isascii() and letter.isalnum())
    return letters.rjust(REFERENCE_LENGTH, "0") if 0 < len(letters) <= REFERENCE_LENGTH else None
