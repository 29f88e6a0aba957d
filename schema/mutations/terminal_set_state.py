"""停用/启用."""

from typing import Annotated

import strawberry

from onecard.actions.set_terminal_state import set_terminal_state
from schema.context import Info
from schema.device_command import DeviceCommand
from schema.fields import resolver
from schema.mutations import CALLER_ID, LONGEST_REASON, check_caller_id, check_text
from schema.refusals import IdempotencyConflict, NotAllowed, TerminalUnknown
from schema.terminal import Terminal
from schema.words import TerminalState


@strawberry.input(description="Which terminal to stop or start, and why.")
class TerminalSetStateInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    terminal: strawberry.ID = strawberry.field(description="The terminal's id.")
    state: TerminalState = strawberry.field(description="What it shall be.")
    reason: str = strawberry.field(description="Why 原因, for the record: up to 200 characters.")


@strawberry.type(
    description="The school has decided so: charges follow it at once, and its gateway is told by a command."
)
class TerminalStateSet:
    terminal: Terminal = strawberry.field(description="The terminal as it is now.")
    command: DeviceCommand = strawberry.field(
        description="The command that tells the device; watch its `state`."
    )
    replayed: bool = strawberry.field(description="Was this id answered before?")


TerminalSetStateResult = Annotated[
    TerminalStateSet | TerminalUnknown | NotAllowed | IdempotencyConflict,
    strawberry.union(
        name="TerminalSetStateResult", description="What came of stopping or starting a terminal."
    ),
]


@strawberry.type
class TerminalSetState:
    @resolver("Take a terminal out of service 停用, or back into it 启用. For operators.")
    async def terminal_set_state(
        self,
        info: Info,
        input: Annotated[TerminalSetStateInput, strawberry.argument(description="Which one, and why.")],
    ) -> TerminalSetStateResult:
        done = await set_terminal_state(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            terminal_id=input.terminal,
            state=input.state,
            reason=check_text("reason", input.reason, LONGEST_REASON),
        )
        return TerminalStateSet(
            terminal=Terminal.of(done.terminal),
            command=DeviceCommand.of(done.command),
            replayed=done.replayed,
        )
