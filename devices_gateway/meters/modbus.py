"""What a Modbus breaker is asked and told. Each is one question on its line; none is repeated here.

It measures and switches; credit it counts none, so what a room has left is our ledger's to know (SERVER_CREDIT).
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from pymodbus.pdu import ModbusPDU

from devices_gateway.frames.modbus import (
    Refusal,
    read_coil,
    read_registers,
    whole_number,
    write_coil,
)
from devices_gateway.meter_models import BreakerModel, MeterPoint, Register
from devices_gateway.meters.line import Line, Urgency
from devices_gateway.meters.said import Refused, Said

ModbusLine: TypeAlias = Line[ModbusPDU, ModbusPDU | Refusal]


async def read(line: ModbusLine, meter: MeterPoint, urgency: Urgency) -> Said:
    """All that is polled. NoAnswer, LineDown, Refused."""
    model = _model(meter)
    total = await _value(line, meter, model.total, urgency)
    closed = await _coil(line, meter, urgency)
    watts = None
    if model.power is not None:
        watts = await _value(line, meter, model.power, urgency)
    return Said(total, watts, closed, frozenset(), None, None)


async def is_closed(line: ModbusLine, meter: MeterPoint) -> bool:
    """Does it let power through? NoAnswer, LineDown, Refused."""
    return await _coil(line, meter, Urgency.READ_BACK)


async def credit_counter(line: ModbusLine, meter: MeterPoint) -> int:
    raise Refused("a breaker counts no credit")


async def switch(line: ModbusLine, meter: MeterPoint, *, close: bool, now: datetime) -> None:
    """Its yes says only that it heard. NoAnswer, LineDown, Refused."""
    model = _model(meter)
    await _ask(line, write_coil(_unit(meter), model.coil, on=close == model.closed_when), Urgency.COMMAND)


async def write_credit(line: ModbusLine, meter: MeterPoint, wh: int, counter: int) -> None:
    raise Refused("a breaker counts no credit")


async def _value(line: ModbusLine, meter: MeterPoint, register: Register, urgency: Urgency) -> int:
    request = read_registers(_unit(meter), register.table, register.address, register.words)
    reply = await _ask(line, request, urgency)
    if len(reply.registers) != register.words:
        raise Refused(f"it answered {len(reply.registers)} registers, not {register.words}")
    number = whole_number(reply.registers, signed=register.signed, low_word_first=register.low_word_first)
    return round(number * register.scale)


async def _coil(line: ModbusLine, meter: MeterPoint, urgency: Urgency) -> bool:
    model = _model(meter)
    reply = await _ask(line, read_coil(_unit(meter), model.coil), urgency)
    if not reply.bits:
        raise Refused("it answered no bit")
    return bool(reply.bits[0]) == model.closed_when


async def _ask(line: ModbusLine, request: ModbusPDU, urgency: Urgency) -> ModbusPDU:
    reply = await line.ask(request, urgency)
    if isinstance(reply, Refusal):
        raise Refused(reply.reason)
    return reply


def _model(meter: MeterPoint) -> BreakerModel:
    assert isinstance(meter.model, BreakerModel), "a line has meters of one protocol"
    return meter.model


def _unit(meter: MeterPoint) -> int:
    assert meter.unit is not None, "read with its configuration"
    return meter.unit
