"""抄表: what a gateway read from its meters. The newest words move a meter's state along; one reading for each quarter
of an hour is kept as a fact, from which usage is counted, also when it comes late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog

from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.registry.database import transaction
from onecard.registry.meters import MeterFlag, Relay
from onecard.rules.access import Caller, require_gateway

MOST_READINGS = 500

log = structlog.get_logger(__name__)


class ReadingOutcome(StrEnum):
    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"  # known, or older than what is known
    REJECTED = "REJECTED"  # not this gateway's meter, or a register that went back


@dataclass(frozen=True, slots=True)
class Reading:
    """Wh and W; None: not read. `silent_since`: since when the gateway asks it no longer in every round."""

    meter_id: str
    read_at: datetime
    total_wh: int | None
    power_w: int | None
    relay: Relay | None
    flags: Sequence[MeterFlag]
    remaining_wh: int | None
    credit_counter: int | None
    heard: bool
    silent_since: datetime | None


@or_unavailable()
async def record_readings(parts: Parts, caller: Caller, readings: Sequence[Reading]) -> list[ReadingOutcome]:
    """An outcome for each, in their order. Refuses NOT_ALLOWED."""
    assert len(readings) <= MOST_READINGS, "the caller's mistake, told before"
    gateway = require_gateway(caller)
    values = _columns(readings)
    async with transaction(parts.database) as connection:
        rows = await connection.execute_query_dict(_RECORD, [gateway.gateway_id, *values])
        kept = [row for row in rows if row["kept"]]
        if kept:
            await connection.execute_query(
                "SELECT usage_recount($1::text[], $2::timestamptz[], $2::timestamptz[])",
                [[row["meter_id"] for row in kept], [row["read_at"] for row in kept]],
            )
    outcomes = [ReadingOutcome(row["outcome"]) for row in rows]
    rejected = outcomes.count(ReadingOutcome.REJECTED)
    if rejected:
        log.warning("readings_rejected", gateway=gateway.gateway_id, rejected=rejected, of=len(outcomes))
    return outcomes


def _columns(readings: Sequence[Reading]) -> list[list[object]]:
    return [
        [one.meter_id for one in readings],
        [one.read_at for one in readings],
        [one.total_wh for one in readings],
        [one.power_w for one in readings],
        [one.relay for one in readings],
        [",".join(sorted(one.flags)) for one in readings],
        [one.remaining_wh for one in readings],
        [one.credit_counter for one in readings],
        [one.heard for one in readings],
        [one.silent_since for one in readings],
    ]


# The states are locked in the order of their ids, so that two batches never wait for each other.
_RECORD = """
WITH said AS (
    SELECT q.*, m.id AS known
      FROM unnest($2::text[], $3::timestamptz[], $4::bigint[], $5::int[], $6::text[], $7::text[], $8::bigint[],
                  $9::int[], $10::bool[], $11::timestamptz[]) WITH ORDINALITY
           AS q (meter_id, read_at, total_wh, power_w, relay, flags, remaining_wh, credit_counter, heard,
                 silent_since, place)
      LEFT JOIN meter m ON m.id = q.meter_id AND m.gateway_id = $1 AND m.removed_at IS NULL
), judged AS (
    SELECT s.*, coalesce((SELECT r.total_wh > s.total_wh FROM meter_reading r
                           WHERE r.meter_id = s.meter_id AND r.slot <= s.read_at AND r.read_at < s.read_at
                           ORDER BY r.slot DESC LIMIT 1), false) AS went_back
      FROM said s WHERE s.known IS NOT NULL
), newest AS (
    SELECT DISTINCT ON (meter_id) * FROM judged WHERE NOT went_back ORDER BY meter_id, read_at DESC
), moved AS (
    INSERT INTO meter_state AS t (meter_id, read_at, total_wh, power_w, relay, flags, meter_remaining_wh,
                                  credit_counter, heard_at, silent_since, drawn_w)
    SELECT meter_id, CASE WHEN total_wh IS NOT NULL THEN read_at END, total_wh, power_w, relay,
           coalesce(string_to_array(nullif(flags, ''), ','), '{}'), remaining_wh, credit_counter,
           CASE WHEN heard THEN read_at END, silent_since, CASE WHEN relay = 'CLOSED' THEN power_w END
      FROM newest
    ON CONFLICT (meter_id) DO UPDATE
       SET read_at = coalesce(excluded.read_at, t.read_at), total_wh = coalesce(excluded.total_wh, t.total_wh),
           power_w = CASE WHEN excluded.heard_at IS NULL THEN t.power_w ELSE excluded.power_w END,
           relay = coalesce(excluded.relay, t.relay),
           flags = CASE WHEN excluded.heard_at IS NULL THEN t.flags ELSE excluded.flags END,
           meter_remaining_wh = coalesce(excluded.meter_remaining_wh, t.meter_remaining_wh),
           credit_counter = coalesce(excluded.credit_counter, t.credit_counter),
           heard_at = coalesce(excluded.heard_at, t.heard_at), silent_since = excluded.silent_since,
           drawn_w = coalesce(excluded.drawn_w, t.drawn_w)
     WHERE coalesce(greatest(t.read_at, t.heard_at), '-infinity') < coalesce(excluded.heard_at, excluded.read_at, now())
    RETURNING meter_id
), kept AS (
    INSERT INTO meter_reading (meter_id, slot, read_at, total_wh)
    SELECT DISTINCT ON (meter_id, date_bin('15 minutes', read_at, '2000-01-01+00'))
           meter_id, date_bin('15 minutes', read_at, '2000-01-01+00'), read_at, total_wh
      FROM judged WHERE total_wh IS NOT NULL AND NOT went_back
     ORDER BY meter_id, date_bin('15 minutes', read_at, '2000-01-01+00'), read_at
    ON CONFLICT DO NOTHING RETURNING meter_id, read_at
)
SELECT s.meter_id, s.read_at, k.meter_id IS NOT NULL AS kept,
       CASE WHEN s.known IS NULL OR coalesce(j.went_back, false) THEN 'REJECTED'
            WHEN k.meter_id IS NULL AND (mv.meter_id IS NULL OR n.place <> s.place) THEN 'DUPLICATE'
            ELSE 'ACCEPTED' END AS outcome
  FROM said s
  LEFT JOIN judged j ON j.place = s.place
  LEFT JOIN newest n ON n.meter_id = s.meter_id
  LEFT JOIN moved mv ON mv.meter_id = s.meter_id
  LEFT JOIN kept k ON k.meter_id = s.meter_id AND k.read_at = s.read_at
 ORDER BY s.place
"""
