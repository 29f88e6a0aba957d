"""卡片充值: an order, its payment at WeChat, and how far it has come."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.actions.start_payment import place_to_pay, wechat_parameters
from onecard.rules import kinds
from schema.bill import Bill
from schema.context import Info
from schema.fields import resolver
from schema.node import Node
from schema.scalars import Money
from schema.words import DeclineReason, RechargeMethod, RechargeState, RechargeStepKind, WalletType

if TYPE_CHECKING:
    from onecard.ledger.recharges import RechargeOrder
    from schema.person import Person


@strawberry.type(description="One step on the way of a recharge 充值进度.")
class RechargeStep:
    kind: RechargeStepKind = strawberry.field(description="Which step.")
    at: datetime | None = strawberry.field(description="When it was reached; null while it is not.")


@strawberry.type(
    description=(
        "What WeChat's payment sheet takes (WeixinJSBridge getBrandWCPayRequest, ww.chooseWXPay), signed by "
        "the school. Valid for one order."
    )
)
class WechatPayment:
    app_id: str = strawberry.field(description="The school's app at WeChat.")
    time_stamp: str = strawberry.field(description="Seconds since 1970, as text, as WeChat wants it.")
    nonce_str: str = strawberry.field(description="A random word that the signature covers.")
    package: str = strawberry.field(description='"prepay_id=…": which prepared payment 预支付 it is.')
    sign_type: str = strawberry.field(description='How it is signed: "RSA".')
    pay_sign: str = strawberry.field(description="The signature 签名.")

    @classmethod
    def of(cls, signed: Mapping[str, str]) -> Self:
        """`signed`: the bridge's parameters, as the port gives them."""
        return cls(
            app_id=signed["appId"],
            time_stamp=signed["timeStamp"],
            nonce_str=signed["nonceStr"],
            package=signed["package"],
            sign_type=signed["signType"],
            pay_sign=signed["paySign"],
        )


@strawberry.type(
    description=(
        "A recharge 充值: money from outside into the account, one-way 单向. Its money is in the account when "
        "its state is CREDITED, whatever the phone says."
    )
)
class Recharge(Node):
    order: strawberry.Private["RechargeOrder"]
    amount: Money = strawberry.field(description="How much was ordered 充值金额.")
    wallet_type: WalletType = strawberry.field(description="Into which wallet it goes 钱包类型.")
    method: RechargeMethod = strawberry.field(description="How it is paid 支付方式.")
    state: RechargeState = strawberry.field(description="How far it has come 状态.")
    ordered_at: datetime = strawberry.field(description="When it was ordered 下单时间.")
    out_trade_no: str = strawberry.field(
        description="The school's order number at whoever is paid 商户订单号."
    )
    refunded: Money = strawberry.field(description="How much was given back so far 已退金额.")
    declined: DeclineReason | None = strawberry.field(
        description="Why it FAILED 扣款失败原因, where the bank said so; null otherwise."
    )

    @resolver(
        "已下单 → 已支付 → 到账中 → 已到账, or how it ended otherwise; steps not reached yet have no time."
    )
    def timeline(self) -> list[RechargeStep]:
        return timeline_of(self.order)

    @resolver("The line of the bill that credited it 到账流水; null until it is credited.")
    async def bill(self, info: Info) -> Bill | None:
        if self.order.transfer_id is None:
            return None
        row = await info.context.loaders.bills.load(self.order.transfer_id)
        return Bill.of(row) if row else None

    @resolver(
        "What opens WeChat's payment sheet; null once paid or closed, and for everybody but the orderer."
    )
    def payment(self, info: Info) -> WechatPayment | None:
        if info.context.account_id != self.order.account_id:
            return None
        signed = wechat_parameters(info.context.parts, self.order)
        return WechatPayment.of(signed) if signed else None

    @resolver(
        "The cashier's page of the payment platform 统一支付平台; null once paid or closed, and for others."
    )
    def pay_url(self, info: Info) -> str | None:
        if info.context.account_id != self.order.account_id:
            return None
        return place_to_pay(info.context.parts, self.order, kinds.RechargeMethod.ONLINE_PAYMENT)

    @resolver("Whose account it recharges. For operators, finance and auditors; null for others.")
    async def person(self, info: Info) -> Annotated["Person", strawberry.lazy("schema.person")] | None:
        from schema.person import Person

        found = await info.context.loaders.holders.load(self.order.account_id)
        return Person.of(found) if found else None

    @classmethod
    def of(cls, order: "RechargeOrder") -> Self:
        return cls(
            order=order,
            id=strawberry.ID(order.id),
            amount=Money(order.amount_fen),
            wallet_type=order.wallet_type,
            method=order.method,
            state=order.state,
            ordered_at=order.ordered_at,
            out_trade_no=order.out_trade_no,
            refunded=Money(order.refunded_fen),
            declined=order.declined,
        )


def timeline_of(order: "RechargeOrder") -> list[RechargeStep]:
    """The steps passed and the ones to come. Crediting begins when payment is known."""
    steps = [RechargeStep(kind=RechargeStepKind.ORDERED, at=order.ordered_at)]
    if order.paid_at is None and order.state in (RechargeState.CLOSED, RechargeState.FAILED):
        end = RechargeStepKind.CLOSED if order.state is RechargeState.CLOSED else RechargeStepKind.FAILED
        return [*steps, RechargeStep(kind=end, at=order.closed_at or order.failed_at)]
    steps += [
        RechargeStep(kind=RechargeStepKind.PAID, at=order.paid_at),
        RechargeStep(kind=RechargeStepKind.CREDITING, at=order.paid_at),
        RechargeStep(kind=RechargeStepKind.CREDITED, at=order.credited_at),
    ]
    if order.refunded_at is not None:
        steps.append(RechargeStep(kind=RechargeStepKind.REFUNDED, at=order.refunded_at))
    return steps
