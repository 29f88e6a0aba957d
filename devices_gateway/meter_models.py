"""Meter models and lines, as the gateway's configuration gives them (docs/devices/meters.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devices_gateway.frames.dlt645_relay import BUILDERS, Access, Builder

FLAGS = ("MALICIOUS_CUT", "MALICIOUS_LOCKED", "RELAY_FAULT", "TAMPERED", "BATTERY_LOW")
DEFAULT_BAUD = 9600
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
class MeterPoint:
    """One meter on a line: the API's id, its number (address), its model."""

    id: str
    number: str
    model: MeterModel


@dataclass(frozen=True, slots=True)
class LineConfig:
    """A serial server's address, and who hangs on its line."""

    name: str
    host: str
    port: int
    baud: int
    meters: tuple[MeterPoint, ...]


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


def _model(name: str, given: Mapping[str, Any]) -> MeterModel:
    _known(f"meterModels.{name}", given, {"protocol", "relay", "statusBits", "prepaid", "readsPower"})
    if given["protocol"] != "DLT645":
        raise ValueError(f"meterModels.{name}.protocol is {given['protocol']!r}, not DLT645")
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


def _line(given: Mapping[str, Any], models: Mapping[str, MeterModel]) -> LineConfig:
    _known("buses", given, {"name", "host", "port", "baud", "meters"})
    name = str(given["name"])
    port, baud = given["port"], given.get("baud", DEFAULT_BAUD)
    if not isinstance(port, int) or not 0 < port < 65536 or not isinstance(baud, int) or baud < 300:
        raise ValueError(f"bus {name}: port and baud are numbers of their kind")
    meters = []
    for entry in given["meters"]:
        _known(f"bus {name}", entry, {"id", "number", "model"})
        if not _NUMBER.fullmatch(str(entry["number"])):
            raise ValueError(f"bus {name}: a meter's number is twelve digits, not {entry['number']!r}")
        if entry["model"] not in models:
            raise ValueError(f"bus {name}: there is no meter model {entry['model']!r}")
        meters.append(MeterPoint(str(entry["id"]), str(entry["number"]), models[entry["model"]]))
    if len({meter.number for meter in meters}) < len(meters):
        raise ValueError(f"bus {name}: two meters have one number")
    return LineConfig(name, str(given["host"]), port, baud, tuple(meters))


def _known(where: str, given: Mapping[str, Any], names: set[str]) -> None:
    unknown = set(given) - names
    if unknown:
        raise ValueError(f"{where}: there is no member {', '.join(sorted(unknown))}")


def _flag(given: Mapping[str, Any], name: str, default: bool) -> bool:
    value = given.get(name, default)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value
