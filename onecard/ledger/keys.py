"""A caller's id: one id acts once, and never stands for two different requests."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

BodyValue = str | int | bool | bytes | datetime | date | None

MAXIMUM_ID = 200  # characters; a uuid needs 36


@dataclass(frozen=True, slots=True)
class CallerKey:
    """`text`: who calls and with which id. `body`: sha256 of what was asked; another body is a conflict."""

    text: str
    body: bytes


def key_text(scope: str, id: str) -> str:
    """`ter_…:5f0c…`: ids of different callers never meet. ValueError on an empty or overlong id."""
    if not 0 < len(id) <= MAXIMUM_ID or "\0" in id:
        raise ValueError(f"an id has 1 to {MAXIMUM_ID} characters")
    return f"{scope}:{id}"


def caller_key(scope: str, id: str, **body: BodyValue) -> CallerKey:
    """The key of one request; `body` is everything that makes it this request and not another."""
    canonical = json.dumps(
        {name: _plain(value) for name, value in body.items()},
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return CallerKey(key_text(scope, id), hashlib.sha256(canonical.encode()).digest())


def _plain(value: BodyValue) -> str | int | bool | None:
    if isinstance(value, datetime):
        assert value.tzinfo is not None, "a time without an offset"
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value
