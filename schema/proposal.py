"""两人处理: what one person of the offices proposed about an order, and another decided."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.registry import proposals
from schema.context import Info
from schema.electricity import ElectricityOrder
from schema.fields import resolver
from schema.node import Node
from schema.place import Room
from schema.scalars import Kwh
from schema.words import ProposalKind, ProposalState

if TYPE_CHECKING:
    from schema.person import Person


@strawberry.type(
    description="What one person proposed about a purchase of electricity, and another person decides 两人处理."
)
class ElectricityProposal(Node):
    proposal: strawberry.Private[proposals.Proposal]
    kind: ProposalKind = strawberry.field(description="What is to be done 处理方式.")
    state: ProposalState = strawberry.field(description="Whether it is decided 状态.")
    reason: str = strawberry.field(description="Why, in the words of who proposed it 原因.")
    proposed_at: datetime = strawberry.field(description="When it was proposed 提出时间.")
    decided_at: datetime | None = strawberry.field(
        description="When it was decided 决定时间; null until then."
    )
    decision: str | None = strawberry.field(description="Why it was decided so 决定说明; null until then.")

    @resolver("About which purchase.")
    async def order(self, info: Info) -> ElectricityOrder:
        found = await info.context.loaders.electricity.load(self.proposal.order_id)
        assert found is not None, "orders are never removed"
        return ElectricityOrder.of(found)

    @resolver("To which room 宿舍 it is to go; null where it goes to none.")
    async def to_room(self, info: Info) -> Room | None:
        found = await info.context.loaders.rooms.load(self.proposal.to_room_id or "")
        return Room.of(found) if found else None

    @resolver("How much energy 电量 is to be moved; null where none is.")
    def energy(self) -> Kwh | None:
        return None if self.proposal.wh is None else Kwh(self.proposal.wh)

    @resolver("Who proposed it 提出人.")
    async def proposed_by(self, info: Info) -> Annotated["Person", strawberry.lazy("schema.person")] | None:
        return await _person(info, self.proposal.proposed_by)

    @resolver("Who decided it 决定人; null until then.")
    async def decided_by(self, info: Info) -> Annotated["Person", strawberry.lazy("schema.person")] | None:
        return await _person(info, self.proposal.decided_by)

    @classmethod
    def of(cls, proposal: proposals.Proposal) -> Self:
        return cls(
            id=strawberry.ID(proposal.id),
            proposal=proposal,
            kind=proposal.kind,
            state=proposal.state,
            reason=proposal.reason,
            proposed_at=proposal.proposed_at,
            decided_at=proposal.decided_at,
            decision=proposal.decision,
        )


async def _person(info: Info, person_id: str | None) -> "Person | None":
    from schema.person import Person

    found = await info.context.loaders.people.load(person_id or "")
    return Person.of(found) if found else None
