"""A gateway says what became of a command."""

from __future__ import annotations

from datetime import datetime

from onecard.actions.parts import Parts
from onecard.registry.things import CommandState, DeviceCommand
from onecard.rules.access import Caller


async def report_command(
    parts: Parts, caller: Caller, *, command_id: str, state: CommandState, at: datetime, detail: str | None
) -> DeviceCommand:
    """The command as it is now; a state that is not ahead of it changes nothing. Refuses NOT_ALLOWED."""
    raise NotImplementedError
