"""What the pretend campus is made of. Plain facts; amounts in fen, times with their offset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

SCHOOL_NAME = "临江职业技术学院"
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Campus:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Building:
    code: str  # "17"
    campus: str  # its code
    name: str
    floors: int
    rooms_per_floor: int
    gender: str  # who lives there: "M" or "F"


@dataclass(frozen=True, slots=True)
class Room:
    code: str  # "17-101"
    building: str  # its code
    floor: int
    number: str  # "101": floor, then two digits


class Role(StrEnum):
    STUDENT = "STUDENT"
    COUNSELOR = "COUNSELOR"
    OPERATOR = "OPERATOR"
    UTILITY_STAFF = "UTILITY_STAFF"
    DEPARTMENT_OFFICE = "DEPARTMENT_OFFICE"
    FINANCE = "FINANCE"
    AUDITOR = "AUDITOR"


@dataclass(frozen=True, slots=True)
class Person:
    number: str  # 学工号, 7 digits
    name: str
    role: Role
    gender: str
    id_number: str  # 18 characters of a region that does not exist
    phone: str  # of a number range that was never assigned
    department: str
    class_name: str | None = None  # students: their class
    classes: tuple[str, ...] = ()  # counselors: the classes they look after
    room: str | None = None  # its code


class Shop(StrEnum):
    CANTEEN = "CANTEEN"
    SUPERMARKET = "SUPERMARKET"


@dataclass(frozen=True, slots=True)
class Merchant:
    code: str
    name: str
    place: str
    shop: Shop
    prices_fen: tuple[int, ...]  # what people usually pay here
    hours: tuple[str, ...]  # which meals it serves
    by_weight: bool = False  # 自选称重: any fen may come out


@dataclass(frozen=True, slots=True)
class Terminal:
    number: str  # DE41, 8 digits
    place: str
    merchant: str  # its code


class EventKind(StrEnum):
    """One fact of a person's month, named as the bill names it."""

    RECHARGE = "RECHARGE"  # by WeChat: order, then paid
    CASH_TOP_UP = "CASH_TOP_UP"  # at the counter
    PAYMENT = "PAYMENT"  # payment code at a POS
    CARD_TAP = "CARD_TAP"
    CHIP_LOAD = "CHIP_LOAD"  # 领款: transition → card, may be negative
    REVERSAL = "REVERSAL"  # of an earlier payment
    REFUND = "REFUND"  # of an earlier recharge


@dataclass(frozen=True, slots=True)
class Event:
    key: str  # unique and stable: a second seeding finds the same
    kind: EventKind
    person: str
    amount_fen: int  # > 0 but for a chip load, which may be negative
    at: datetime
    wallet_type: str | None = None  # RECHARGE
    terminal: str | None = None  # PAYMENT, CARD_TAP, CHIP_LOAD, REVERSAL
    of: str | None = None  # REVERSAL, REFUND: the key of the original


@dataclass(slots=True)
class Wallets:
    """The three wallets as the guide explains them, kept apart from the ledger so the two can be compared."""

    card_fen: int = 0
    transition_fen: int = 0
    electronic_fen: int = 0

    @property
    def balance_fen(self) -> int:
        return self.card_fen + self.transition_fen + self.electronic_fen

    @property
    def off_card_fen(self) -> int:
        return self.transition_fen + self.electronic_fen

    def apply(self, event: Event) -> None:
        match event.kind:
            case EventKind.RECHARGE if event.wallet_type == "ELECTRONIC":
                self.electronic_fen += event.amount_fen
            case EventKind.RECHARGE | EventKind.CASH_TOP_UP | EventKind.REVERSAL:
                self.transition_fen += event.amount_fen
            case EventKind.PAYMENT | EventKind.REFUND:
                self.transition_fen -= event.amount_fen
            case EventKind.CARD_TAP:
                self.card_fen -= event.amount_fen
            case EventKind.CHIP_LOAD:
                self.card_fen += event.amount_fen
                self.transition_fen -= event.amount_fen
        self._sweep()

    def _sweep(self) -> None:
        """A transfer that would leave transition below 0 takes from the electronic account, up to 0."""
        moved = min(max(-self.transition_fen, 0), self.electronic_fen)
        self.transition_fen += moved
        self.electronic_fen -= moved
