"""供电与用电安全: why a room has power or none, and the way back after a forbidden appliance."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.actions.find_power import RoomPower as Power
from onecard.registry.power import Incident, Step
from onecard.rules.access import Person as PersonCaller
from onecard.rules.kinds import IncidentState as State
from onecard.rules.kinds import PowerState as RoomState
from onecard.rules.power_words import explain_power, remedy_of_power
from schema.context import Info
from schema.fields import resolver
from schema.node import Node
from schema.words import IncidentState, InLanguage, Language, PowerState, PowerStepKind, spoken

if TYPE_CHECKING:
    from schema.person import Person
    from schema.place import Room


@strawberry.type(description="One step of a cut for a forbidden appliance, as it was recorded.")
class PowerStep:
    step: strawberry.Private[Step]
    kind: PowerStepKind = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When.")
    note: str | None = strawberry.field(
        description="In the words of whoever did it 说明; null for a meter's."
    )

    @resolver("Who did it 经办人; null for what the meter did. For the offices.")
    async def by(self, info: Info) -> Annotated["Person", strawberry.lazy("schema.person")] | None:
        from schema.person import Person

        found = await info.context.loaders.people.load(self.step.actor)
        return Person.of(found) if found else None


@strawberry.type(
    description=(
        "A cut for a forbidden appliance 违规断电 (恶性负载), from the meter's word to the meter's word that the room "
        "has power again."
    )
)
class PowerIncident(Node):
    incident: strawberry.Private[Incident]
    state: IncidentState = strawberry.field(description="How far it has come 状态.")
    watts: int | None = strawberry.field(
        description="What was drawn before 断电前功率, in watts, as far as it was seen; null: it was not."
    )
    opened_at: datetime = strawberry.field(description="When the meter cut 断电时间.")
    due_at: datetime | None = strawberry.field(
        description="When a CUT room is back by itself; until when the office that it waits for has time 办理时限."
    )
    overdue: bool = strawberry.field(description="Has that office let its time pass 已超时?")
    closed_at: datetime | None = strawberry.field(
        description="When the room had power again; null until then."
    )

    @resolver("Which room 宿舍.")
    async def room(self, info: Info) -> Annotated["Room", strawberry.lazy("schema.place")]:
        from schema.place import Room

        found = await info.context.loaders.rooms.load(self.incident.room_id)
        assert found is not None, "an incident in no room"
        return Room.of(found)

    @resolver("Who applied 申请人; null before anybody did. For the offices.")
    async def applicant(self, info: Info) -> Annotated["Person", strawberry.lazy("schema.person")] | None:
        from schema.person import Person

        found = await info.context.loaders.people.load(self.incident.applicant or "")
        return Person.of(found) if found else None

    @resolver("May the caller apply now that the room be switched on again: a resident, while it is LOCKED?")
    async def may_apply(self, info: Info) -> bool:
        caller = info.context.caller
        if self.incident.state is not State.LOCKED or not isinstance(caller, PersonCaller):
            return False
        home = await info.context.loaders.rooms_of_people.load(caller.person_id or "")
        return home is not None and home.id == self.incident.room_id

    @resolver("All that happened, in its order 经过.")
    async def steps(self, info: Info) -> list[PowerStep]:
        found = await info.context.loaders.power_steps.load(self.id)
        return [PowerStep(step=step, kind=step.kind, at=step.at, note=step.note) for step in found or ()]

    @classmethod
    def of(cls, incident: Incident) -> Self:
        return cls(
            id=strawberry.ID(incident.id),
            incident=incident,
            state=incident.state,
            watts=incident.watts,
            opened_at=incident.opened_at,
            due_at=incident.due_at,
            overdue=incident.overdue,
            closed_at=incident.closed_at,
        )


@strawberry.type(description="Whether a room has power 供电, and why not.")
class RoomPower:
    room_id: strawberry.Private[str]
    power: strawberry.Private[Power]
    state: PowerState = strawberry.field(description="Why 供电状态.")

    @resolver("What happened.")
    def explanation(self, language: InLanguage = Language.ZH) -> str:
        return explain_power(self.power.state, spoken(language))

    @resolver("What to do now 办法; empty when nothing is amiss.")
    async def remedy(self, info: Info, language: InLanguage = Language.ZH) -> str:
        incident = await self._incident(info)
        return remedy_of_power(
            self.power.state,
            incident.state if incident else None,
            incident.due_at if incident else self.power.night_until,
            overdue=incident is not None and incident.overdue,
            language=spoken(language),
        )

    @resolver("When it is back by itself 自动恢复时间; null where it is not, or nobody knows.")
    async def restores_at(self, info: Info) -> datetime | None:
        if self.power.state is RoomState.NIGHT:
            return self.power.night_until
        incident = await self._incident(info)
        return incident.due_at if incident and incident.state is State.CUT else None

    @resolver("The cut for a forbidden appliance that is not over yet 违规断电; null without one.")
    async def incident(self, info: Info) -> PowerIncident | None:
        found = await self._incident(info)
        return PowerIncident.of(found) if found else None

    async def _incident(self, info: Info) -> Incident | None:
        return await info.context.loaders.incidents.load(self.room_id)

    @classmethod
    def of(cls, found: Power) -> Self:
        return cls(room_id=found.room_id, power=found, state=found.state)
