"""缴电费."""

from typing import Annotated

import strawberry

from onecard.actions.buy_electricity import buy_electricity
from schema.context import Info
from schema.electricity import ElectricityOrder
from schema.fields import resolver
from schema.mutations import CALLER_ID, LONGEST_REASON, check_caller_id, check_text
from schema.refusals import (
    AccountClosed,
    AccountFrozen,
    AmountInvalid,
    BankCardNotBound,
    IdempotencyConflict,
    InsufficientBalance,
    MethodNotOffered,
    NotAllowed,
    NotBound,
    RoomHasNoMeter,
    RoomUnknown,
    ServiceUnavailable,
    TooManyAttempts,
)
from schema.scalars import Money
from schema.words import PayMethod


@strawberry.input(description="What a person chooses on the screen 缴电费.")
class ElectricityPurchaseInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    room: strawberry.ID = strawberry.field(description="For which room 宿舍; any room of the school.")
    amount: Money = strawberry.field(
        description="How much 金额. Zero, negative, or outside the policy is the refusal `AmountInvalid`."
    )
    method: PayMethod = strawberry.field(
        description="How it is paid 支付方式.", default=PayMethod.CARD_ACCOUNT
    )
    note: str | None = strawberry.field(
        description="A word for the record 备注, up to 200 characters.", default=None
    )


@strawberry.type(
    description="The order is made 已下单. Paid from the card account, its energy is on its way already."
)
class ElectricityPurchased:
    order: ElectricityOrder = strawberry.field(
        description="The order; its `payment` opens WeChat's payment sheet, its `payUrl` the platform's cashier. By "
        "bank card it was debited already, and `state` says how far that is."
    )
    replayed: bool = strawberry.field(
        description="Was this id answered before? Then this is the same order again."
    )


ElectricityPurchaseResult = Annotated[
    ElectricityPurchased
    | RoomUnknown
    | RoomHasNoMeter
    | AmountInvalid
    | MethodNotOffered
    | BankCardNotBound
    | InsufficientBalance
    | AccountFrozen
    | AccountClosed
    | NotBound
    | TooManyAttempts
    | ServiceUnavailable
    | IdempotencyConflict
    | NotAllowed,
    strawberry.union(name="ElectricityPurchaseResult", description="What came of paying for a room 缴电费."),
]


@strawberry.type
class ElectricityPurchase:
    @resolver("Pay for the electricity of any room 缴电费: it gets the energy, or the payer the money back.")
    async def electricity_purchase(
        self,
        info: Info,
        input: Annotated[
            ElectricityPurchaseInput, strawberry.argument(description="For which room, how much, paid how.")
        ],
    ) -> ElectricityPurchaseResult:
        bought = await buy_electricity(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            room_id=input.room,
            amount_fen=input.amount,
            method=input.method,
            note=None if input.note is None else check_text("note", input.note, LONGEST_REASON),
        )
        return ElectricityPurchased(order=ElectricityOrder.of(bought.order), replayed=bought.replayed)
