"""Keeps each room's relay as it should be, by the worker, every few seconds.

What is decided is in `rules.power`; here it is told to the meter. A room whose meter is silent is left alone: nobody
knows how it is, and nothing would reach it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from onecard.actions.command_meter import MeterOperation, tell_meter
from onecard.actions.find_power import RoomPower
from onecard.actions.follow_incidents import follow_incident
from onecard.actions.parts import Parts
from onecard.actions.settle_electricity import find_tariff, power_merchant
from onecard.ledger.energy import find_bought
from onecard.ledger.keys import caller_key
from onecard.registry.meters import find_meter
from onecard.rules.power import Cause, Now, Want, decide_power, night_of
from onecard.rules.tariffs import price_loan

REASONS = {Cause.NIGHT: "夜间定时断电", Cause.MONEY: "电量用完", Cause.BACK: "恢复供电"}

log = structlog.get_logger(__name__)


async def keep_power(parts: Parts, room: RoomPower) -> bool:
    """Whether something was done about this room."""
    if await follow_incident(parts, room):
        return True
    power, now = parts.policy.power, parts.clock()
    decided = decide_power(
        room.seen,
        Now(
            at=now,
            night_until=room.night_until,
            protected=power.protected_hours.is_open(now),
            cuts_at_zero=power.cut_at_zero,
            staff_holds=timedelta(seconds=power.staff_switch_holds_s),
        ),
    )
    if decided is None:
        return False
    want, cause = decided
    if want is Want.LEND:
        return await _lend(parts, room, now)
    meter = await find_meter(parts.database, room.meter_id)
    assert meter is not None, "meters are never removed from the register"
    operation = MeterOperation.RELAY_OPEN if want is Want.OPEN else MeterOperation.RELAY_CLOSE
    # Told once, however many workers look: the id follows from the command before it.
    before = "first" if room.seen.newest is None else room.seen.newest.issued_at.isoformat()
    key = caller_key(cause.actor, f"{meter.id}:{before}", operation=operation)
    _, replayed = await tell_meter(parts, key, meter, operation, {}, actor=cause.actor, reason=REASONS[cause])
    return not replayed


async def _lend(parts: Parts, room: RoomPower, now: datetime) -> bool:
    """Emergency energy 应急电 for one night, on credit."""
    power = parts.policy.power
    if power.emergency_wh == 0:
        return False
    tariff, since = find_tariff(parts)
    bought_wh, _ = await find_bought(parts.database, room.room_id, since)
    fen = price_loan(tariff, power.emergency_wh, bought_wh)
    night = night_of(power.protected_hours, now)
    lent = await parts.book.lend_emergency(
        room.room_id, night, power.emergency_wh, fen, await power_merchant(parts)
    )
    if lent:
        log.info("emergency_lent", room=room.room_id, wh=power.emergency_wh, fen=fen, night=night)
    return lent
