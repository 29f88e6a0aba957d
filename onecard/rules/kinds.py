"""The closed lists of words that rules, ledger and schema share; values are those of the GraphQL enums."""

from __future__ import annotations

from enum import StrEnum


class BillKind(StrEnum):
    """What a line of the bill is (账单类型)."""

    RECHARGE = "RECHARGE"
    PAYMENT = "PAYMENT"
    CARD_TAP = "CARD_TAP"
    CHIP_LOAD = "CHIP_LOAD"
    REFUND = "REFUND"
    REVERSAL = "REVERSAL"
    FEE = "FEE"
    ADJUSTMENT = "ADJUSTMENT"
    ELECTRICITY = "ELECTRICITY"


class WalletType(StrEnum):
    """Where a recharge lands (钱包类型): CARD_ACCOUNT → transition, ELECTRONIC → electronic."""

    CARD_ACCOUNT = "CARD_ACCOUNT"
    ELECTRONIC = "ELECTRONIC"


class PayMethod(StrEnum):
    """How a person pays (支付方式): from the card account, or from outside by one of three channels."""

    CARD_ACCOUNT = "CARD_ACCOUNT"
    WECHAT = "WECHAT"
    BANK_CARD = "BANK_CARD"
    ONLINE_PAYMENT = "ONLINE_PAYMENT"


class RechargeMethod(StrEnum):
    """By which channel a recharge comes; values are those of PayMethod."""

    WECHAT = "WECHAT"
    BANK_CARD = "BANK_CARD"
    ONLINE_PAYMENT = "ONLINE_PAYMENT"


class DeclineReason(StrEnum):
    """Why a payment that was asked for did not come about; no money moved."""

    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    AGREEMENT_ENDED = "AGREEMENT_ENDED"
    REFUSED = "REFUSED"  # whatever else the bank says


class BankCardState(StrEnum):
    """SIGNING → BOUND → ENDED; not signed in time, SIGNING → ENDED."""

    SIGNING = "SIGNING"
    BOUND = "BOUND"
    ENDED = "ENDED"


class MeterWay(StrEnum):
    """Who counts a room's energy: our ledger, or the meter by itself once it was written to it."""

    SERVER_CREDIT = "SERVER_CREDIT"
    METER_CREDIT = "METER_CREDIT"


class ElectricityState(StrEnum):
    """ORDERED → PAID → (DELIVERING →) DELIVERED, or given back; UNKNOWN: the meter will be asked."""

    ORDERED = "ORDERED"
    PAID = "PAID"
    DELIVERING = "DELIVERING"
    DELIVERED = "DELIVERED"
    UNKNOWN = "UNKNOWN"
    REFUNDING = "REFUNDING"
    REFUNDED = "REFUNDED"
    CLOSED = "CLOSED"
    FAILED = "FAILED"
    DISPUTED = "DISPUTED"
    UNMAPPED = "UNMAPPED"


class RechargeState(StrEnum):
    """ORDERED → PAID → CREDITED, or CLOSED/FAILED; a credited one may be (partly) refunded."""

    ORDERED = "ORDERED"
    PAID = "PAID"
    CREDITED = "CREDITED"
    CLOSED = "CLOSED"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"
    PARTLY_REFUNDED = "PARTLY_REFUNDED"


class FreezeReason(StrEnum):
    """Why an account may not pay; it may have several at once, and each is lifted by its own cause."""

    OVERDRAFT = "OVERDRAFT"
    LOSS = "LOSS"
    OPERATOR = "OPERATOR"
    CHIP_MISMATCH = "CHIP_MISMATCH"
    NETWORK_PLAN = "NETWORK_PLAN"


class LimitPeriod(StrEnum):
    ONCE = "ONCE"
    DAY = "DAY"


class CaseKind(StrEnum):
    """Money that needs a look."""

    PAID_UNKNOWN_ORDER = "PAID_UNKNOWN_ORDER"
    PAID_OTHER_AMOUNT = "PAID_OTHER_AMOUNT"
    REFUND_FAILED = "REFUND_FAILED"
    ELECTRICITY_DISPUTE = "ELECTRICITY_DISPUTE"


class CaseState(StrEnum):
    OPEN = "OPEN"
    REFUNDING = "REFUNDING"
    CLOSED = "CLOSED"


class ProposalKind(StrEnum):
    """What two persons may decide about an order for electricity."""

    REFUND = "REFUND"  # nobody knows whether the meter took it, or the room has none
    ASSIGN = "ASSIGN"  # the room it was meant for
    MOVE = "MOVE"  # paid into the wrong room: what was not used goes to another
    AGAINST_PAYER = "AGAINST_PAYER"  # a dispute: the payer got the energy
    WRITE_OFF = "WRITE_OFF"  # a dispute: the school bears it


class ProposalState(StrEnum):
    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class PowerState(StrEnum):
    """Why a room has power, or has none."""

    NORMAL = "NORMAL"
    CUT = "CUT"  # a forbidden appliance; it comes back by itself
    LOCKED = "LOCKED"  # the same again; it comes back by application, approval and the utility office
    NO_ENERGY = "NO_ENERGY"
    NIGHT = "NIGHT"
    SWITCHED_OFF = "SWITCHED_OFF"  # by the utility office, or at the meter
    UNKNOWN = "UNKNOWN"  # the meter does not answer


class IncidentState(StrEnum):
    """恶性负载, from the cut to its end."""

    CUT = "CUT"
    LOCKED = "LOCKED"
    APPLIED = "APPLIED"
    APPROVED = "APPROVED"
    CLOSED = "CLOSED"


class PowerStepKind(StrEnum):
    """What happened in an incident."""

    CUT = "CUT"
    LOCKED = "LOCKED"
    APPLIED = "APPLIED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    OVERDUE = "OVERDUE"  # the office let its time pass
    SWITCHED_ON = "SWITCHED_ON"  # the meter was told
    RESTORED = "RESTORED"  # the meter says so


class AlertKind(StrEnum):
    """用电提醒: what a resident may want to hear of their room."""

    LOW_ENERGY = "LOW_ENERGY"
    NIGHT_CUT = "NIGHT_CUT"
    POWER_CUT = "POWER_CUT"
    POWER_RESTORED = "POWER_RESTORED"
