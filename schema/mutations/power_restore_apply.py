"""A resident applies that their room be lit again after a forbidden appliance."""

from typing import Annotated

import strawberry

from onecard.actions.restore_power import apply_for_power
from schema.context import Info
from schema.fields import resolver
from schema.mutations import CALLER_ID, check_caller_id, check_text
from schema.power import PowerIncident
from schema.refusals import IdempotencyConflict, IncidentNotOpen, IncidentUnknown, NotAllowed, NotBound

LONGEST_STATEMENT = 500


@strawberry.input(description="About which cut, and what the resident says.")
class PowerRestoreApplyInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    incident: strawberry.ID = strawberry.field(description="The cut's id 违规断电.")
    statement: str = strawberry.field(
        description=f"Which appliance it was, and that it is gone 说明: up to {LONGEST_STATEMENT} characters."
    )


@strawberry.type(description="It waits for the department's office.")
class PowerRestoreApplied:
    incident: PowerIncident = strawberry.field(description="The cut, with how far it has come.")
    replayed: bool = strawberry.field(description="Was this id answered before?")


PowerRestoreApplyResult = Annotated[
    PowerRestoreApplied | IncidentUnknown | IncidentNotOpen | NotBound | NotAllowed | IdempotencyConflict,
    strawberry.union(name="PowerRestoreApplyResult", description="What came of an application 恢复供电申请."),
]


@strawberry.type
class PowerRestoreApply:
    @resolver(
        "Apply that one's own room be lit again 申请恢复供电, after its meter locked it for a forbidden appliance."
    )
    async def power_restore_apply(
        self,
        info: Info,
        input: Annotated[
            PowerRestoreApplyInput, strawberry.argument(description="Which cut, and what is said.")
        ],
    ) -> PowerRestoreApplyResult:
        incident, replayed = await apply_for_power(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            incident_id=input.incident,
            statement=check_text("statement", input.statement, LONGEST_STATEMENT),
        )
        return PowerRestoreApplied(incident=PowerIncident.of(incident), replayed=replayed)
