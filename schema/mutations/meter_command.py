"""A meter is switched, or read at once."""

from typing import Annotated

import strawberry

from onecard.actions.command_meter import command_meter
from schema.context import Info
from schema.device_command import DeviceCommand
from schema.fields import resolver
from schema.meter import Meter
from schema.mutations import CALLER_ID, LONGEST_REASON, check_caller_id, check_text
from schema.refusals import IdempotencyConflict, MeterUnknown, NotAllowed, PowerLocked
from schema.scalars import mistake
from schema.words import MeterOperation


@strawberry.input(description="What a meter is told, and why.")
class MeterCommandInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    meter: strawberry.ID = strawberry.field(description="The meter's id.")
    operation: MeterOperation = strawberry.field(
        description="What to do 操作; not CREDIT_WRITE, which orders alone do."
    )
    reason: str = strawberry.field(description="Why 原因, for the record: up to 200 characters.")


@strawberry.type(description="The command is on its way to the meter's gateway.")
class MeterCommanded:
    meter: Meter = strawberry.field(description="The meter.")
    command: DeviceCommand = strawberry.field(description="The command; watch its `state`.")
    replayed: bool = strawberry.field(description="Was this id answered before?")


MeterCommandResult = Annotated[
    MeterCommanded | MeterUnknown | PowerLocked | NotAllowed | IdempotencyConflict,
    strawberry.union(name="MeterCommandResult", description="What came of commanding a meter."),
]


@strawberry.type
class MeterCommand:
    @resolver(
        "Switch a room's power off or on 断电/通电, or read its meter at once. For the water and power centre."
    )
    async def meter_command(
        self,
        info: Info,
        input: Annotated[MeterCommandInput, strawberry.argument(description="Which meter, what, and why.")],
    ) -> MeterCommandResult:
        if input.operation is MeterOperation.CREDIT_WRITE:
            raise mistake("CREDIT_WRITE comes from orders alone; buy electricity for the room instead.")
        done = await command_meter(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            meter_id=input.meter,
            operation=input.operation,
            reason=check_text("reason", input.reason, LONGEST_REASON),
        )
        return MeterCommanded(
            meter=Meter.of(done.meter), command=DeviceCommand.of(done.command), replayed=done.replayed
        )
