"""What became of a command."""

from datetime import datetime
from typing import Annotated

import strawberry

from onecard.actions.report_command import report_command
from schema.context import Info
from schema.device_command import DeviceCommand
from schema.fields import resolver
from schema.refusals import NotAllowed
from schema.scalars import mistake
from schema.words import CommandState

LONGEST_DETAIL = 1_000


@strawberry.input(description="What a gateway knows about a command 指令 now.")
class DeviceCommandReportInput:
    command: strawberry.ID = strawberry.field(description="The command's id.")
    state: CommandState = strawberry.field(description="How far it has come; a state never goes back.")
    at: datetime = strawberry.field(description="When, by the gateway's clock.")
    detail: str | None = strawberry.field(
        description="What the device said; null when nothing.", default=None
    )


@strawberry.type(description="The report is taken.")
class DeviceCommandReported:
    command: DeviceCommand = strawberry.field(
        description="The command as it is now; a report that is not ahead of it changed nothing."
    )


DeviceCommandReportResult = Annotated[
    DeviceCommandReported | NotAllowed,
    strawberry.union(name="DeviceCommandReportResult", description="What came of a report on a command."),
]


@strawberry.type
class DeviceCommandReport:
    @resolver("Report how far a command 指令 has come. Sending it twice does nothing twice. For its gateway.")
    async def device_command_report(
        self,
        info: Info,
        input: Annotated[
            DeviceCommandReportInput, strawberry.argument(description="Which command, and its state.")
        ],
    ) -> DeviceCommandReportResult:
        if input.detail is not None and len(input.detail) > LONGEST_DETAIL:
            raise mistake(f"detail is a text of at most {LONGEST_DETAIL} characters.")
        command = await report_command(
            info.context.parts,
            info.context.caller,
            command_id=input.command,
            state=input.state,
            at=input.at,
            detail=input.detail,
        )
        return DeviceCommandReported(command=DeviceCommand.of(command))
