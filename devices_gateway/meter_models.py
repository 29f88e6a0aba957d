"""Meter models and lines, as the gateway's configuration gives them (docs/devices/meters.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devices_gateway.frames.dlt645_relay import BUILDERS, Access, Builder
from devices_gateway.frames.modbus import UNITS, Framing, Table

FLAGS = ("MALICIOUS_CUT", "MALICIOUS_LOCKED", "RELAY_FAULT", "TAMPERED", "BATTERY_LOW")
DEFAULT_BAUD = 9600
WORDS = range(1, 5)
LAST_ADDRESS = 0xFFFF
_NUMBER = re.compile("[0-9]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MeterModel:
    """`status_bits`: bit of status word 3 → flag. `prepaid`: it counts its own credit, with an order counter."""

    name: str
    protocol: str
    builder: Builder
    access: Access = field(repr=False)
    status_bits: Mapping[int, str]
    prepaid: bool
    reads_power: bool


@dataclass(frozen=True, slots=True)
class Register:
    """A number in `words` registers from `address` on; times `scale` it is Wh, or W."""

    address: int
    words: int
    table: Table
    scale: float
    signed: bool
    low_word_first: bool


@dataclass(frozen=True, slots=True)
class BreakerModel:
    """A Modbus breaker: its energy and power, and the coil that says and switches whether power is on."""

    name: str
    total: Register
    power: Register | None
    coil: int
    closed_when: bool
    protocol: str = "MODBUS"
    prepaid: bool = False


@dataclass(frozen=True, slots=True)
class MeterPoint:
    """One meter on a line: the API's id, its number, its model. A DL/T 645 meter's number is its address, a Modbus
    one is asked by its `unit`."""

    id: str
    number: str
    model: MeterModel | BreakerModel
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class LineConfig:
    """A serial server's address, and who hangs on its line. `framing`: of Modbus; None: it carries DL/T 645."""

    name: str
    host: str
    port: int
    baud: int
    meters: tuple[MeterPoint, ...]
    framing: Framing | None = None


def read_lines(given: Mapping[str, Any]) -> tuple[LineConfig, ...]:
    """From the members `meterModels` and `buses`; ValueError says what is wrong."""
    models = {name: _model(name, entry) for name, entry in given.get("meterModels", {}).items()}
    lines = tuple(_line(entry, models) for entry in given.get("buses", ()))
    names = [line.name for line in lines]
    if len(set(names)) < len(names):
        raise ValueError("two buses have one name")
    meters = [meter for line in lines for meter in line.meters]
    if len({meter.id for meter in meters}) < len(meters):
        raise ValueError("two meters have one id")
    return lines


def _model(name: str, given: Mapping[str, Any]) -> MeterModel | BreakerModel:
    if given["protocol"] == "MODBUS":
        return _breaker(name, given)
    _known(f"meterModels.{name}", given, {"protocol", "relay", "statusBits", "prepaid", "readsPower"})
    if given["protocol"] != "DLT645":
        raise ValueError(f"meterModels.{name}.protocol is {given['protocol']!r}, not DLT645 or MODBUS")
    relay = given["relay"]
    _known(f"meterModels.{name}.relay", relay, {"payload", "passwordHex", "operatorHex"})
    if relay["payload"] not in BUILDERS:
        raise ValueError(f"meterModels.{name}.relay.payload is none of {', '.join(BUILDERS)}")
    bits = {int(bit): flag for bit, flag in given.get("statusBits", {}).items()}
    if not set(bits.values()) <= set(FLAGS) or not all(0 <= bit < 16 for bit in bits):
        raise ValueError(f"meterModels.{name}.statusBits: bits 0 to 15, each to one of {', '.join(FLAGS)}")
    try:
        access = Access(bytes.fromhex(relay["passwordHex"]), bytes.fromhex(relay["operatorHex"]))
    except ValueError:
        raise ValueError(
            f"meterModels.{name}.relay: passwordHex and operatorHex are four bytes in hex"
        ) from None
    return MeterModel(
        name=name,
        protocol="DLT645",
        builder=BUILDERS[relay["payload"]],
        access=access,
        status_bits=bits,
        prepaid=_flag(given, "prepaid", False),
        reads_power=_flag(given, "readsPower", True),
    )


def _breaker(name: str, given: Mapping[str, Any]) -> BreakerModel:
    where = f"meterModels.{name}"
    _known(where, given, {"protocol", "total", "power", "relay"})
    relay = given["relay"]
    _known(f"{where}.relay", relay, {"coil", "closedWhen"})
    return BreakerModel(
        name=name,
        total=_register(f"{where}.total", given["total"], "wh"),
        power=_register(f"{where}.power", given["power"], "w") if given.get("power") is not None else None,
        coil=_address(f"{where}.relay.coil", relay["coil"]),
        closed_when=_flag(relay, "closedWhen", True),
    )


def _register(where: str, given: Mapping[str, Any], unit: str) -> Register:
    _known(where, given, {"address", "words", "table", "signed", "lowWordFirst", unit})
    words, scale = given.get("words", 2), given[unit]
    if words not in WORDS or not isinstance(scale, int | float) or isinstance(scale, bool) or not scale > 0:
        raise ValueError(f"{where}: words are 1 to 4, and {unit} says what one of it is worth")
    if given.get("table", "HOLDING") not in set(Table):
        raise ValueError(f"{where}.table is none of {', '.join(Table)}")
    return Register(
        address=_address(f"{where}.address", given["address"]),
        words=words,
        table=Table(given.get("table", "HOLDING")),
        scale=scale,
        signed=_flag(given, "signed", False),
        low_word_first=_flag(given, "lowWordFirst", False),
    )


def _address(where: str, given: object) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= LAST_ADDRESS:
        raise ValueError(f"{where} is a number from 0 to {LAST_ADDRESS}")
    return given


def _line(given: Mapping[str, Any], models: Mapping[str, MeterModel | BreakerModel]) -> LineConfig:
    _known("buses", given, {"name", "host", "port", "baud", "framing", "meters"})
    name = str(given["name"])
    port, baud = given["port"], given.get("baud", DEFAULT_BAUD)
    if not isinstance(port, int) or not 0 < port < 65536 or not isinstance(baud, int) or baud < 300:
        raise ValueError(f"bus {name}: port and baud are numbers of their kind")
    meters = [_meter(name, entry, models) for entry in given["meters"]]
    if len({meter.number for meter in meters}) < len(meters):
        raise ValueError(f"bus {name}: two meters have one number")
    if len({meter.model.protocol for meter in meters}) > 1:
        raise ValueError(f"bus {name}: its meters speak different protocols")
    is_modbus = any(meter.model.protocol == "MODBUS" for meter in meters)
    if is_modbus and len({meter.unit for meter in meters}) < len(meters):
        raise ValueError(f"bus {name}: two meters have one unit")
    framing = given.get("framing", Framing.RTU if is_modbus else None)
    if framing is not None and (not is_modbus or framing not in set(Framing)):
        raise ValueError(f"bus {name}: framing is {' or '.join(Framing)}, and Modbus's alone")
    return LineConfig(
        name, str(given["host"]), port, baud, tuple(meters), None if framing is None else Framing(framing)
    )


def _meter(bus: str, given: Mapping[str, Any], models: Mapping[str, MeterModel | BreakerModel]) -> MeterPoint:
    _known(f"bus {bus}", given, {"id", "number", "model", "unit"})
    number, unit = str(given["number"]), given.get("unit")
    if given["model"] not in models:
        raise ValueError(f"bus {bus}: there is no meter model {given['model']!r}")
    model = models[given["model"]]
    if isinstance(model, BreakerModel):
        if not isinstance(unit, int) or isinstance(unit, bool) or unit not in UNITS:
            raise ValueError(f"bus {bus}: the unit of {number} is a number from 1 to {UNITS[-1]}")
    elif not _NUMBER.fullmatch(number):
        raise ValueError(f"bus {bus}: a meter's number is twelve digits, not {number!r}")
    elif unit is not None:
        raise ValueError(f"bus {bus}: {number} has a unit, and speaks no Modbus")
    return MeterPoint(str(given["id"]), number, model, unit)


def _known(where: str, given: Mapping[str, Any], names: set[str]) -> None:
    unknown = set(given) - names
    if unknown:
        raise ValueError(f"{where}: there is no member {', '.join(sorted(unknown))}")


def _flag(given: Mapping[str, Any], name: str, default: bool) -> bool:
    value = given.get(name, default)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value
