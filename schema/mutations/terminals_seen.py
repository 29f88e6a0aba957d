"""Which terminals a gateway heard."""

from datetime import datetime
from typing import Annotated

import strawberry

from onecard.actions.record_terminals_seen import record_terminals_seen
from schema.context import Info
from schema.fields import resolver
from schema.refusals import NotAllowed
from schema.scalars import mistake

MOST_TERMINALS = 1_000


@strawberry.input(description="The terminals a gateway heard lately.")
class TerminalsSeenInput:
    terminals: list[str] = strawberry.field(description="Their numbers 终端号, at most 1000.")
    at: datetime = strawberry.field(description="When, by the gateway's clock.")


@strawberry.type(description="The terminals are marked as seen.")
class TerminalsRecorded:
    count: int = strawberry.field(description="How many of them are this gateway's own and were marked.")


TerminalsSeenResult = Annotated[
    TerminalsRecorded | NotAllowed,
    strawberry.union(
        name="TerminalsSeenResult", description="What came of saying which terminals were heard."
    ),
]


@strawberry.type
class TerminalsSeen:
    @resolver(
        "Say which terminals were heard 终端在线. For gateways; other gateways' terminals are passed over."
    )
    async def terminals_seen(
        self,
        info: Info,
        input: Annotated[TerminalsSeenInput, strawberry.argument(description="Which ones, and when.")],
    ) -> TerminalsSeenResult:
        if len(input.terminals) > MOST_TERMINALS:
            raise mistake(f"terminals are at most {MOST_TERMINALS} at a time.")
        count = await record_terminals_seen(
            info.context.parts, info.context.caller, numbers=input.terminals, at=input.at
        )
        return TerminalsRecorded(count=count)
