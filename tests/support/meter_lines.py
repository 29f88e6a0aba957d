"""Simulated meters on a line, and what a gateway's configuration says of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from devices_gateway import commands
from devices_gateway.frames.dlt645_relay import Access
from devices_gateway.meters import line, orders, readings
from devices_gateway.meters import meters as polling
from sandbox.devices.meter import BIT_CUT, BIT_LOCKED, Meter
from sandbox.devices.meter_bus import MeterBus

ACCESS = Access(bytes.fromhex("02123456"), bytes.fromhex("01020304"))
QUICK_BAUD = 1_000_000  # of a line that a test does not want to wait for


def models() -> dict[str, Any]:
    shared = {
        "protocol": "DLT645",
        "relay": {
            "payload": "standard",
            "passwordHex": ACCESS.password.hex(),
            "operatorHex": ACCESS.operator.hex(),
        },
        "statusBits": {str(BIT_CUT): "MALICIOUS_CUT", str(BIT_LOCKED): "MALICIOUS_LOCKED"},
    }
    return {"plain": {**shared}, "prepaid": {**shared, "prepaid": True}}


def simulated(address: str, *, prepaid: bool = False, **more: Any) -> Meter:
    values = {"total_mwh": 1_000_000_000, "load_w": 200} | more
    return Meter(address, ACCESS, time.monotonic, prepaid=prepaid, **values)


def bus_of(
    bus: MeterBus, ids: Mapping[str, str], prepaid: Sequence[str] = (), name: str = "line-1"
) -> dict[str, Any]:
    """`ids`: address → the API's id."""
    return {
        "name": name,
        "host": "127.0.0.1",
        "port": bus.port,
        "baud": 9600,
        "meters": [
            {"id": id, "number": address, "model": "prepaid" if address in prepaid else "plain"}
            for address, id in ids.items()
        ],
    }


@contextmanager
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pauses that a test does not want to wait for, in proportion: of lines, of what meters are told, of readings."""
    monkeypatch.setattr(commands, "FIRST_DELAY_S", 0.05)
    monkeypatch.setattr(commands, "LOOK_AGAIN_S", 0.2)
    monkeypatch.setattr(readings, "EVERY_S", 0.02)
    monkeypatch.setattr(readings, "DELAYS_S", (0.05, 0.1))
    monkeypatch.setattr(line, "RECONNECT_S", (0.05, 0.2))
    monkeypatch.setattr(orders, "LOOK_AGAIN_S", 0.05)
    monkeypatch.setattr(orders, "ASK_AGAIN_S", 0.05)
    monkeypatch.setattr(polling, "PROBES_S", (0.2, 0.4))
    monkeypatch.setattr(polling, "IDLE_S", 0.05)
    yield
