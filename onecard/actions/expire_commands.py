"""Commands whose time is over: one that never left is EXPIRED, one that may have arrived is UNKNOWN."""

from __future__ import annotations

from onecard.actions.parts import Parts


async def expire_commands(parts: Parts) -> int:
    """How many came to an end."""
    rows = await parts.database.execute_query_dict(
        """
        WITH ended AS (
            UPDATE device_command
               SET state = CASE WHEN state IN ('PENDING', 'RECEIVED') THEN 'EXPIRED' ELSE 'UNKNOWN' END,
                   reported_at = $1, detail = coalesce(detail, 'no answer in time')
             WHERE state IN ('PENDING', 'RECEIVED', 'SENT', 'ACKNOWLEDGED') AND expires_at <= $1
            RETURNING id
        )
        SELECT count(*) AS ended FROM ended
        """,
        [parts.clock()],
    )
    return int(rows[0]["ended"])
