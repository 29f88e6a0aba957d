"""缴费链接: for its maker, and what somebody outside the school sees who holds one."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

import strawberry

from onecard.actions.pay_links import address_of
from onecard.actions.start_payment import wechat_parameters
from onecard.registry.pay_links import PayLink as Link
from onecard.rules.access import Guest
from onecard.rules.electricity_words import explain_order, remedy_of_order
from schema.context import Info
from schema.fields import resolver
from schema.place import Room
from schema.recharge import WechatPayment
from schema.scalars import Money
from schema.words import ElectricityState, InLanguage, Language, spoken

if TYPE_CHECKING:
    from onecard.ledger.energy import ElectricityOrder as OrderRow
    from onecard.registry.places import Room as RoomRow
    from onecard.rules.policy import Policy


@strawberry.type(description="A link by which somebody without an account pays for a room 缴费链接.")
class PayLink:
    link: strawberry.Private[Link]
    id: strawberry.ID = strawberry.field(description="Its id, by which its maker ends it.")
    label: str = strawberry.field(description="For whom it was made 备注名, such as 妈妈.")
    made_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="Until when it is good 有效期.")

    @resolver("The address to give away 链接: who has it can pay for the room, and nothing else.")
    def url(self, info: Info) -> str:
        return address_of(info.context.parts, self.link)

    @resolver("For which room 宿舍.")
    async def room(self, info: Info) -> Room:
        found = await info.context.loaders.rooms.load(self.link.room_id)
        assert found is not None, "a link for no room"
        return Room.of(found)

    @classmethod
    def of(cls, link: Link) -> Self:
        return cls(
            link=link,
            id=strawberry.ID(link.id),
            label=link.label,
            made_at=link.made_at,
            expires_at=link.expires_at,
        )


@strawberry.type(
    description="The room a pay link 缴费链接 is for, as who holds the link sees it: its name alone."
)
class LinkedRoom:
    name: str = strawberry.field(description="What people call it 宿舍名称.")
    minimum: Money = strawberry.field(description="The smallest amount 最低金额.")
    maximum: Money = strawberry.field(description="The largest amount 最高金额.")
    presets: list[Money] = strawberry.field(description="The amounts offered as buttons 常用金额.")

    @classmethod
    def of(cls, room: "RoomRow", policy: "Policy") -> Self:
        return cls(
            name=room.name,
            minimum=Money(policy.electricity_minimum_fen),
            maximum=Money(policy.electricity_maximum_fen),
            presets=[Money(fen) for fen in policy.electricity_presets_fen],
        )


@strawberry.type(
    description="A purchase that was paid by a link 缴费链接, as who holds the link sees it: the money's way."
)
class LinkedOrder:
    order: strawberry.Private["OrderRow"]
    id: strawberry.ID = strawberry.field(description="Its id.")
    number: str = strawberry.field(description="What to tell the counter 订单号.")
    amount: Money = strawberry.field(description="How much is paid 金额.")
    state: ElectricityState = strawberry.field(description="How far it has come 状态.")
    ordered_at: datetime = strawberry.field(description="When it was ordered 下单时间.")
    paid_at: datetime | None = strawberry.field(description="When it was paid 付款时间; null until then.")
    delivered_at: datetime | None = strawberry.field(
        description="When the room had the energy 到表时间; null until then."
    )
    ended_at: datetime | None = strawberry.field(
        description="When it came to its end 完成时间; null until then."
    )

    @resolver("What happened, and where the money is.")
    def explanation(self, language: InLanguage = Language.ZH) -> str:
        return explain_order(self.order, spoken(language))

    @resolver("What to do now 办法.")
    def remedy(self, language: InLanguage = Language.ZH) -> str:
        return remedy_of_order(self.order, spoken(language))

    @resolver("What opens WeChat's payment sheet; null once paid or closed.")
    def payment(self, info: Info) -> WechatPayment | None:
        if not isinstance(info.context.caller, Guest):
            return None
        signed = wechat_parameters(info.context.parts, self.order)
        return WechatPayment.of(signed) if signed else None

    @classmethod
    def of(cls, order: "OrderRow") -> Self:
        return cls(
            order=order,
            id=strawberry.ID(order.id),
            number=order.number,
            amount=Money(order.amount_fen),
            state=order.state,
            ordered_at=order.ordered_at,
            paid_at=order.paid_at,
            delivered_at=order.delivered_at,
            ended_at=order.ended_at,
        )
