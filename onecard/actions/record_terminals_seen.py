"""A gateway says which of its terminals it heard."""

from __future__ import annotations

from datetime import datetime

from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.rules.access import Caller, require_gateway


@or_unavailable()
async def record_terminals_seen(parts: Parts, caller: Caller, *, numbers: list[str], at: datetime) -> int:
    """How many of them are its own. Times never go back, and never lie ahead of ours. Refuses NOT_ALLOWED."""
    gateway = require_gateway(caller)
    rows = await parts.database.execute_query_dict(
        """
        WITH own AS (
            SELECT id FROM terminal WHERE gateway_id = $1 AND number = ANY ($2::text[]) ORDER BY id FOR UPDATE
        ), heard AS (
            UPDATE terminal t SET last_seen_at = greatest(t.last_seen_at, $3::timestamptz)
              FROM own WHERE t.id = own.id RETURNING t.id
        )
        SELECT count(*) AS own FROM heard
        """,
        [gateway.gateway_id, numbers, min(at, parts.clock())],
    )
    return int(rows[0]["own"])
