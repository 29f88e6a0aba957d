"""What the ledger answers: a receipt of what was posted, or one of the words for why nothing was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from onecard.rules.kinds import BillKind, RechargeMethod
from onecard.rules.refusals import Refusal, RefusalCode


class LedgerUnavailable(Exception):
    """The database did not answer in time. Nothing is known to be stored; the same id may be sent again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line of the bill, as it was posted; the same again on a replay.

    `amount_fen` is signed as the person feels it (a lunch is negative); the wallets are those after it,
    0 when no person's wallet took part.
    """

    transfer_id: int
    kind: BillKind
    account_id: str | None
    amount_fen: int
    card_fen: int
    transition_fen: int
    electronic_fen: int
    held_fen: int
    merchant_id: str | None
    terminal_id: str | None
    occurred_at: datetime
    recorded_at: datetime
    day: date
    late: bool
    replayed: bool

    @property
    def balance_fen(self) -> int:
        """三者之和."""
        return self.card_fen + self.transition_fen + self.electronic_fen

    @property
    def available_fen(self) -> int:
        return self.balance_fen - self.held_fen


@dataclass(frozen=True, slots=True)
class Reversed:
    """The money is back; `receipt` is the reversing line."""

    receipt: Receipt

    @property
    def replayed(self) -> bool:
        return self.receipt.replayed


@dataclass(frozen=True, slots=True)
class Kept:
    """The charge never came; when it does, it is refused."""

    replayed: bool


@dataclass(frozen=True, slots=True)
class NeverPosted:
    """The charge was refused by rule: nothing to give back."""

    replayed: bool


class CreditState(StrEnum):
    CREDITED = "CREDITED"
    REPLAYED = "REPLAYED"
    SUSPENDED = "SUSPENDED"


@dataclass(frozen=True, slots=True)
class CreditOutcome:
    """What became of a payment from outside. `case_id` is set when it lies in suspense, also on a replay."""

    state: CreditState
    receipt: Receipt
    case_id: str | None
    order_id: str | None  # None: no such order


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """`amount_fen` may be less than was chosen: min(chosen, available)."""

    hold_id: str
    account_id: str
    amount_fen: int
    expires_at: datetime
    replayed: bool


@dataclass(frozen=True, slots=True)
class HoldCaptured:
    """`receipt` is None when nothing was used. `waived_fen`: metered above the hold, reported, not taken."""

    hold_id: str
    captured_fen: int
    waived_fen: int
    receipt: Receipt | None
    replayed: bool


@dataclass(frozen=True, slots=True)
class RefundAsked:
    """What the provider must be told: `paid_fen` is the whole payment, `amount_fen` what goes back."""

    refund_id: str
    out_refund_no: str
    amount_fen: int
    paid_fen: int
    out_trade_no: str | None
    transaction_id: str
    channel: RechargeMethod
    recharge_id: str | None
    case_id: str | None
    receipt: Receipt
    replayed: bool


@dataclass(frozen=True, slots=True)
class RefundFinished:
    """What became of a refund, and the line of the books that says so: for FAILED the one that gave it back."""

    refund_id: str
    state: str  # DONE or FAILED
    receipt: Receipt
    replayed: bool
    case_id: str | None  # the case it opened by failing, or the one it belongs to


def read_receipt(row: Mapping[str, Any]) -> Receipt:
    """A row of `ledger_outcome` that carries a transfer."""
    return Receipt(
        row["transfer_id"],
        BillKind(row["kind"]),
        row["account_id"],
        row["amount_fen"],
        row["card_fen"] or 0,
        row["transition_fen"] or 0,
        row["electronic_fen"] or 0,
        row["held_fen"] or 0,
        row["merchant_id"],
        row["terminal_id"],
        row["occurred_at"],
        row["recorded_at"],
        row["day"],
        row["late"],
        row["outcome"] == "REPLAYED",
    )


def raise_refused(row: Mapping[str, Any]) -> None:
    """Raises what the row refuses; returns when it refuses nothing."""
    if row["outcome"] == "CONFLICT":
        raise Refusal(RefusalCode.IDEMPOTENCY_CONFLICT)
    if row["outcome"] == "REFUSED":
        raise Refusal.restore(row["refusal"])
