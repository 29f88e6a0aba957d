"""What a gateway is told to do with a device."""

from datetime import datetime
from typing import Self

import strawberry

from onecard.registry import things
from schema.node import Node
from schema.words import CommandState


@strawberry.type(
    description=(
        "A command 指令 to a device, carried by its gateway. It exists from the moment somebody decided it, "
        "is carried out at most once, and ends in a state that says what is known about the device."
    )
)
class DeviceCommand(Node):
    sequence: int = strawberry.field(
        description="Counts up within one gateway, without gaps; ask for what comes after the last one seen."
    )
    device: str = strawberry.field(description="The device's number, for a terminal its 终端号.")
    operation: str = strawberry.field(
        description='What to do: "TERMINAL_STOP" 停用 or "TERMINAL_START" 启用.'
    )
    arguments: str = strawberry.field(description="What the operation needs to know, a JSON object as text.")
    issued_at: datetime = strawberry.field(description="When it was decided 下发时间.")
    expires_at: datetime = strawberry.field(
        description="After this it must not be carried out any more 失效时间."
    )
    state: CommandState = strawberry.field(description="How far it has come 状态.")
    reason: str = strawberry.field(description="Why, in the words of whoever decided it 原因.")

    @classmethod
    def of(cls, command: things.DeviceCommand) -> Self:
        return cls(
            id=strawberry.ID(command.id),
            sequence=command.sequence,
            device=command.device,
            operation=command.operation,
            arguments=command.arguments,
            issued_at=command.issued_at,
            expires_at=command.expires_at,
            state=command.state,
            reason=command.reason,
        )
