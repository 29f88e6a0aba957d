"""What a device said and what it is told, as rows of the journal. All of it is work for `Journal.run`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from devices_gateway.outbox import Outgoing, enqueue


@dataclass(frozen=True)
class Event:
    """`id` is the idempotency key; `body` is a digest of what may not differ when it is said again."""

    id: str
    boot_id: str
    device: str
    device_sequence: str
    kind: str
    occurred_at: datetime
    observed_at: datetime
    body: bytes
    payload: Mapping[str, Any]
    raw_hex: str


@dataclass(frozen=True)
class Answer:
    """What the device is told: a response code, the words, and for a sale its reference and what is left."""

    response_code: str
    text: str
    reference: str | None = None
    available_fen: int | None = None


@dataclass(frozen=True)
class Known:
    """An event the journal has: its digest and, once decided, its answer."""

    body: bytes
    answer: Answer | None


def find_event(connection: sqlite3.Connection, event_id: str) -> Known | None:
    row = connection.execute("SELECT body, answer FROM event WHERE id = ?", (event_id,)).fetchone()
    return Known(row[0], _answer(row[1])) if row else None


def record_event(connection: sqlite3.Connection, event: Event, answer: Answer | None) -> None:
    """A new event, already answered or not. sqlite3.IntegrityError when it is known."""
    connection.execute(
        "INSERT INTO event (id, boot_id, device, device_sequence, kind, occurred_at, observed_at, observed_s,"
        " body, payload, raw_hex, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.id,
            event.boot_id,
            event.device,
            event.device_sequence,
            event.kind,
            event.occurred_at.isoformat(),
            event.observed_at.isoformat(),
            event.observed_at.timestamp(),
            event.body,
            json.dumps(event.payload, ensure_ascii=False),
            event.raw_hex,
            _stored(answer),
        ),
    )


def answer_event(connection: sqlite3.Connection, event_id: str, answer: Answer) -> None:
    connection.execute("UPDATE event SET answer = ? WHERE id = ?", (_stored(answer), event_id))


def keep_reversal(connection: sqlite3.Connection, event: Event, answer: Answer, outgoing: Outgoing) -> bool:
    """Keep a reversal, answered, with its message in the outbox; False when it is said again."""
    if find_event(connection, event.id) is not None:
        return False
    record_event(connection, event, answer)
    enqueue(connection, outgoing, event.observed_at.timestamp())
    return True


def find_unanswered(
    connection: sqlite3.Connection, kind: str, boot_id: str, before_s: float, *, earlier_runs: bool
) -> list[tuple[str, str]]:
    """(id, device) of events nobody has answered: of run `boot_id` those observed before `before_s`, of the
    others all or none: by what clock they were observed is not known."""
    return connection.execute(
        "SELECT id, device FROM event WHERE kind = ? AND answer IS NULL"
        " AND CASE boot_id WHEN ? THEN observed_s < ? ELSE ? END",
        (kind, boot_id, before_s, earlier_runs),
    ).fetchall()


def forget_events(connection: sqlite3.Connection, kind: str, before_s: float, limit: int) -> int:
    """Delete answered events observed before `before_s` that the API has heard of; at most `limit`."""
    return connection.execute(
        "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE observed_s < ? AND kind = ?"
        " AND answer IS NOT NULL AND id NOT IN (SELECT event_id FROM outbox)"
        " AND id NOT IN (SELECT event_id FROM dead_letter) LIMIT ?)",
        (before_s, kind, limit),
    ).rowcount


def _stored(answer: Answer | None) -> str | None:
    return None if answer is None else json.dumps(asdict(answer), ensure_ascii=False)


def _answer(stored: str | None) -> Answer | None:
    return None if stored is None else Answer(**json.loads(stored))
