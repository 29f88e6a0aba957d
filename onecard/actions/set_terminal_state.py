"""停用/启用: an operator takes a terminal out of service, or back into it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.ledger.keys import CallerKey, caller_key
from onecard.registry.access import COMMAND, RUNS_TERMINALS, command_of, terminal_of
from onecard.registry.database import transaction
from onecard.registry.record import record_audit
from onecard.registry.things import DeviceCommand, Terminal, TerminalState
from onecard.rules.access import Caller, require_role
from onecard.rules.ids import new_id
from onecard.rules.refusals import Refusal, RefusalCode

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

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
        # The lock orders repeats of one id as well: the second one finds the first one's command.
        rows = await connection.execute_query_dict(
            "SELECT * FROM terminal WHERE id = $1 FOR UPDATE", [terminal_id]
        )
        if not rows:
            raise Refusal(RefusalCode.TERMINAL_UNKNOWN)
        terminal = terminal_of(rows[0])
        known = await _find_command(connection, key)
        if known is not None:
            return TerminalStateSet(terminal, known, replayed=True)
        await connection.execute_query(
            "UPDATE terminal SET state = $2 WHERE id = $1", [terminal_id, state.value]
        )
        command = await _issue_command(parts, connection, key, terminal, state, actor, reason)
        await record_audit(
            connection,
            parts.clock(),
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


async def _find_command(connection: BaseDBAsyncClient, key: CallerKey) -> DeviceCommand | None:
    """What this id did before; a repeat with another body is a conflict."""
    rows = await connection.execute_query_dict(COMMAND + " WHERE caller_key = $1", [key.text])
    if not rows:
        return None
    if bytes(rows[0]["body"]) != key.body:
        raise Refusal(RefusalCode.IDEMPOTENCY_CONFLICT)
    return command_of(rows[0])


async def _issue_command(
    parts: Parts,
    connection: BaseDBAsyncClient,
    key: CallerKey,
    terminal: Terminal,
    state: TerminalState,
    actor: str,
    reason: str,
) -> DeviceCommand:
    """The gateway's row counts its commands: under its lock they commit in the order of their numbers, so
    that "all after number n" never misses one."""
    (counted,) = await connection.execute_query_dict(
        """WITH counted AS (UPDATE gateway SET command_sequence = command_sequence + 1 WHERE id = $1
                            RETURNING command_sequence)
           SELECT command_sequence FROM counted""",
        [terminal.gateway_id],
    )
    now = parts.clock()
    # A command that was not yet carried out and says otherwise is overtaken by this one.
    await connection.execute_query(
        """UPDATE device_command SET state = 'EXPIRED', detail = 'overtaken', reported_at = $3
            WHERE gateway_id = $1 AND device = $2 AND state IN ('PENDING', 'RECEIVED')""",
        [terminal.gateway_id, terminal.number, now],
    )
    rows = await connection.execute_query_dict(
        """INSERT INTO device_command (id, gateway_id, sequence, device, operation, arguments, issued_at,
                                       expires_at, reason, actor, caller_key, body)
           VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8, $9, $10, $11, $12)
           RETURNING id, sequence, gateway_id, device, operation, arguments::text AS arguments, issued_at,
                     expires_at, state, reason, detail""",
        [
            new_id("cmd"),
            terminal.gateway_id,
            counted["command_sequence"],
            terminal.number,
            OPERATIONS[state],
            json.dumps({}),
            now,
            now + COMMAND_LIVES_FOR,
            reason,
            actor,
            key.text,
            key.body,
        ],
    )
    return command_of(rows[0])
