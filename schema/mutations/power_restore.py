"""The utility office lights a room whose application was approved."""

from typing import Annotated

import strawberry

from onecard.actions.restore_power import restore_power
from schema.context import Info
from schema.fields import resolver
from schema.mutations import CALLER_ID, LONGEST_REASON, check_caller_id, check_text
from schema.power import PowerIncident
from schema.refusals import IdempotencyConflict, IncidentNotOpen, IncidentUnknown, NotAllowed


@strawberry.input(description="Which room's cut is to end, and why.")
class PowerRestoreInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    incident: strawberry.ID = strawberry.field(description="The cut's id 违规断电.")
    reason: str = strawberry.field(description="Why 原因, for the record: up to 200 characters.")


@strawberry.type(description="The meter is told; the cut ends when the meter says that the room has power.")
class PowerRestoring:
    incident: PowerIncident = strawberry.field(description="The cut, with how far it has come.")
    replayed: bool = strawberry.field(description="Was this id answered before?")


PowerRestoreResult = Annotated[
    PowerRestoring | IncidentUnknown | IncidentNotOpen | NotAllowed | IdempotencyConflict,
    strawberry.union(name="PowerRestoreResult", description="What came of restoring power 恢复供电."),
]


@strawberry.type
class PowerRestore:
    @resolver(
        "Tell the meter of a room whose application was approved to let power in 恢复供电. For the water and power "
        "centre; may be sent anew while the meter has not done it."
    )
    async def power_restore(
        self,
        info: Info,
        input: Annotated[PowerRestoreInput, strawberry.argument(description="Which cut, and why.")],
    ) -> PowerRestoreResult:
        incident, replayed = await restore_power(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            incident_id=input.incident,
            reason=check_text("reason", input.reason, LONGEST_REASON),
        )
        return PowerRestoring(incident=PowerIncident.of(incident), replayed=replayed)
