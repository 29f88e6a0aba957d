"""What may be asked of the book: a charge, and the facts that happened already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onecard.ledger.keys import CallerKey
from onecard.rules.kinds import BillKind
from onecard.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class ChargeOrder:
    """A phone payment. `refuse`: a decision made before the ledger (code unknown, terminal stopped…), stored
    under the key unless the key has a result already; only then may `account_id` be None."""

    key: CallerKey
    account_id: str | None
    amount_fen: int
    merchant_id: str
    terminal_id: str
    occurred_at: datetime
    code_hash: bytes | None = None
    device_kind: str = "POS"
    refuse: Refusal | None = None

    def __post_init__(self) -> None:
        assert self.account_id is not None or self.refuse is not None, "a charge without a payer"
        assert self.occurred_at.tzinfo is not None, "a time without an offset"


class FactKind(StrEnum):
    """What happened, and between which accounts (debit / credit)."""

    CARD_TAP = "CARD_TAP"  # card:{chip} / merchant
    OFFLINE_SALE = "OFFLINE_SALE"  # transition / merchant: a phone payment uploaded later
    CHIP_LOAD = "CHIP_LOAD"  # transition / card:{chip}; a negative amount goes the other way
    CASH_TOP_UP = "CASH_TOP_UP"  # cash / transition
    BANK_TOP_UP = "BANK_TOP_UP"  # bank / transition
    FEE = "FEE"  # transition / fee


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened: always posted, may overdraw. `amount_fen` is above 0, but for a chip load.

    `reference`: (kind, what the outside world calls it); one reference posts once, whatever the key.
    """

    kind: FactKind
    key: CallerKey
    account_id: str
    amount_fen: int
    occurred_at: datetime
    merchant_id: str | None = None
    terminal_id: str | None = None
    chip: str | None = None
    reference: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        assert self.occurred_at.tzinfo is not None, "a time without an offset"
        assert self.amount_fen > 0 or (self.kind is FactKind.CHIP_LOAD and self.amount_fen), "an empty fact"
        assert (self.chip is not None) == (self.kind in _OF_A_CHIP), "a chip's fact names its chip"
        assert self.merchant_id is not None or self.kind not in _AT_A_MERCHANT, "who was paid?"

    @property
    def bill_kind(self) -> BillKind:
        return _BILL_KINDS[self.kind]

    @property
    def felt_fen(self) -> int:
        """The amount as the person feels it; a chip load only moves money between two of their wallets."""
        if self.kind is FactKind.CHIP_LOAD:
            return 0
        return self.amount_fen if self.bill_kind is BillKind.RECHARGE else -self.amount_fen

    @property
    def counts(self) -> bool:
        """Does it use up the day's payment limit?"""
        return self.kind in _AT_A_MERCHANT

    def entries(self) -> tuple[list[str], list[int]]:
        """Account codes and amounts, debit +."""
        transition, merchant, card = (
            f"transition:{self.account_id}",
            f"merchant:{self.merchant_id}",
            f"card:{self.chip}",
        )
        debit, credit = {
            FactKind.CARD_TAP: (card, merchant),
            FactKind.OFFLINE_SALE: (transition, merchant),
            FactKind.CHIP_LOAD: (transition, card),
            FactKind.CASH_TOP_UP: ("cash", transition),
            FactKind.BANK_TOP_UP: ("bank", transition),
            FactKind.FEE: (transition, "fee"),
        }[self.kind]
        return [debit, credit], [self.amount_fen, -self.amount_fen]


_OF_A_CHIP = frozenset((FactKind.CARD_TAP, FactKind.CHIP_LOAD))
_AT_A_MERCHANT = frozenset((FactKind.CARD_TAP, FactKind.OFFLINE_SALE))
_BILL_KINDS = {
    FactKind.CARD_TAP: BillKind.CARD_TAP,
    FactKind.OFFLINE_SALE: BillKind.PAYMENT,
    FactKind.CHIP_LOAD: BillKind.CHIP_LOAD,
    FactKind.CASH_TOP_UP: BillKind.RECHARGE,
    FactKind.BANK_TOP_UP: BillKind.RECHARGE,
    FactKind.FEE: BillKind.FEE,
}
