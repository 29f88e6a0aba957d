"""Another person decides what was proposed about an order."""

from typing import Annotated

import strawberry

from onecard.actions.decide_electricity import decide_electricity
from schema.context import Info
from schema.electricity import ElectricityOrder
from schema.fields import resolver
from schema.mutations import LONGEST_REASON, check_text
from schema.proposal import ElectricityProposal
from schema.refusals import EnergyUsed, NotAllowed, OrderNotOpen, OrderUnknown, RoomHasNoMeter


@strawberry.input(description="A decision on what somebody else proposed.")
class ElectricityDecideInput:
    proposal: strawberry.ID = strawberry.field(description="The proposal's id.")
    approve: bool = strawberry.field(description="True: do it; false: do not.")
    reason: str = strawberry.field(description="Why 说明, for the record: up to 200 characters.")


@strawberry.type(description="It is decided, and where it was approved, done.")
class ElectricityDecided:
    proposal: ElectricityProposal = strawberry.field(description="The proposal as it is now.")
    order: ElectricityOrder = strawberry.field(description="The order as it is now.")


ElectricityDecideResult = Annotated[
    ElectricityDecided | OrderUnknown | OrderNotOpen | RoomHasNoMeter | EnergyUsed | NotAllowed,
    strawberry.union(name="ElectricityDecideResult", description="What came of a decision 两人处理."),
]


@strawberry.type
class ElectricityDecide:
    @resolver(
        "Decide what another person proposed about a purchase 决定处理. Deciding the same twice does it once. For the "
        "water and power centre and finance."
    )
    async def electricity_decide(
        self,
        info: Info,
        input: Annotated[ElectricityDecideInput, strawberry.argument(description="Which one, and how.")],
    ) -> ElectricityDecideResult:
        decided = await decide_electricity(
            info.context.parts,
            info.context.caller,
            proposal_id=input.proposal,
            approve=input.approve,
            reason=check_text("reason", input.reason, LONGEST_REASON),
        )
        return ElectricityDecided(
            proposal=ElectricityProposal.of(decided.proposal), order=ElectricityOrder.of(decided.order)
        )
