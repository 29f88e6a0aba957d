"""The hash chain over the journal, in blocks, off the hot path (invariant I16).

A block names its transfers in order and hashes them with their entries behind the hash of the block
before: whoever changes, removes or adds a sealed transfer later cannot reproduce the chain. Blocks end at a
fence below which no transaction is open any more, so that a posting which commits late is sealed by the next
block and never skipped. The head published each day (`onecard ledger seal`) is what an auditor keeps.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

GENESIS = bytes(32)
BLOCK_LIMIT = 5_000  # transfers in a block; a first seal of a large journal writes several


class Connection(Protocol):
    """What of an asyncpg connection is used here."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> Any: ...
    def transaction(self, *, isolation: str | None = None, readonly: bool = False) -> Any: ...
    def cursor(self, query: str, *args: Any, prefetch: int | None = None) -> AsyncIterator[Any]: ...


@dataclass(frozen=True, slots=True)
class Head:
    """The newest block: what to publish."""

    number: int
    hash: bytes
    transfers: int  # in this block
    sealed_at: datetime


async def seal_pending(connection: Connection) -> Head | None:
    """Seal what is finished and not sealed yet; the head afterwards, None while the journal is empty.

    Safe to run twice at once: the second waits and finds nothing left.
    """
    while await _seal_block(connection):
        pass
    return await find_head(connection)


async def find_head(connection: Connection) -> Head | None:
    row = await connection.fetchrow(
        "SELECT number, hash, cardinality(transfer_ids) AS transfers, sealed_at"
        " FROM seal_block ORDER BY number DESC LIMIT 1"
    )
    return Head(row["number"], row["hash"], row["transfers"], row["sealed_at"]) if row else None


class Digest:
    """A block's hash: SHA-256 over the hash before, each transfer's canonical text in the block's order, and
    how many of the block's transfers were found."""

    def __init__(self, previous: bytes) -> None:
        self._hasher = sha256(previous)
        self._found = 0

    def add(self, text: str) -> None:
        self._hasher.update(text.encode())
        self._hasher.update(b"\n")
        self._found += 1

    def finish(self, wanted: int) -> bytes:
        self._hasher.update(f"{self._found} of {wanted}".encode())
        return self._hasher.digest()


async def _seal_block(connection: Connection) -> bool:
    """One more block; False when there was nothing to seal."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('onecard.seal'), ledger_day_lock())")
        last = await connection.fetchrow(_LAST)
        cluster: str = (await connection.fetchrow(_CLUSTER))["cluster"]
        moved = last is not None and last["cluster"] != cluster
        if moved:
            # Restored into a new cluster, whose transaction ids start anew: one block takes all that is left,
            # while no posting is in flight.
            await connection.execute("SELECT pg_advisory_xact_lock(19, ledger_day_lock())")
            block = await connection.fetchrow(_ALL_UNSEALED)
        else:
            fence, base_id = (last["fence"], last["base_id"]) if last else ("0", 0)
            block = await connection.fetchrow(_FINISHED, fence, base_id, BLOCK_LIMIT)
        if not block["ids"]:
            return False
        digest = Digest(last["hash"] if last else GENESIS)
        async for row in connection.cursor(_TEXTS, block["months"], block["ids"], prefetch=500):
            digest.add(row["text"])
        await connection.execute(
            "INSERT INTO seal_block"
            " (number, previous, hash, transfer_ids, fence, base_id, cluster, sealed_at)"
            " VALUES ($1, $2, $3, $4, $5::text::xid8, $6, $7, ledger_now())",
            last["number"] + 1 if last else 1,
            last["hash"] if last else GENESIS,
            digest.finish(len(block["ids"])),
            block["ids"],
            block["fence"],
            block["base_id"] if moved else base_id,
            cluster,
        )
        return True


# Every fact of the transfer `t` and its entries as one line of JSON. Times in UTC, whatever the session's zone.
# Not its xid: that belongs to the cluster, and a restored journal must still verify.
CANONICAL = """json_build_array(
    t.month, t.id, t.kind, t.lines, t.account_id, t.amount_fen, t.card_delta_fen, t.transition_delta_fen,
    t.electronic_delta_fen, t.card_fen, t.transition_fen, t.electronic_fen, t.held_fen, t.merchant_id,
    t.terminal_id, t.occurred_at AT TIME ZONE 'UTC', t.recorded_at AT TIME ZONE 'UTC', t.day, t.late,
    t.counted_fen, t.reverses_id, t.reverses_month, t.key,
    (SELECT json_agg(json_build_array(e.line, e.account, e.unit, e.amount) ORDER BY e.line)
       FROM entry e WHERE e.month = t.month AND e.transfer_id = t.id))::text"""

# By month and id, the key of the partitions: a block costs the same however long the journal is.
_TEXTS = f"""
SELECT {CANONICAL} AS text
  FROM unnest($1::date[], $2::bigint[]) WITH ORDINALITY AS wanted (month, id, place)
  JOIN transfer t ON t.month = wanted.month AND t.id = wanted.id
 ORDER BY wanted.place
"""  # noqa: S608 - our own constant

_LAST = """
SELECT number, hash, fence::text AS fence, base_id, cluster FROM seal_block ORDER BY number DESC LIMIT 1
"""

_CLUSTER = "SELECT ledger_cluster() AS cluster"

# From the last fence up to the oldest transaction still open, or to the xid after the limit if there is more.
_FINISHED = """
WITH open AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin),
     due AS (SELECT id, xid FROM transfer, open
              WHERE xid >= $1::text::xid8 AND id > $2 AND xid < open.xmin ORDER BY xid LIMIT $3 + 1),
     cut AS (SELECT CASE WHEN count(*) <= $3 OR min(xid) = max(xid) THEN (SELECT xmin FROM open)
                         ELSE max(xid) END AS fence FROM due)
SELECT cut.fence::text AS fence,
       coalesce(array_agg(t.id ORDER BY t.id) FILTER (WHERE t.id IS NOT NULL), '{}') AS ids,
       coalesce(array_agg(t.month ORDER BY t.id) FILTER (WHERE t.id IS NOT NULL), '{}') AS months
  FROM cut LEFT JOIN transfer t ON t.xid >= $1::text::xid8 AND t.id > $2 AND t.xid < cut.fence
 GROUP BY cut.fence
"""

_ALL_UNSEALED = """
WITH sealed AS (SELECT unnest(transfer_ids) AS id FROM seal_block),
     unsealed AS (SELECT t.id, t.month FROM transfer t LEFT JOIN sealed s ON s.id = t.id WHERE s.id IS NULL)
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS fence,
       coalesce((SELECT max(id) FROM transfer), 0) AS base_id,
       coalesce(array_agg(id ORDER BY id), '{}') AS ids,
       coalesce(array_agg(month ORDER BY id), '{}') AS months
  FROM unsealed
"""
