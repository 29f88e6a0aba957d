"""A gateway says which of its terminals it heard."""

from __future__ import annotations

from datetime import datetime

from onecard.actions.parts import Parts
from onecard.rules.access import Caller


async def record_terminals_seen(parts: Parts, caller: Caller, *, numbers: list[str], at: datetime) -> int:
    """How many of them are its own and were brought up to date. Refuses NOT_ALLOWED."""
    raise NotImplementedError
