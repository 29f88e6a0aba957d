"""What a DL/T 645 meter is asked and told. Each is one question on its line; none is repeated here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from devices_gateway.frames.dlt645 import (
    ACTIVE_POWER,
    CREDIT,
    CREDIT_COUNT,
    REMAINING_ENERGY,
    STATUS_3,
    STATUS_RELAY_OPEN,
    TOTAL_ENERGY,
    bcd,
    encode_energy,
    energy_wh,
    from_bcd,
    power_w,
    read_request,
    status_word,
    write_request,
)
from devices_gateway.frames.dlt645_relay import ALLOW_CLOSE, TRIP, relay_request
from devices_gateway.meter_models import MeterPoint
from devices_gateway.meters.line import Line, Urgency

CAMPUS_TIME = timezone(timedelta(hours=8))  # the wall clock that meters keep
RELAY_COMMAND_LIVES_FOR = timedelta(minutes=5)


class Refused(Exception):
    """The meter says no, in its own words."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a meter said in one round: Wh and W; None: not asked, or it has no such thing."""

    total_wh: int
    power_w: int | None
    is_closed: bool
    flags: frozenset[str]
    remaining_wh: int | None
    credit_counter: int | None


async def read(line: Line, meter: MeterPoint, urgency: Urgency) -> Said:
    """All that is polled. NoAnswer, LineDown, Refused."""
    total = energy_wh(await _value(line, meter, TOTAL_ENERGY, urgency))
    status = status_word(await _value(line, meter, STATUS_3, urgency))
    watts = None
    if meter.model.reads_power:
        watts = power_w(await _value(line, meter, ACTIVE_POWER, urgency))
    remaining = counter = None
    if meter.model.prepaid:
        remaining = energy_wh(await _value(line, meter, REMAINING_ENERGY, urgency))
        counter = from_bcd(await _value(line, meter, CREDIT_COUNT, urgency))
    flags = frozenset(flag for bit, flag in meter.model.status_bits.items() if status >> bit & 1)
    return Said(total, watts, not status >> STATUS_RELAY_OPEN & 1, flags, remaining, counter)


async def is_closed(line: Line, meter: MeterPoint) -> bool:
    """Does its relay let power through? NoAnswer, LineDown, Refused."""
    status = status_word(await _value(line, meter, STATUS_3, Urgency.READ_BACK))
    return not status >> STATUS_RELAY_OPEN & 1


async def credit_counter(line: Line, meter: MeterPoint) -> int:
    """How many purchases it has taken. NoAnswer, LineDown, Refused."""
    return from_bcd(await _value(line, meter, CREDIT_COUNT, Urgency.READ_BACK))


async def switch(line: Line, meter: MeterPoint, *, close: bool, now: datetime) -> None:
    """Its yes says only that it heard. NoAnswer, LineDown, Refused."""
    expires = (now + RELAY_COMMAND_LIVES_FOR).astimezone(CAMPUS_TIME)
    model = meter.model
    request = relay_request(
        meter.number, model.builder, model.access, ALLOW_CLOSE if close else TRIP, expires
    )
    reply = await line.ask(request, Urgency.COMMAND)
    if reply.is_error:
        raise Refused(reply.error)


async def write_credit(line: Line, meter: MeterPoint, wh: int, counter: int) -> None:
    """So much energy, as purchase number `counter`. NoAnswer, LineDown, Refused."""
    access = meter.model.access
    value = encode_energy(wh) + bcd(counter, 4)
    request = write_request(meter.number, CREDIT, access.password, access.operator, value)
    reply = await line.ask(request, Urgency.COMMAND)
    if reply.is_error:
        raise Refused(reply.error)


async def _value(line: Line, meter: MeterPoint, identifier: str, urgency: Urgency) -> bytes:
    reply = await line.ask(read_request(meter.number, identifier), urgency)
    if reply.is_error:
        raise Refused(reply.error)
    return reply.value
