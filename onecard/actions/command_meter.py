"""A command for a meter: by somebody of the water and power centre, or by us for an order or a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog

from onecard.actions.issue_command import Order, find_issued, issue_command, lock_caller_id
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.ledger.keys import CallerKey, caller_key
from onecard.registry.database import transaction
from onecard.registry.meters import Meter, find_meter
from onecard.registry.power import is_locked
from onecard.registry.record import record_audit
from onecard.registry.things import DeviceCommand
from onecard.rules.access import Caller, Role, require_role
from onecard.rules.ids import new_id
from onecard.rules.refusals import Refusal, RefusalCode

SWITCHES_METERS = (Role.UTILITY_STAFF,)


class MeterOperation(StrEnum):
    RELAY_OPEN = "RELAY_OPEN"  # 断电
    RELAY_CLOSE = "RELAY_CLOSE"  # 通电
    CREDIT_WRITE = "CREDIT_WRITE"  # Wh into the meter, under its order counter
    READ_NOW = "READ_NOW"


# Light that comes or goes long after it was asked for surprises somebody.
LIVES_FOR = {
    MeterOperation.RELAY_OPEN: timedelta(minutes=5),
    MeterOperation.RELAY_CLOSE: timedelta(minutes=5),
    MeterOperation.CREDIT_WRITE: timedelta(minutes=3),
    MeterOperation.READ_NOW: timedelta(minutes=2),
}
RELAY = (MeterOperation.RELAY_OPEN, MeterOperation.RELAY_CLOSE)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MeterCommanded:
    meter: Meter
    command: DeviceCommand
    replayed: bool


@or_unavailable()
async def command_meter(
    parts: Parts, caller: Caller, *, id: str, meter_id: str, operation: MeterOperation, reason: str
) -> MeterCommanded:
    """For the water and power centre. Refuses NOT_ALLOWED, METER_UNKNOWN, IDEMPOTENCY_CONFLICT, and POWER_LOCKED where
    it would go round the approval that a room needs after a forbidden appliance."""
    person = require_role(caller, *SWITCHES_METERS)
    assert operation is not MeterOperation.CREDIT_WRITE, "energy comes from orders alone"
    actor = person.person_id or person.login_id
    meter = await find_meter(parts.database, meter_id)
    if meter is None or meter.removed_at is not None:
        raise Refusal(RefusalCode.METER_UNKNOWN)
    if operation is MeterOperation.RELAY_CLOSE and await is_locked(parts.database, meter.room_id):
        raise Refusal(RefusalCode.POWER_LOCKED)
    key = caller_key(actor, id, meter=meter_id, operation=operation, reason=reason)
    command, replayed = await tell_meter(parts, key, meter, operation, {}, actor=actor, reason=reason)
    return MeterCommanded(meter, command, replayed)


async def tell_meter(
    parts: Parts,
    key: CallerKey,
    meter: Meter,
    operation: MeterOperation,
    arguments: Mapping[str, str | int],
    *,
    actor: str,
    reason: str,
    command_id: str | None = None,
) -> tuple[DeviceCommand, bool]:
    """The command, and whether this id issued it before. A switch overtakes one that has not left yet."""
    async with transaction(parts.database) as connection:
        await lock_caller_id(connection, key)
        known = await find_issued(connection, key)
        if known is not None:
            return known, True
        now = parts.clock()
        order = Order(
            id=command_id or new_id("cmd"),
            gateway_id=meter.gateway_id,
            device=meter.id,
            operation=operation,
            arguments=arguments,
            issued_at=now,
            expires_at=now + LIVES_FOR[operation],
            actor=actor,
            reason=reason,
        )
        command = await issue_command(connection, key, order, overtakes=RELAY if operation in RELAY else ())
        await record_audit(connection, now, actor, operation, meter.id, reason=reason, command=command.id)
    parts.events.device_command(meter.gateway_id)
    log.info("meter_commanded", meter=meter.id, operation=operation, command=command.id, actor=actor)
    return command, False
