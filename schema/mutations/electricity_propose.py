"""One person of the water and power centre proposes what is to become of an order."""

from typing import Annotated

import strawberry

from onecard.actions.decide_electricity import propose_electricity
from onecard.rules.kinds import ProposalKind as Kind
from schema.context import Info
from schema.fields import resolver
from schema.mutations import CALLER_ID, LONGEST_REASON, check_caller_id, check_text
from schema.proposal import ElectricityProposal
from schema.refusals import (
    IdempotencyConflict,
    NotAllowed,
    OrderNotOpen,
    OrderUnknown,
    RoomHasNoMeter,
)
from schema.scalars import Kwh, mistake
from schema.words import ProposalKind


@strawberry.input(description="What is to become of a purchase of electricity, and why.")
class ElectricityProposeInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    order: strawberry.ID = strawberry.field(description="The order's id.")
    kind: ProposalKind = strawberry.field(description="What to do 处理方式.")
    to_room: strawberry.ID | None = strawberry.field(
        description="Of ASSIGN and MOVE: to which room 宿舍.", default=None
    )
    energy: Kwh | None = strawberry.field(description="Of MOVE: how much energy 电量.", default=None)
    reason: str = strawberry.field(description="Why 原因, for the record: up to 200 characters.")


@strawberry.type(description="It waits for another person's decision.")
class ElectricityProposed:
    proposal: ElectricityProposal = strawberry.field(description="What was proposed.")
    replayed: bool = strawberry.field(description="Was this id answered before?")


ElectricityProposeResult = Annotated[
    ElectricityProposed | OrderUnknown | OrderNotOpen | RoomHasNoMeter | IdempotencyConflict | NotAllowed,
    strawberry.union(name="ElectricityProposeResult", description="What came of a proposal 两人处理."),
]


@strawberry.type
class ElectricityPropose:
    @resolver(
        "Propose what is to become of a purchase that no machine can settle 提出处理. Another person decides. For the "
        "water and power centre."
    )
    async def electricity_propose(
        self,
        info: Info,
        input: Annotated[ElectricityProposeInput, strawberry.argument(description="What, and why.")],
    ) -> ElectricityProposeResult:
        if (input.to_room is not None) != (input.kind in (Kind.ASSIGN, Kind.MOVE)):
            raise mistake("toRoom goes with ASSIGN and MOVE, and with nothing else.")
        if (input.energy is not None) != (input.kind is Kind.MOVE) or (input.energy or 1) <= 0:
            raise mistake("energy goes with MOVE, above 0, and with nothing else.")
        proposal, replayed = await propose_electricity(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            kind=input.kind,
            order_id=input.order,
            reason=check_text("reason", input.reason, LONGEST_REASON),
            to_room_id=input.to_room,
            wh=input.energy,
        )
        return ElectricityProposed(proposal=ElectricityProposal.of(proposal), replayed=replayed)
