"""The department's office decides on an application."""

from typing import Annotated

import strawberry

from onecard.actions.restore_power import decide_power_restore
from schema.context import Info
from schema.fields import resolver
from schema.mutations import CALLER_ID, LONGEST_REASON, check_caller_id, check_text
from schema.power import PowerIncident
from schema.refusals import IdempotencyConflict, IncidentNotOpen, IncidentUnknown, NotAllowed


@strawberry.input(description="What is decided, and why.")
class PowerRestoreDecideInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    incident: strawberry.ID = strawberry.field(description="The cut's id 违规断电.")
    approve: bool = strawberry.field(description="Approved 同意? False: a resident may apply anew.")
    reason: str = strawberry.field(
        description="Why 原因, for the record and for the room: up to 200 characters."
    )


@strawberry.type(description="It is decided.")
class PowerRestoreDecided:
    incident: PowerIncident = strawberry.field(description="The cut, with how far it has come.")
    replayed: bool = strawberry.field(description="Was this id answered before?")


PowerRestoreDecideResult = Annotated[
    PowerRestoreDecided | IncidentUnknown | IncidentNotOpen | NotAllowed | IdempotencyConflict,
    strawberry.union(name="PowerRestoreDecideResult", description="What came of a decision 院部审批."),
]


@strawberry.type
class PowerRestoreDecide:
    @resolver("Approve or reject that a room be lit again 院部审批. For the applicant's department's office.")
    async def power_restore_decide(
        self,
        info: Info,
        input: Annotated[PowerRestoreDecideInput, strawberry.argument(description="Which cut, and what.")],
    ) -> PowerRestoreDecideResult:
        incident, replayed = await decide_power_restore(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            incident_id=input.incident,
            approve=input.approve,
            reason=check_text("reason", input.reason, LONGEST_REASON),
        )
        return PowerRestoreDecided(incident=PowerIncident.of(incident), replayed=replayed)
