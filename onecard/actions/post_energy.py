"""What ran, and what the school gives, into the ledger: by the worker, a few hundred rooms at a time."""

from __future__ import annotations

from datetime import timedelta

from onecard.actions.parts import Parts
from onecard.actions.settle_electricity import find_tariff
from onecard.rules.kinds import MeterWay
from onecard.rules.tariffs import month_of

ROOMS_A_SCAN = 500


async def post_consumption(parts: Parts) -> int:
    """Posts readings that are ahead of the ledger by enough, or long enough; how many. First readings at once: from
    there it counts."""
    policy = parts.policy
    rows = await parts.database.execute_query_dict(
        """SELECT m.id, m.room_id, s.total_wh, s.read_at
             FROM meter m JOIN meter_state s ON s.meter_id = m.id
             LEFT JOIN meter_consumed c ON c.meter_id = m.id
            WHERE m.removed_at IS NULL AND m.room_id IS NOT NULL AND s.total_wh IS NOT NULL
              AND (c.meter_id IS NULL
                   OR (s.read_at > c.read_at AND s.total_wh > c.total_wh
                       AND (s.total_wh >= c.total_wh + $1 OR c.read_at < $2)))
            ORDER BY c.read_at NULLS FIRST LIMIT $3""",
        [
            policy.consumption_step_wh,
            parts.clock() - timedelta(seconds=policy.consumption_posted_s),
            ROOMS_A_SCAN,
        ],
    )
    posted = 0
    for row in rows:
        posted += await parts.book.consume(row["room_id"], row["id"], row["total_wh"], row["read_at"])
    return posted


async def grant_quotas(parts: Parts) -> int:
    """Gives each room its free energy of the month, once; how many got it. Of meters that count by themselves the
    school gives none by this way."""
    tariff, _ = find_tariff(parts)
    if tariff.quota_wh == 0:
        return 0
    period, _ = month_of(parts.clock())
    rows = await parts.database.execute_query_dict(
        """SELECT m.room_id FROM meter m
            WHERE m.removed_at IS NULL AND m.way = $1 AND m.room_id IS NOT NULL
              AND NOT EXISTS (SELECT FROM room_quota q WHERE q.room_id = m.room_id AND q.period = $2)
            LIMIT $3""",
        [MeterWay.SERVER_CREDIT, period, ROOMS_A_SCAN],
    )
    granted = 0
    for row in rows:
        granted += await parts.book.grant_quota(
            row["room_id"], period, tariff.quota_wh, lapses=tariff.quota_lapses
        )
    return granted
