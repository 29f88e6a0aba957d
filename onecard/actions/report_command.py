"""A gateway says what became of a command."""

from __future__ import annotations

from datetime import datetime

import structlog

from onecard.actions.command_meter import MeterOperation
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.actions.settle_electricity import carry_on
from onecard.registry.access import COMMAND, command_of
from onecard.registry.database import transaction
from onecard.registry.things import CommandState, DeviceCommand
from onecard.rules.access import Caller, require_gateway
from onecard.rules.refusals import Refusal, RefusalCode

# How far along each state is. UNKNOWN (no answer from the device) gives way to any word that comes later;
# VERIFIED and REJECTED are the last words.
STEPS = {
    CommandState.PENDING: 0,
    CommandState.RECEIVED: 1,
    CommandState.SENT: 2,
    CommandState.EXPIRED: 3,
    CommandState.UNKNOWN: 3,
    CommandState.ACKNOWLEDGED: 4,
    CommandState.VERIFIED: 5,
    CommandState.REJECTED: 5,
}
LONGEST_DETAIL = 1_000  # characters
_DECIDE = (CommandState.VERIFIED, CommandState.REJECTED, CommandState.EXPIRED, CommandState.UNKNOWN)

log = structlog.get_logger(__name__)


@or_unavailable()
async def report_command(
    parts: Parts, caller: Caller, *, command_id: str, state: CommandState, at: datetime, detail: str | None
) -> DeviceCommand:
    """The command as it is now; a state that is not ahead of it changes nothing. Refuses NOT_ALLOWED."""
    assert detail is None or len(detail) <= LONGEST_DETAIL, "the caller's mistake, told before"
    gateway = require_gateway(caller)
    async with transaction(parts.database) as connection:
        rows = await connection.execute_query_dict(
            COMMAND + " WHERE id = $1 AND gateway_id = $2 FOR UPDATE", [command_id, gateway.gateway_id]
        )
        if not rows:
            raise Refusal(RefusalCode.NOT_ALLOWED)
        command = command_of(rows[0])
        if STEPS[state] <= STEPS[command.state]:
            return command
        await connection.execute_query(
            "UPDATE device_command SET state = $2, reported_at = $3, detail = coalesce($4, detail) WHERE id = $1",
            [command_id, state.value, at, detail or None],
        )
        rows = await connection.execute_query_dict(COMMAND + " WHERE id = $1", [command_id])
    log.info("command_reported", command=command_id, state=state, gateway=gateway.gateway_id)
    if command.operation == MeterOperation.CREDIT_WRITE and state in _DECIDE:
        await _carry_on(parts, command)
    return command_of(rows[0])


async def _carry_on(parts: Parts, command: DeviceCommand) -> None:
    """The order goes on at once; where it cannot now, the worker's scan goes on with it."""
    try:
        await carry_on(parts, command.reason)
    except Exception as problem:  # the report is taken all the same
        log.warning("electricity_left_for_later", order=command.reason, problem=repr(problem))
