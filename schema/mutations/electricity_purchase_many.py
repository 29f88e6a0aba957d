"""缴电费 for several rooms at once, by a counselor."""

from typing import Annotated, Self

import strawberry

from onecard.actions.care_for_rooms import MOST_ROOMS, ForRoom, buy_for_rooms
from schema.context import Info
from schema.electricity import ElectricityOrder
from schema.fields import resolver
from schema.mutations import CALLER_ID, LONGEST_REASON, check_caller_id, check_text
from schema.place import Room
from schema.refusals import TYPES, NotAllowed, NotBound, Refusal, ServiceUnavailable, TooManyAttempts
from schema.scalars import Money, mistake


@strawberry.input(description="What a counselor chooses: which rooms, and how much for each.")
class ElectricityPurchaseManyInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    rooms: list[strawberry.ID] = strawberry.field(
        description=f"For which rooms 宿舍 of their classes, each once: 1 to {MOST_ROOMS}."
    )
    amount: Money = strawberry.field(description="How much for each 每间金额, from the card account.")
    note: str | None = strawberry.field(
        description="A word for the record 备注, up to 200 characters.", default=None
    )


@strawberry.type(description="What came of one room: an order, or the refusal why there is none.")
class ElectricityForRoom:
    outcome: strawberry.Private[ForRoom]

    @resolver("Which room 宿舍; null when there is no such room.")
    async def room(self, info: Info) -> Room | None:
        found = await info.context.loaders.rooms.load(self.outcome.room_id)
        return Room.of(found) if found else None

    @resolver("The order 订单; null when it was refused.")
    def order(self) -> ElectricityOrder | None:
        return ElectricityOrder.of(self.outcome.order) if self.outcome.order else None

    @resolver("Why there is no order 原因: nothing was taken for this room. Null when there is one.")
    def refusal(self) -> Refusal | None:
        refused = self.outcome.refusal
        return TYPES[refused.code].of(refused) if refused else None

    @classmethod
    def of(cls, outcome: ForRoom) -> Self:
        return cls(outcome=outcome)


@strawberry.type(description="Each room by itself: what one refused stopped no other.")
class ElectricityPurchasedMany:
    rooms: list[ElectricityForRoom] = strawberry.field(description="In the order of the input.")


ElectricityPurchaseManyResult = Annotated[
    ElectricityPurchasedMany | NotBound | NotAllowed | TooManyAttempts | ServiceUnavailable,
    strawberry.union(
        name="ElectricityPurchaseManyResult", description="What came of paying for several rooms."
    ),
]


@strawberry.type
class ElectricityPurchaseMany:
    @resolver(
        "Pay for several rooms of one's classes at once 批量缴电费, the same for each, from the card account. Sent "
        "again under its id it goes on where it stopped. For counselors."
    )
    async def electricity_purchase_many(
        self,
        info: Info,
        input: Annotated[
            ElectricityPurchaseManyInput,
            strawberry.argument(description="For which rooms, how much for each."),
        ],
    ) -> ElectricityPurchaseManyResult:
        if not 0 < len(input.rooms) <= MOST_ROOMS or len(set(input.rooms)) < len(input.rooms):
            raise mistake(f"rooms are 1 to {MOST_ROOMS}, each once.")
        outcomes = await buy_for_rooms(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            room_ids=input.rooms,
            amount_fen=input.amount,
            note=None if input.note is None else check_text("note", input.note, LONGEST_REASON),
        )
        return ElectricityPurchasedMany(rooms=[ElectricityForRoom.of(outcome) for outcome in outcomes])
