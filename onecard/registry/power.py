"""恶性负载: what a room's meter cut for a forbidden appliance, and each step on the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from onecard.rules.kinds import IncidentState, PowerStepKind

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True, slots=True)
class Incident:
    """`watts` were drawn before the cut, as far as was seen. `due_at`: when a CUT room is back by itself; until when
    the office has time for an application or an approval, `overdue` once that has passed."""

    id: str
    position: int
    room_id: str
    meter_id: str
    state: IncidentState
    watts: int | None
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    applicant: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    kind: PowerStepKind
    at: datetime
    actor: str
    note: str | None


_INCIDENT = """
    SELECT i.id, i.position, i.room_id, i.meter_id, i.state, i.watts, i.opened_at, i.due_at, i.overdue, i.applicant,
           i.closed_at FROM power_incident i
"""


async def find_incident(
    database: BaseDBAsyncClient, incident_id: str, *, lock: bool = False
) -> Incident | None:
    rows = await database.execute_query_dict(
        _INCIDENT + "WHERE i.id = $1" + (" FOR UPDATE" if lock else ""), [incident_id]
    )
    return _incident(rows[0]) if rows else None


async def incidents_of_rooms(database: BaseDBAsyncClient, room_ids: Iterable[str]) -> dict[str, Incident]:
    """The one that is not over, by room."""
    rows = await database.execute_query_dict(
        _INCIDENT + "WHERE i.room_id = ANY ($1) AND i.state <> 'CLOSED'", [list(room_ids)]
    )
    return {row["room_id"]: _incident(row) for row in rows}


async def is_locked(database: BaseDBAsyncClient, room_id: str | None) -> bool:
    """Does the room need an approval before it is lit again? By the meter's own word, incident written or not."""
    rows = await database.execute_query_dict(
        """SELECT EXISTS (SELECT FROM power_incident WHERE room_id = $1 AND state IN ('LOCKED', 'APPLIED'))
               OR EXISTS (SELECT FROM meter m JOIN meter_state s ON s.meter_id = m.id
                           WHERE m.room_id = $1 AND m.removed_at IS NULL AND 'MALICIOUS_LOCKED' = ANY (s.flags)
                             AND NOT EXISTS (SELECT FROM power_incident i
                                              WHERE i.room_id = $1 AND i.state = 'APPROVED')) AS is""",
        [room_id],
    )
    return bool(rows[0]["is"])


async def find_incidents(
    database: BaseDBAsyncClient,
    first: int,
    after: int | None = None,
    *,
    open: bool,
    department_of: str | None = None,
) -> tuple[list[Incident], bool]:
    """Newest first, and whether there are more. `department_of`: only of rooms where somebody of this person's
    department lives. `after`: a position."""
    rows = await database.execute_query_dict(
        _INCIDENT
        + """WHERE (i.state <> 'CLOSED') = $1 AND ($2::bigint IS NULL OR i.position < $2)
               AND ($3::text IS NULL OR EXISTS (
                   SELECT FROM residence h JOIN person p ON p.id = h.person_id
                     JOIN person me ON me.id = $3 AND me.department_id = p.department_id
                    WHERE h.room_id = i.room_id AND h.until IS NULL))
             ORDER BY i.position DESC LIMIT $4""",
        [open, after, department_of, first + 1],
    )
    return [_incident(row) for row in rows[:first]], len(rows) > first


async def is_of_department(database: BaseDBAsyncClient, office: str, person_id: str) -> bool:
    """Do both belong to one department?"""
    rows = await database.execute_query_dict(
        """SELECT EXISTS (SELECT FROM person a JOIN person b ON b.department_id = a.department_id
                           WHERE a.id = $1 AND b.id = $2) AS is""",
        [office, person_id],
    )
    return bool(rows[0]["is"])


async def steps_of_incidents(
    database: BaseDBAsyncClient, incident_ids: Iterable[str]
) -> dict[str, Sequence[Step]]:
    """By incident, in their order."""
    rows = await database.execute_query_dict(
        "SELECT incident_id, kind, at, actor, note FROM power_step WHERE incident_id = ANY ($1) ORDER BY position",
        [list(incident_ids)],
    )
    found: dict[str, list[Step]] = {}
    for row in rows:
        step = Step(PowerStepKind(row["kind"]), row["at"], row["actor"], row["note"])
        found.setdefault(row["incident_id"], []).append(step)
    return dict(found)


async def record_step(
    connection: BaseDBAsyncClient,
    incident_id: str,
    kind: PowerStepKind,
    at: datetime,
    actor: str,
    note: str | None = None,
    key: tuple[str, bytes] | None = None,
) -> None:
    """`key`: the caller's id and what it asked for, of a step that a person takes."""
    await connection.execute_query(
        """INSERT INTO power_step (incident_id, kind, at, actor, note, caller_key, body)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        [incident_id, kind, at, actor, note, *(key or (None, None))],
    )


async def find_step_body(connection: BaseDBAsyncClient, caller_key: str) -> bytes | None:
    """What this id asked for before."""
    rows = await connection.execute_query_dict(
        "SELECT body FROM power_step WHERE caller_key = $1", [caller_key]
    )
    return bytes(rows[0]["body"]) if rows else None


def _incident(row: Mapping[str, Any]) -> Incident:
    return Incident(**{**row, "state": IncidentState(row["state"])})
