"""What one person of the offices proposed about an order, and another decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from onecard.rules.kinds import ProposalKind, ProposalState

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True, slots=True)
class Proposal:
    """`wh` of a MOVE, `to_room_id` of that and of an ASSIGN, `case_id` of a dispute's end."""

    id: str
    position: int
    kind: ProposalKind
    order_id: str
    case_id: str | None
    to_room_id: str | None
    wh: int | None
    reason: str
    state: ProposalState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision: str | None


PROPOSAL = """
    SELECT id, position, kind, order_id, case_id, to_room_id, wh, reason, state, proposed_by, proposed_at, decided_by,
           decided_at, decision FROM electricity_proposal
"""


def proposal_of(row: Mapping[str, Any]) -> Proposal:
    return Proposal(**{**row, "kind": ProposalKind(row["kind"]), "state": ProposalState(row["state"])})


async def find_proposals(
    database: BaseDBAsyncClient, first: int, after: int | None = None, *, open: bool | None = None
) -> tuple[list[Proposal], bool]:
    """Newest first, and whether there are more. `after`: a position."""
    rows = await database.execute_query_dict(
        PROPOSAL
        + """ WHERE ($1::bigint IS NULL OR position < $1) AND ($2::bool IS NULL OR (state = 'OPEN') = $2)
             ORDER BY position DESC LIMIT $3""",
        [after, open, first + 1],
    )
    return [proposal_of(row) for row in rows[:first]], len(rows) > first


async def find_proposal(database: BaseDBAsyncClient, proposal_id: str) -> Proposal | None:
    rows = await database.execute_query_dict(PROPOSAL + " WHERE id = $1", [proposal_id])
    return proposal_of(rows[0]) if rows else None
