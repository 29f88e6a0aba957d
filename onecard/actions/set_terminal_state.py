"""停用/启用: an operator takes a terminal out of service, or back into it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from onecard.actions.issue_command import Order, find_issued, issue_command, lock_caller_id
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.ledger.keys import caller_key
from onecard.registry.access import RUNS_TERMINALS, terminal_of
from onecard.registry.database import transaction
from onecard.registry.record import record_audit
from onecard.registry.things import DeviceCommand, Terminal, TerminalState
from onecard.rules.access import Caller, require_role
from onecard.rules.ids import new_id
from onecard.rules.refusals import Refusal, RefusalCode

# The ledger refuses from the commit on, so an old command does no harm; a week-old one surprises somebody.
COMMAND_LIVES_FOR = timedelta(hours=24)
OPERATIONS = {TerminalState.STOPPED: "TERMINAL_STOP", TerminalState.IN_SERVICE: "TERMINAL_START"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TerminalStateSet:
    terminal: Terminal
    command: DeviceCommand
    replayed: bool


@or_unavailable()
async def set_terminal_state(
    parts: Parts, caller: Caller, *, id: str, terminal_id: str, state: TerminalState, reason: str
) -> TerminalStateSet:
    """Refuses NOT_ALLOWED, TERMINAL_UNKNOWN, IDEMPOTENCY_CONFLICT; SERVICE_UNAVAILABLE, nothing stored."""
    operator = require_role(caller, *RUNS_TERMINALS)
    actor = operator.person_id or operator.login_id
    key = caller_key(actor, id, terminal=terminal_id, state=state, reason=reason)
    async with transaction(parts.database) as connection:
        await lock_caller_id(connection, key)
        rows = await connection.execute_query_dict(
            "SELECT * FROM terminal WHERE id = $1 FOR UPDATE", [terminal_id]
        )
        if not rows:
            raise Refusal(RefusalCode.TERMINAL_UNKNOWN)
        terminal = terminal_of(rows[0])
        known = await find_issued(connection, key)
        if known is not None:
            return TerminalStateSet(terminal, known, replayed=True)
        await connection.execute_query(
            "UPDATE terminal SET state = $2 WHERE id = $1", [terminal_id, state.value]
        )
        now = parts.clock()
        order = Order(
            id=new_id("cmd"),
            gateway_id=terminal.gateway_id,
            device=terminal.number,
            operation=OPERATIONS[state],
            arguments={},
            issued_at=now,
            expires_at=now + COMMAND_LIVES_FOR,
            actor=actor,
            reason=reason,
        )
        command = await issue_command(connection, key, order, overtakes=tuple(OPERATIONS.values()))
        await record_audit(
            connection,
            now,
            actor,
            OPERATIONS[state],
            terminal_id,
            reason=reason,
            command=command.id,
        )
    parts.events.terminal_changed(terminal.number)
    parts.events.device_command(terminal.gateway_id)
    log.info("terminal_state_set", terminal=terminal_id, state=state, command=command.id, actor=actor)
    return TerminalStateSet(replace(terminal, state=state), command, replayed=False)
