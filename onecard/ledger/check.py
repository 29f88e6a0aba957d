"""Proves the ledger against itself: every invariant that our tables carry, at any time.

Shares no code with posting; of the seal it takes the canonical text, for that is the definition. All is read in
one snapshot, so it may run while the school pays; a large journal is read a few times, never squared.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from onecard.ledger.invariants import MEANINGS, RULES
from onecard.ledger.seal import CANONICAL, GENESIS, Connection, Digest
from onecard.rules.policy import Policy

EXAMPLES = 5  # of each finding
PREFETCH = 2_000


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant that does not hold: what is wrong, how often, and the first of the culprits."""

    invariant: str
    sentence: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One invariant, looked at; it holds when there are no findings."""

    invariant: str
    meaning: str
    findings: tuple[Finding, ...]


async def check(connection: Connection, policy: Policy, head: bytes | None = None) -> list[Finding]:
    """What does not hold; empty when all is well.

    `policy`: the bounds payments were made under. `head`: the hash of a block published before.
    """
    return [found async for verdict in examine(connection, policy, head) for found in verdict.findings]


async def examine(
    connection: Connection, policy: Policy, head: bytes | None = None
) -> AsyncIterator[Verdict]:
    """The invariants one by one, each as soon as it is looked at, all of one snapshot."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for invariant, meaning in MEANINGS.items():
            findings = []
            for rule in RULES:
                if rule.invariant != invariant:
                    continue
                arguments = rule.arguments(policy)
                rows = await connection.fetch(_first(rule.sql), *arguments)
                if rows:
                    findings.append(_finding(invariant, rule.sentence, rows))
            if invariant == "I16":
                findings += await _check_chain(connection, head)
            yield Verdict(invariant, meaning, tuple(findings))


def _first(sql: str) -> str:
    return f"SELECT example, count(*) OVER () AS found FROM ({sql}) wrong LIMIT {EXAMPLES}"  # noqa: S608 - our own statements


def _finding(invariant: str, sentence: str, rows: list[Any]) -> Finding:
    return Finding(invariant, sentence, rows[0]["found"], tuple(row["example"] for row in rows))


# ------------------------------------------------------------------ the hash chain


async def _check_chain(connection: Connection, published: bytes | None) -> list[Finding]:
    """Every block's hash again from the transfers it names, some thousands at a time."""
    wrong: list[str] = []
    missing = published
    number, last = 0, GENESIS
    async for blocks in _blocks(connection):
        digests = {block["number"]: Digest(block["previous"]) for block in blocks}
        async for row in connection.cursor(
            _TEXTS, blocks[0]["number"], blocks[-1]["number"], prefetch=PREFETCH
        ):
            digests[row["number"]].add(row["text"])
        for block in blocks:
            if block["number"] != number + 1 or block["previous"] != last:
                wrong.append(f"block {block['number']} does not follow block {number}")
            number, last = block["number"], block["hash"]
            if digests[number].finish(block["wanted"]) != last:
                wrong.append(f"block {number}")
            missing = None if last == missing else missing
    findings = []
    if wrong:
        findings.append(
            Finding("I16", "A sealed block is not what was sealed.", len(wrong), tuple(wrong[:EXAMPLES]))
        )
    if missing is not None:
        findings.append(
            Finding("I16", "The head that was published is not in the chain.", 1, (missing.hex(),))
        )
    for sentence, sql in (
        ("A transfer below the head was never sealed.", _LEFT_OUT),
        ("A transfer was sealed twice.", _TWICE),
    ):
        if rows := await connection.fetch(_first(sql)):
            findings.append(_finding("I16", sentence, rows))
    return findings


async def _blocks(connection: Connection) -> AsyncIterator[list[Any]]:
    """All of them in order, as many together as name some thousand transfers."""
    together: list[Any] = []
    named = 0
    async for block in connection.cursor(_BLOCKS, prefetch=PREFETCH):
        together.append(block)
        named += block["wanted"]
        if named >= PREFETCH:
            yield together
            together, named = [], 0
    if together:
        yield together


_BLOCKS = """
SELECT number, previous, hash, cardinality(transfer_ids) AS wanted FROM seal_block ORDER BY number
"""

# Each is looked up where it belongs, in the month of the day that had not ended when its id was drawn: a sort of
# all texts would fill the disk that the school pays on.
_TEXTS = f"""
SELECT s.number, {CANONICAL} AS text
  FROM (SELECT b.number, named.id, named.place, date_trunc('month', coalesce(
                   (SELECT d.day FROM accounting_day d WHERE d.last_position >= named.id
                     ORDER BY d.last_position, d.day LIMIT 1),
                   (SELECT d.day FROM accounting_day d WHERE d.closed_at IS NULL)))::date AS month
          FROM seal_block b CROSS JOIN LATERAL unnest(b.transfer_ids) WITH ORDINALITY AS named (id, place)
         WHERE b.number BETWEEN $1 AND $2) s
  CROSS JOIN LATERAL (SELECT * FROM transfer WHERE month = s.month AND id = s.id LIMIT 1) t
 ORDER BY s.number, s.place
"""  # noqa: S608 - our own statements

# Only where the head counts the transactions of this cluster: a restored journal has none below its fence.
_LEFT_OUT = """
SELECT format('transfer %s', t.id) AS example
  FROM (SELECT * FROM seal_block ORDER BY number DESC LIMIT 1) head
  JOIN transfer t ON t.id <= head.base_id
       OR (t.xid < head.fence AND head.cluster = (SELECT system_identifier::text FROM pg_control_system()))
  LEFT JOIN (SELECT unnest(transfer_ids) AS id FROM seal_block) s ON s.id = t.id
 WHERE s.id IS NULL
"""

_TWICE = """
SELECT format('transfer %s', id) AS example
  FROM (SELECT unnest(transfer_ids) AS id FROM seal_block) s GROUP BY id HAVING count(*) > 1
"""
