"""After a lock a resident applies, their department's office decides, the utility office switches on (guide, 电)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from onecard.actions.command_meter import SWITCHES_METERS, MeterOperation, tell_meter
from onecard.actions.issue_command import lock_caller_id
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.ledger.keys import CallerKey, caller_key
from onecard.registry.database import transaction
from onecard.registry.meters import find_meter
from onecard.registry.places import rooms_of_people
from onecard.registry.power import (
    Incident,
    find_incident,
    find_step_body,
    is_of_department,
    record_step,
)
from onecard.registry.record import record_audit
from onecard.rules.access import Caller, Role, require_person, require_role
from onecard.rules.kinds import IncidentState, PowerStepKind
from onecard.rules.refusals import Refusal, RefusalCode

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

DECIDES_RESTORES = (Role.DEPARTMENT_OFFICE,)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Step:
    """What somebody does: in which states it may be done, what it leads to, and how long the next office has."""

    kind: PowerStepKind
    actor: str
    when: tuple[IncidentState, ...]
    to: IncidentState
    note: str
    due_at: datetime | None = None
    applicant: str | None = None


@or_unavailable()
async def apply_for_power(
    parts: Parts, caller: Caller, *, id: str, incident_id: str, statement: str
) -> tuple[Incident, bool]:
    """A resident of the room says that the appliance is gone. The incident, and whether this id did it before. Refuses
    NOT_BOUND, NOT_ALLOWED, INCIDENT_UNKNOWN, INCIDENT_NOT_OPEN, IDEMPOTENCY_CONFLICT."""
    person = require_person(caller)
    if person.person_id is None:
        raise Refusal(RefusalCode.NOT_BOUND)
    key = caller_key(person.person_id, id, incident=incident_id, statement=statement)
    incident = await _find(parts, incident_id)
    home = (await rooms_of_people(parts.database, [person.person_id])).get(person.person_id)
    if home is None or home.id != incident.room_id:
        raise Refusal(RefusalCode.NOT_ALLOWED)
    due_at = parts.clock() + timedelta(seconds=parts.policy.power.decide_within_s)
    return await _take(
        parts,
        incident,
        key,
        _Step(
            PowerStepKind.APPLIED,
            person.person_id,
            (IncidentState.LOCKED,),
            IncidentState.APPLIED,
            statement,
            due_at,
            person.person_id,
        ),
    )


@or_unavailable()
async def decide_power_restore(
    parts: Parts, caller: Caller, *, id: str, incident_id: str, approve: bool, reason: str
) -> tuple[Incident, bool]:
    """The applicant's department approves, or sends it back to be applied for anew. Refuses NOT_ALLOWED (also for
    another department's student), INCIDENT_UNKNOWN, INCIDENT_NOT_OPEN, IDEMPOTENCY_CONFLICT."""
    person = require_role(caller, *DECIDES_RESTORES)
    actor = person.person_id or person.login_id
    key = caller_key(actor, id, incident=incident_id, approve=approve, reason=reason)
    incident = await _find(parts, incident_id)
    if incident.applicant is not None and not await is_of_department(
        parts.database, actor, incident.applicant
    ):
        raise Refusal(RefusalCode.NOT_ALLOWED)
    due_at = parts.clock() + timedelta(seconds=parts.policy.power.restore_within_s)
    return await _take(
        parts,
        incident,
        key,
        _Step(
            PowerStepKind.APPROVED if approve else PowerStepKind.REJECTED,
            actor,
            (IncidentState.APPLIED,),
            IncidentState.APPROVED if approve else IncidentState.LOCKED,
            reason,
            due_at if approve else None,
            incident.applicant,
        ),
    )


@or_unavailable()
async def restore_power(
    parts: Parts, caller: Caller, *, id: str, incident_id: str, reason: str
) -> tuple[Incident, bool]:
    """The utility office tells the meter to let power in; the incident ends when the meter says that it did. May be
    done anew while it has not. Refuses NOT_ALLOWED, INCIDENT_UNKNOWN, INCIDENT_NOT_OPEN, IDEMPOTENCY_CONFLICT."""
    person = require_role(caller, *SWITCHES_METERS)
    actor = person.person_id or person.login_id
    key = caller_key(actor, id, incident=incident_id, reason=reason)
    incident = await _find(parts, incident_id)
    meter = await find_meter(parts.database, incident.meter_id)
    assert meter is not None, "meters are never removed from the register"
    approved = (IncidentState.APPROVED,)
    step = _Step(
        PowerStepKind.SWITCHED_ON,
        actor,
        approved,
        IncidentState.APPROVED,
        reason,
        incident.due_at,
        incident.applicant,
    )
    taken = await _take(parts, incident, key, step)
    await tell_meter(parts, key, meter, MeterOperation.RELAY_CLOSE, {}, actor=actor, reason=reason)
    return taken


async def _find(parts: Parts, incident_id: str) -> Incident:
    incident = await find_incident(parts.database, incident_id)
    if incident is None:
        raise Refusal(RefusalCode.INCIDENT_UNKNOWN)
    return incident


async def _take(parts: Parts, incident: Incident, key: CallerKey, step: _Step) -> tuple[Incident, bool]:
    async with transaction(parts.database) as connection:
        await lock_caller_id(connection, key)
        known = await find_step_body(connection, key.text)
        if known is not None:
            if known != key.body:
                raise Refusal(RefusalCode.IDEMPOTENCY_CONFLICT)
            return await _now(connection, incident), True
        now = await find_incident(connection, incident.id, lock=True)
        if now is None or now.state not in step.when:
            raise Refusal(RefusalCode.INCIDENT_NOT_OPEN)
        await connection.execute_query(
            """UPDATE power_incident SET state = $2, due_at = $3, applicant = $4,
                      overdue = overdue AND state = $2 WHERE id = $1""",
            [incident.id, step.to, step.due_at, step.applicant],
        )
        at = parts.clock()
        await record_step(connection, incident.id, step.kind, at, step.actor, step.note, (key.text, key.body))
        await record_audit(
            connection, at, step.actor, f"POWER_{step.kind}", incident.id, room=incident.room_id
        )
        moved = await _now(connection, incident)
    log.info("power_step", room=incident.room_id, step=step.kind, actor=step.actor)
    return moved, False


async def _now(connection: BaseDBAsyncClient, incident: Incident) -> Incident:
    found = await find_incident(connection, incident.id)
    assert found is not None, "incidents are never removed"
    return found
