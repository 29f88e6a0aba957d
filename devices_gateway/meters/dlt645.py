"""What a DL/T 645 meter is asked and told. Each is one question on its line; none is repeated here."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TypeAlias

from devices_gateway.frames.dlt645 import (
    ACTIVE_POWER,
    CREDIT,
    CREDIT_COUNT,
    REMAINING_ENERGY,
    SHORTEST,
    STATUS_3,
    STATUS_RELAY_OPEN,
    TOTAL_ENERGY,
    Frame,
    Framer,
    encode,
    encode_energy,
    energy_wh,
    power_w,
    read_request,
    status_word,
    write_request,
)
from devices_gateway.frames.dlt645_relay import ALLOW_CLOSE, TRIP, relay_request
from devices_gateway.frames.meter_line import bcd, from_bcd
from devices_gateway.meter_models import MeterModel, MeterPoint
from devices_gateway.meters.line import Line, Urgency
from devices_gateway.meters.said import Refused, Said

CAMPUS_TIME = timezone(timedelta(hours=8))  # the wall clock that meters keep
LONGEST_VALUE = 14  # bytes of what is asked here
RELAY_COMMAND_LIVES_FOR = timedelta(minutes=5)


Dlt645Line: TypeAlias = Line[Frame, Frame]


class Dlt645Codec:
    """A line that carries DL/T 645."""

    def __init__(self) -> None:
        self._framer = Framer()

    @property
    def noise(self) -> int:
        return self._framer.passed_over + self._framer.bad_checksums

    def encode(self, request: Frame) -> bytes:
        return encode(request)

    def longest_reply(self, request: Frame) -> int:
        return SHORTEST + LONGEST_VALUE

    def clear(self) -> None:
        self._framer.clear()

    def feed(self, data: bytes, request: Frame) -> Frame | None:
        for frame in self._framer.feed(data):
            if frame.answers(request):
                return frame
        return None

    def whom(self, request: Frame) -> str:
        return request.address


async def read(line: Dlt645Line, meter: MeterPoint, urgency: Urgency) -> Said:
    """All that is polled. NoAnswer, LineDown, Refused."""
    total = energy_wh(await _value(line, meter, TOTAL_ENERGY, urgency))
    status = status_word(await _value(line, meter, STATUS_3, urgency))
    watts = None
    model = _model(meter)
    if model.reads_power:
        watts = power_w(await _value(line, meter, ACTIVE_POWER, urgency))
    remaining = counter = None
    if model.prepaid:
        remaining = energy_wh(await _value(line, meter, REMAINING_ENERGY, urgency))
        counter = from_bcd(await _value(line, meter, CREDIT_COUNT, urgency))
    flags = frozenset(flag for bit, flag in model.status_bits.items() if status >> bit & 1)
    return Said(total, watts, not status >> STATUS_RELAY_OPEN & 1, flags, remaining, counter)


async def is_closed(line: Dlt645Line, meter: MeterPoint) -> bool:
    """Does its relay let power through? NoAnswer, LineDown, Refused."""
    status = status_word(await _value(line, meter, STATUS_3, Urgency.READ_BACK))
    return not status >> STATUS_RELAY_OPEN & 1


async def credit_counter(line: Dlt645Line, meter: MeterPoint) -> int:
    """How many purchases it has taken. NoAnswer, LineDown, Refused."""
    return from_bcd(await _value(line, meter, CREDIT_COUNT, Urgency.READ_BACK))


async def switch(line: Dlt645Line, meter: MeterPoint, *, close: bool, now: datetime) -> None:
    """Its yes says only that it heard. NoAnswer, LineDown, Refused."""
    expires = (now + RELAY_COMMAND_LIVES_FOR).astimezone(CAMPUS_TIME)
    model = _model(meter)
    request = relay_request(
        meter.number, model.builder, model.access, ALLOW_CLOSE if close else TRIP, expires
    )
    reply = await line.ask(request, Urgency.COMMAND)
    if reply.is_error:
        raise Refused(reply.error)


async def write_credit(line: Dlt645Line, meter: MeterPoint, wh: int, counter: int) -> None:
    """So much energy, as purchase number `counter`. NoAnswer, LineDown, Refused."""
    access = _model(meter).access
    value = encode_energy(wh) + bcd(counter, 4)
    request = write_request(meter.number, CREDIT, access.password, access.operator, value)
    reply = await line.ask(request, Urgency.COMMAND)
    if reply.is_error:
        raise Refused(reply.error)


async def _value(line: Dlt645Line, meter: MeterPoint, identifier: str, urgency: Urgency) -> bytes:
    reply = await line.ask(read_request(meter.number, identifier), urgency)
    if reply.is_error:
        raise Refused(reply.error)
    return reply.value


def _model(meter: MeterPoint) -> MeterModel:
    assert isinstance(meter.model, MeterModel), "a line has meters of one protocol"
    return meter.model
