"""缴电费: orders for a room's energy, and what money would buy."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.actions.buy_electricity import Quote
from onecard.actions.confirm_electricity import may_see_order
from onecard.actions.start_payment import place_to_pay, wechat_parameters
from onecard.rules.access import Person as PersonCaller
from onecard.rules.electricity_words import explain_order, remedy_of_order
from onecard.rules.kinds import RechargeMethod
from schema.context import Info
from schema.device_command import DeviceCommand
from schema.fields import resolver
from schema.node import Node
from schema.place import Room
from schema.recharge import WechatPayment
from schema.scalars import Kwh, Money
from schema.words import DeclineReason, ElectricityState, InLanguage, Language, PayMethod, spoken

if TYPE_CHECKING:
    from onecard.ledger.energy import ElectricityOrder as OrderRow
    from onecard.rules.policy import Policy
    from schema.person import Person


@strawberry.type(
    description=(
        "A purchase of electricity 缴电费 for a room: it is paid, then the room has the energy, or the payer has the "
        "money back. `explanation` says where the money is."
    )
)
class ElectricityOrder(Node):
    order: strawberry.Private["OrderRow"]
    number: str = strawberry.field(description="What to tell the counter 订单号.")
    amount: Money = strawberry.field(description="How much is paid 金额.")
    method: PayMethod = strawberry.field(description="How 支付方式.")
    state: ElectricityState = strawberry.field(description="How far it has come 状态.")
    ordered_at: datetime = strawberry.field(description="When it was ordered 下单时间.")
    paid_at: datetime | None = strawberry.field(description="When it was paid 付款时间; null until then.")
    delivered_at: datetime | None = strawberry.field(
        description="When the room had the energy 到表时间; null until then."
    )
    ended_at: datetime | None = strawberry.field(
        description="When it came to its end 完成时间, whichever it was; null until then."
    )
    refunded: Money = strawberry.field(description="How much goes back, or went 退款金额.")
    declined: DeclineReason | None = strawberry.field(
        description="Why it FAILED 扣款失败原因, where the bank said so; null otherwise."
    )

    @resolver("What the money buys 购电量; null until that is fixed.")
    def energy(self) -> Kwh | None:
        return None if self.order.wh is None else Kwh(self.order.wh)

    @resolver("For which room 宿舍.")
    async def room(self, info: Info) -> Room:
        found = await info.context.loaders.rooms.load(self.order.room_id)
        assert found is not None, "an order for no room"
        return Room.of(found)

    @resolver(
        "Who pays 缴费人; null for a payment by link, and for all but the payer and those who look after orders."
    )
    async def payer(self, info: Info) -> Annotated["Person", strawberry.lazy("schema.person")] | None:
        from schema.person import Person

        if not may_see_order(info.context.caller, self.order):
            return None
        found = await info.context.loaders.people.load(self.order.payer)
        return Person.of(found) if found else None

    @resolver(
        "By whose pay link 缴费链接 it is paid, in its maker's words, such as 妈妈; null for all others."
    )
    async def link_label(self, info: Info) -> str | None:
        found = await info.context.loaders.pay_links.load(self.order.payer)
        return found.label if found else None

    @resolver("What happened, and where the money is.")
    def explanation(self, language: InLanguage = Language.ZH) -> str:
        return explain_order(self.order, spoken(language))

    @resolver("What to do now 办法.")
    def remedy(self, language: InLanguage = Language.ZH) -> str:
        return remedy_of_order(self.order, spoken(language))

    @resolver("What opens WeChat's payment sheet; null once paid or closed, and for everybody but the payer.")
    def payment(self, info: Info) -> WechatPayment | None:
        signed = wechat_parameters(info.context.parts, self.order) if self._is_payer(info) else None
        return WechatPayment.of(signed) if signed else None

    @resolver(
        "The cashier's page of the payment platform 统一支付平台; null once paid or closed, and for others."
    )
    def pay_url(self, info: Info) -> str | None:
        if not self._is_payer(info):
            return None
        return place_to_pay(info.context.parts, self.order, RechargeMethod.ONLINE_PAYMENT)

    @resolver(
        "The newest command 指令 that tells the meter; null where none is needed, and for all but staff."
    )
    async def command(self, info: Info) -> DeviceCommand | None:
        found = await info.context.loaders.commands.load(self.order.command_id or "")
        return DeviceCommand.of(found) if found else None

    def _is_payer(self, info: Info) -> bool:
        caller = info.context.caller
        return isinstance(caller, PersonCaller) and caller.person_id == self.order.payer

    @classmethod
    def of(cls, order: "OrderRow") -> Self:
        return cls(
            order=order,
            id=strawberry.ID(order.id),
            number=order.number,
            amount=Money(order.amount_fen),
            method=order.method,
            state=order.state,
            ordered_at=order.ordered_at,
            paid_at=order.paid_at,
            delivered_at=order.delivered_at,
            ended_at=order.ended_at,
            refunded=Money(order.refunded_fen),
            declined=order.declined,
        )


@strawberry.type(description="What one step of the tariff 分档电价 gives of a purchase.")
class QuoteStep:
    price: str = strawberry.field(description='The price 电价 of a kilowatt-hour in yuan, such as "0.5583".')
    energy: Kwh = strawberry.field(description="How much of the energy.")
    amount: Money = strawberry.field(description="For how much of the money.")


@strawberry.type(description="What an amount would buy for a room now, and what may be paid at all.")
class ElectricityQuote:
    amount: Money = strawberry.field(description="The amount that was asked about.")
    energy: Kwh = strawberry.field(description="What it buys 购电量.")
    repays: Money = strawberry.field(description="Of it, what repays emergency energy 应急电费 first.")
    steps: list[QuoteStep] = strawberry.field(description="How that was reckoned 分档.")
    methods: list[PayMethod] = strawberry.field(description="How one may pay 支付方式.")
    minimum: Money = strawberry.field(description="The smallest amount 最低金额.")
    maximum: Money = strawberry.field(description="The largest amount 最高金额.")
    presets: list[Money] = strawberry.field(description="The amounts offered as buttons 常用金额.")

    @classmethod
    def of(cls, quote: Quote, policy: "Policy", offered: Sequence[PayMethod]) -> Self:
        return cls(
            amount=Money(quote.amount_fen),
            energy=Kwh(quote.wh),
            repays=Money(quote.repaid_fen),
            steps=[
                QuoteStep(price=str(part.price), energy=Kwh(part.wh), amount=Money(part.fen))
                for part in quote.parts
            ],
            methods=list(offered),
            minimum=Money(policy.electricity_minimum_fen),
            maximum=Money(policy.electricity_maximum_fen),
            presets=[Money(fen) for fen in policy.electricity_presets_fen],
        )
