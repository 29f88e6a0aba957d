"""Who holds a pay link pays for its room, by WeChat."""

from typing import Annotated

import strawberry

from onecard.actions.confirm_electricity import confirm_electricity
from onecard.actions.pay_links import pay_by_link
from schema.context import Info
from schema.fields import resolver
from schema.mutations import CALLER_ID, check_caller_id
from schema.pay_link import LinkedOrder
from schema.refusals import (
    AmountInvalid,
    IdempotencyConflict,
    LinkUnknown,
    MethodNotOffered,
    NotAllowed,
    OrderUnknown,
    RoomHasNoMeter,
    RoomUnknown,
    ServiceUnavailable,
    TooManyAttempts,
)
from schema.scalars import Money


@strawberry.input(description="What somebody pays by a link 缴费链接.")
class PayLinkPayInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    amount: Money = strawberry.field(
        description="How much 金额. Zero, negative, or outside the policy is the refusal `AmountInvalid`."
    )


@strawberry.type(description="The order is made 已下单.")
class PayLinkOrdered:
    order: LinkedOrder = strawberry.field(
        description="The order; its `payment` opens WeChat's payment sheet."
    )
    replayed: bool = strawberry.field(
        description="Was this id answered before? Then this is the same order again."
    )


PayLinkPayResult = Annotated[
    PayLinkOrdered
    | LinkUnknown
    | RoomUnknown
    | RoomHasNoMeter
    | AmountInvalid
    | MethodNotOffered
    | TooManyAttempts
    | ServiceUnavailable
    | IdempotencyConflict
    | NotAllowed,
    strawberry.union(name="PayLinkPayResult", description="What came of paying by a link."),
]


@strawberry.input(description="Which order the payment sheet was for.")
class PayLinkConfirmInput:
    order: strawberry.ID = strawberry.field(description="The order's id.")


@strawberry.type(description="WeChat was asked, and the order went on as far as it can now.")
class PayLinkConfirmed:
    order: LinkedOrder = strawberry.field(description="The order as it is now.")


PayLinkConfirmResult = Annotated[
    PayLinkConfirmed | OrderUnknown | ServiceUnavailable | NotAllowed,
    strawberry.union(name="PayLinkConfirmResult", description="How an order that was paid by a link stands."),
]


@strawberry.type
class PayLinkPay:
    @resolver("Pay for the room of the link that was opened, by WeChat 缴费.")
    async def pay_link_pay(
        self, info: Info, input: Annotated[PayLinkPayInput, strawberry.argument(description="How much.")]
    ) -> PayLinkPayResult:
        bought = await pay_by_link(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            amount_fen=input.amount,
        )
        return PayLinkOrdered(order=LinkedOrder.of(bought.order), replayed=bought.replayed)

    @resolver("Have an order of the link looked after at once 查询缴费结果; at any time, and twice.")
    async def pay_link_confirm(
        self,
        info: Info,
        input: Annotated[PayLinkConfirmInput, strawberry.argument(description="Which order.")],
    ) -> PayLinkConfirmResult:
        order = await confirm_electricity(info.context.parts, info.context.caller, input.order)
        return PayLinkConfirmed(order=LinkedOrder.of(order))
