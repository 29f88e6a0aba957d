"""恶性负载 as the meter tells it: cut, locked, restored; and the offices' time limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from onecard.actions.find_power import RoomPower
from onecard.actions.parts import Parts
from onecard.registry.database import transaction
from onecard.registry.meters import MeterFlag
from onecard.registry.power import Incident, incidents_of_rooms, record_step
from onecard.rules.ids import new_id
from onecard.rules.kinds import IncidentState, PowerStepKind

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

METER = "meter"  # the actor of what a meter did by itself
WORKER = "worker"

log = structlog.get_logger(__name__)


async def follow_incident(parts: Parts, room: RoomPower) -> bool:
    """Whether something moved. Under the room's lock, from what is written there now."""
    if not room.seen.forbidden and room.seen.incident is None:
        return False
    now = parts.clock()
    async with transaction(parts.database) as connection:
        await connection.execute_query_dict("SELECT id FROM room WHERE id = $1 FOR UPDATE", [room.room_id])
        incident = (await incidents_of_rooms(connection, [room.room_id])).get(room.room_id)
        step = _next_step(room, incident, now)
        if step is None:
            return False
        if incident is None:
            await _open(parts, connection, room, step)
        else:
            await _move(connection, room, incident, step, now)
    log.info("power_step", room=room.room_id, step=step, watts=room.drawn_w)
    return True


def _next_step(room: RoomPower, incident: Incident | None, now: datetime) -> PowerStepKind | None:
    locked = MeterFlag.MALICIOUS_LOCKED in room.flags
    if incident is None:
        if not room.seen.forbidden:
            return None
        return PowerStepKind.LOCKED if locked else PowerStepKind.CUT
    if not room.seen.forbidden:
        return PowerStepKind.RESTORED
    if incident.state is IncidentState.CUT:
        return PowerStepKind.LOCKED if locked else None
    if incident.due_at is not None and incident.due_at <= now and not incident.overdue:
        return PowerStepKind.OVERDUE
    return None


async def _open(parts: Parts, connection: BaseDBAsyncClient, room: RoomPower, step: PowerStepKind) -> None:
    incident_id = new_id("inc")
    back_at = room.heard_at + timedelta(seconds=parts.policy.power.restores_after_s)
    await connection.execute_query(
        """INSERT INTO power_incident (id, room_id, meter_id, state, watts, opened_at, due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        [
            incident_id,
            room.room_id,
            room.meter_id,
            IncidentState(step),
            room.drawn_w,
            room.heard_at,
            back_at if step is PowerStepKind.CUT else None,
        ],
    )
    await record_step(connection, incident_id, step, room.heard_at, METER)


async def _move(
    connection: BaseDBAsyncClient, room: RoomPower, incident: Incident, step: PowerStepKind, now: datetime
) -> None:
    if step is PowerStepKind.RESTORED:
        await connection.execute_query(
            "UPDATE power_incident SET state = 'CLOSED', closed_at = $2, due_at = NULL WHERE id = $1",
            [incident.id, now],
        )
    elif step is PowerStepKind.LOCKED:
        await connection.execute_query(
            """UPDATE power_incident SET state = 'LOCKED', due_at = NULL, watts = greatest(watts, $2)
                WHERE id = $1""",
            [incident.id, room.drawn_w],
        )
    else:
        await connection.execute_query(
            "UPDATE power_incident SET overdue = true WHERE id = $1", [incident.id]
        )
    overdue = step is PowerStepKind.OVERDUE
    await record_step(
        connection, incident.id, step, now if overdue else room.heard_at, WORKER if overdue else METER
    )
