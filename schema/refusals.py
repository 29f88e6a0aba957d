"""Refusals as types: what the rules said no to, and what the caller may do about it.

A refusal is a result, not an error: a client that writes `... on Refusal { message remedy }` also survives
refusals that do not exist yet. Sentences come from the one table in `onecard.rules.refusals`; here is only
their shape. `TYPES` is complete: a test compares it with the table.
"""

import datetime as clock
from collections.abc import Mapping
from typing import Any, Self

import strawberry

from onecard.rules.refusals import Refusal as Refused
from schema.fields import resolver
from schema.scalars import Kwh, Money, read_time
from schema.words import FreezeReason, InLanguage, Language, LimitPeriod, spoken


@strawberry.interface(
    description=(
        "A refusal 拒绝 by rule. Nothing moved unless the message says so, and it is final for the caller's "
        "id: to try again, make a new id. `ServiceUnavailable` and `TooManyAttempts` are the exceptions."
    )
)
class Refusal:
    refused: strawberry.Private[Refused]

    @classmethod
    def of(cls, refused: Refused) -> Self:
        return cls(refused=refused)

    @resolver('Stable name for programs, such as "INSUFFICIENT_BALANCE".')
    def code(self) -> str:
        return self.refused.code.value

    @resolver("What happened, and what happened to the money, for people.")
    def message(self, language: InLanguage = Language.ZH) -> str:
        return self.refused.message(spoken(language))

    @resolver("What a till says aloud 语音提示: Chinese, a few syllables.")
    def voice_prompt(self) -> str:
        return self.refused.voice_prompt

    @resolver("What to do next 办法.")
    def remedy(self, language: InLanguage = Language.ZH) -> str:
        return self.refused.remedy(spoken(language))


def _fen(refused: Refused, name: str) -> Money:
    value = refused.data[f"{name}_fen"]
    assert isinstance(value, int), f"{refused.code} carries {name}_fen as {value!r}"
    return Money(value)


def _time(refused: Refused, name: str) -> clock.time:
    return read_time(refused.data[name])


@strawberry.type(description="Not enough money 余额不足: less is available than this payment needs.")
class InsufficientBalance(Refusal):
    available: Money = strawberry.field(
        description="What may be spent now 可用余额: balance less what is held."
    )
    amount: Money = strawberry.field(description="What was asked for.")

    @classmethod
    def of(cls, refused: Refused) -> Self:
        return cls(refused=refused, available=_fen(refused, "available"), amount=_fen(refused, "amount"))


@strawberry.type(description="The account is frozen 账户已冻结.")
class AccountFrozen(Refusal):
    reasons: list[FreezeReason] = strawberry.field(description="Every reason that holds now 冻结原因.")

    @classmethod
    def of(cls, refused: Refused) -> Self:
        reasons = refused.data["reasons"]
        assert isinstance(reasons, list)
        return cls(refused=refused, reasons=[FreezeReason[reason] for reason in reasons])


@strawberry.type(description="The account is closed 账户已销户.")
class AccountClosed(Refusal): ...


@strawberry.type(description="This payment code 付款码 was never given out, or long ago.")
class CodeUnknown(Refusal): ...


@strawberry.type(description="This payment code 付款码 is too old; the page shows a new one 付款码已过期.")
class CodeExpired(Refusal): ...


@strawberry.type(description="This payment code 付款码 has been used 付款码已使用; a code pays once.")
class CodeUsed(Refusal): ...


@strawberry.type(description="This code was shown to a door 门禁 and can no longer pay.")
class CodeForDoors(Refusal): ...


@strawberry.type(description="The amount 金额 is zero, negative, or outside what is offered.")
class AmountInvalid(Refusal):
    minimum: Money = strawberry.field(description="The smallest amount taken.")
    maximum: Money = strawberry.field(description="The largest amount taken.")

    @classmethod
    def of(cls, refused: Refused) -> Self:
        return cls(refused=refused, minimum=_fen(refused, "minimum"), maximum=_fen(refused, "maximum"))


@strawberry.type(description="A payment limit 消费限额 would be passed.")
class PaymentLimitReached(Refusal):
    limit: Money = strawberry.field(description="The limit 限额.")
    period: LimitPeriod = strawberry.field(description="Over which span the limit counts.")
    spent: Money = strawberry.field(description="Spent within that span so far 已消费.")

    @classmethod
    def of(cls, refused: Refused) -> Self:
        period = refused.data["period"]
        assert isinstance(period, str)
        return cls(
            refused=refused,
            limit=_fen(refused, "limit"),
            period=LimitPeriod[period],
            spent=_fen(refused, "spent"),
        )


@strawberry.type(description="Outside the service hours 服务时间.")
class OutsideServiceHours(Refusal):
    opens_at: clock.time = strawberry.field(description="When the service opens each day.")
    closes_at: clock.time = strawberry.field(description="When the service closes each day.")

    @classmethod
    def of(cls, refused: Refused) -> Self:
        return cls(
            refused=refused, opens_at=_time(refused, "opens_at"), closes_at=_time(refused, "closes_at")
        )


@strawberry.type(
    description="This id was used before with other contents. Nothing moved; a new intent needs a new id."
)
class IdempotencyConflict(Refusal): ...


@strawberry.type(description="No such terminal POS机, or not one of the caller's.")
class TerminalUnknown(Refusal): ...


@strawberry.type(description="This terminal POS机 is out of service 已停用.")
class TerminalStopped(Refusal): ...


@strawberry.type(
    description="The reversal 冲正 of this charge arrived before it, so it will never be posted."
)
class ChargeReversedBefore(Refusal): ...


@strawberry.type(description="The charge was already given back 已冲正; a charge is reversed once.")
class AlreadyReversed(Refusal): ...


@strawberry.type(description="The caller may not do this 无权限.")
class NotAllowed(Refusal): ...


@strawberry.type(description="No campus card is bound 未绑定 to this login yet.")
class NotBound(Refusal): ...


@strawberry.type(
    description=(
        "Number and query password 查询密码 do not belong together. The answer is the same for a number that "
        "does not exist, so that nobody learns who is at the school."
    )
)
class BindMismatch(Refusal): ...


@strawberry.type(description="This login or this campus card is bound already 已绑定.")
class AlreadyBound(Refusal): ...


@strawberry.type(
    description=(
        "Too many attempts 尝试次数过多. Not stored: wait and try again, under the same id where there is one."
    )
)
class TooManyAttempts(Refusal):
    retry_after_seconds: int = strawberry.field(description="How long to wait, in seconds.")

    @classmethod
    def of(cls, refused: Refused) -> Self:
        seconds = refused.data["retry_after_s"]
        assert isinstance(seconds, int)
        return cls(refused=refused, retry_after_seconds=seconds)


@strawberry.type(description="This wallet type 钱包类型 or way of paying 支付方式 is not offered.")
class WalletTypeNotOffered(Refusal): ...


@strawberry.type(description="No such recharge 充值订单, or not one the caller may touch.")
class RechargeUnknown(Refusal): ...


@strawberry.type(description="More is asked back than can be refunded 退款.")
class RefundTooLarge(Refusal):
    refundable: Money = strawberry.field(description="The most that can be refunded now 可退金额.")

    @classmethod
    def of(cls, refused: Refused) -> Self:
        return cls(refused=refused, refundable=_fen(refused, "refundable"))


@strawberry.type(description="No such room 宿舍.")
class RoomUnknown(Refusal): ...


@strawberry.type(description="The room has no meter 电表 yet, so nobody can pay for it.")
class RoomHasNoMeter(Refusal): ...


@strawberry.type(description="This way of paying 支付方式 is not offered here.")
class MethodNotOffered(Refusal): ...


@strawberry.type(description="No such order 订单, or not one the caller may see.")
class OrderUnknown(Refusal): ...


@strawberry.type(description="The order 订单 has its result already, or somebody else is dealing with it.")
class OrderNotOpen(Refusal): ...


@strawberry.type(description="No such meter 电表, or it was removed.")
class MeterUnknown(Refusal): ...


@strawberry.type(description="More is to be moved than the room has left of what was bought 剩余电量不足.")
class EnergyUsed(Refusal):
    left: Kwh = strawberry.field(description="What is left of what was bought.")

    @classmethod
    def of(cls, refused: Refused) -> Self:
        left = refused.data["left_wh"]
        assert isinstance(left, int)
        return cls(refused=refused, left=Kwh(left))


@strawberry.type(description="No such cut 违规断电.")
class IncidentUnknown(Refusal): ...


@strawberry.type(description="The cut 违规断电 has come to another step meanwhile.")
class IncidentNotOpen(Refusal): ...


@strawberry.type(
    description="The room is locked for a forbidden appliance 违规断电, and nobody approved that it be switched on."
)
class PowerLocked(Refusal): ...


@strawberry.type(description="The pay link 缴费链接 has been ended, or never was one.")
class LinkUnknown(Refusal): ...


@strawberry.type(description="As many pay links 缴费链接 are open as one person may have.")
class TooManyLinks(Refusal): ...


@strawberry.type(description="No bank card is bound 未绑定银行卡 that could pay.")
class BankCardNotBound(Refusal): ...


@strawberry.type(description="A bank card is bound already 已绑定银行卡; one at a time.")
class BankCardBound(Refusal): ...


@strawberry.type(
    description=(
        "A part of the service does not answer now 服务暂不可用. Not stored: send the same id again."
    )
)
class ServiceUnavailable(Refusal): ...


TYPES: Mapping[str, type[Refusal]] = {
    "INSUFFICIENT_BALANCE": InsufficientBalance,
    "ACCOUNT_FROZEN": AccountFrozen,
    "ACCOUNT_CLOSED": AccountClosed,
    "CODE_UNKNOWN": CodeUnknown,
    "CODE_EXPIRED": CodeExpired,
    "CODE_USED": CodeUsed,
    "CODE_FOR_DOORS": CodeForDoors,
    "AMOUNT_INVALID": AmountInvalid,
    "PAYMENT_LIMIT_REACHED": PaymentLimitReached,
    "OUTSIDE_SERVICE_HOURS": OutsideServiceHours,
    "IDEMPOTENCY_CONFLICT": IdempotencyConflict,
    "TERMINAL_UNKNOWN": TerminalUnknown,
    "TERMINAL_STOPPED": TerminalStopped,
    "CHARGE_REVERSED_BEFORE": ChargeReversedBefore,
    "ALREADY_REVERSED": AlreadyReversed,
    "NOT_ALLOWED": NotAllowed,
    "NOT_BOUND": NotBound,
    "BIND_MISMATCH": BindMismatch,
    "ALREADY_BOUND": AlreadyBound,
    "TOO_MANY_ATTEMPTS": TooManyAttempts,
    "WALLET_TYPE_NOT_OFFERED": WalletTypeNotOffered,
    "RECHARGE_UNKNOWN": RechargeUnknown,
    "REFUND_TOO_LARGE": RefundTooLarge,
    "ROOM_UNKNOWN": RoomUnknown,
    "ROOM_HAS_NO_METER": RoomHasNoMeter,
    "METHOD_NOT_OFFERED": MethodNotOffered,
    "ORDER_UNKNOWN": OrderUnknown,
    "ORDER_NOT_OPEN": OrderNotOpen,
    "METER_UNKNOWN": MeterUnknown,
    "ENERGY_USED": EnergyUsed,
    "INCIDENT_UNKNOWN": IncidentUnknown,
    "INCIDENT_NOT_OPEN": IncidentNotOpen,
    "POWER_LOCKED": PowerLocked,
    "LINK_UNKNOWN": LinkUnknown,
    "TOO_MANY_LINKS": TooManyLinks,
    "BANK_CARD_NOT_BOUND": BankCardNotBound,
    "BANK_CARD_BOUND": BankCardBound,
    "SERVICE_UNAVAILABLE": ServiceUnavailable,
}


def as_type(refused: Refused) -> Any:
    """The GraphQL type of a refusal. Any: the union that takes it is checked by GraphQL itself."""
    return TYPES[refused.code.value].of(refused)
