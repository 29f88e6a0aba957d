"""Which protocol a line and its meters speak."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from devices_gateway.frames.modbus import ModbusCodec
from devices_gateway.meter_models import LineConfig, MeterPoint
from devices_gateway.meters import dlt645, modbus
from devices_gateway.meters.dlt645 import Dlt645Codec
from devices_gateway.meters.line import Line, Urgency
from devices_gateway.meters.said import Said


class Speech(Protocol):
    """What every protocol's module does, each with one question on the line. NoAnswer, LineDown, Refused."""

    async def read(self, line: Line[Any, Any], meter: MeterPoint, urgency: Urgency) -> Said: ...

    async def is_closed(self, line: Line[Any, Any], meter: MeterPoint) -> bool: ...

    async def credit_counter(self, line: Line[Any, Any], meter: MeterPoint) -> int: ...

    async def switch(
        self, line: Line[Any, Any], meter: MeterPoint, *, close: bool, now: datetime
    ) -> None: ...

    async def write_credit(self, line: Line[Any, Any], meter: MeterPoint, wh: int, counter: int) -> None: ...


_SPEECHES: dict[str, Speech] = {"DLT645": dlt645, "MODBUS": modbus}


def speech_of(meter: MeterPoint) -> Speech:
    return _SPEECHES[meter.model.protocol]


def open_line(config: LineConfig) -> Line[Any, Any]:
    if config.framing is None:
        return Line(config.name, config.host, config.port, config.baud, Dlt645Codec())
    return Line(config.name, config.host, config.port, config.baud, ModbusCodec(config.framing))
