"""What nobody needs any more: counted tries, ended sessions, the log of finished jobs, alerts."""

from __future__ import annotations

from datetime import timedelta

from onecard.actions.parts import Parts
from onecard.registry.alerts import forget_alerts
from onecard.registry.database import transaction
from onecard.registry.record import forget_what_ended

TRIES = timedelta(days=1)
SESSIONS = timedelta(days=30)  # long enough to answer “who was logged in when”
JOBS = timedelta(days=30)
ALERTS = timedelta(days=30)


async def forget_old(parts: Parts) -> int:
    """How many rows went."""
    now = parts.clock()
    async with transaction(parts.database) as connection:
        gone = await forget_what_ended(connection, now - TRIES, now - SESSIONS)
        jobs, _ = await connection.execute_query("DELETE FROM pgqueuer_log WHERE created < $1", [now - JOBS])
        alerts = await forget_alerts(connection, now - ALERTS)
    return sum(gone.values()) + jobs + alerts
