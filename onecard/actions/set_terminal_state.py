"""停用/启用: an operator takes a terminal out of service, or back into it."""

from __future__ import annotations

from dataclasses import dataclass

from onecard.actions.parts import Parts
from onecard.registry.things import DeviceCommand, Terminal, TerminalState
from onecard.rules.access import Caller


@dataclass(frozen=True, slots=True)
class TerminalStateSet:
    terminal: Terminal
    command: DeviceCommand
    replayed: bool


async def set_terminal_state(
    parts: Parts, caller: Caller, *, id: str, terminal_id: str, state: TerminalState, reason: str
) -> TerminalStateSet:
    """Refuses NOT_ALLOWED, TERMINAL_UNKNOWN, IDEMPOTENCY_CONFLICT."""
    raise NotImplementedError
