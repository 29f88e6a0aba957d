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


class WalletType(StrEnum):
    """Where a recharge lands (钱包类型): CARD_ACCOUNT → transition, ELECTRONIC → electronic."""

    CARD_ACCOUNT = "CARD_ACCOUNT"
    ELECTRONIC = "ELECTRONIC"


class RechargeMethod(StrEnum):
    WECHAT = "WECHAT"
    BANK_CARD = "BANK_CARD"


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


class CaseState(StrEnum):
    OPEN = "OPEN"
    REFUNDING = "REFUNDING"
    CLOSED = "CLOSED"
