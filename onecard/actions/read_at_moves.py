"""Somebody moved: the meters of both rooms are read at once, so that the day is split by what they say."""

from __future__ import annotations

from datetime import timedelta

from onecard.actions.command_meter import MeterOperation, tell_meter
from onecard.actions.parts import Parts
from onecard.ledger.keys import caller_key
from onecard.registry.meters import find_meter
from onecard.registry.moves import MoveToRead, find_moves_to_read

SOON = timedelta(minutes=30)  # later, a reading says as much as the next one of the round
WORKER = "worker"


async def look_for_moves(parts: Parts) -> list[MoveToRead]:
    now = parts.clock()
    return await find_moves_to_read(parts.database, now - SOON, now)


async def read_at_move(parts: Parts, move: MoveToRead) -> bool:
    """Once a move and meter, whoever comes by."""
    meter = await find_meter(parts.database, move.meter_id)
    if meter is None:
        return False
    key = caller_key("move", f"{move.residence_id}:{move.at.isoformat()}:{meter.id}")
    _, replayed = await tell_meter(
        parts, key, meter, MeterOperation.READ_NOW, {}, actor=WORKER, reason=move.residence_id
    )
    return not replayed
