"""Rooms whose energy is bought while a tenth of the meters has faults: lines, gateway and the faults themselves.

The gateway is a process of its own, to be killed with kill -9; its pauses are short, its rules are its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.campus import OWN_TERMINAL, Campus
from support.meter_lines import bus_of, models
from support.waiting import until_told

from api.launch.ports import free_ports
from devices_gateway.frames.dlt645 import WRITE, Frame
from sandbox.devices.meter import Faults, Meter
from sandbox.devices.meter_bus import MeterBus

QUICK_GATEWAY = """
import sys
from devices_gateway import commands
from devices_gateway.meters import line, meters, orders, readings
commands.FIRST_DELAY_S, commands.LOOK_AGAIN_S, readings.EVERY_S = 0.05, 0.5, 0.05
line.RECONNECT_S, meters.PROBES_S, meters.IDLE_S = (0.05, 0.2), (0.2, 0.4), 0.05
orders.LOOK_AGAIN_S = orders.ASK_AGAIN_S = 0.05
from api.cli import main
sys.argv = ["onecard", "gateway", "--config", sys.argv[1]]
main()
"""


class GatewayProcess:
    """`onecard gateway`, killed with kill -9 and started again on its journal."""

    def __init__(self, campus: Campus, api: str, buses: list[dict[str, Any]], folder: Path) -> None:
        pem = campus.gateway.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        self._health = f"127.0.0.1:{free_ports()}"
        content = {
            "gatewayId": campus.gateway.gateway_id,
            "privateKeyPem": pem,
            "apiUrl": f"http://{api}",
            "posListen": "127.0.0.1:0",
            "healthListen": self._health,
            "terminals": {OWN_TERMINAL: {"macKeyHex": bytes(16).hex()}},
            "journal": "journal.db",
            "meterModels": models(),
            "buses": buses,
            "meterRoundAtLeastS": 0.5,
        }
        self._config, self._log = folder / "gateway.json", folder / "gateway.log"
        self._config.write_text(json.dumps(content))
        self._config.chmod(0o600)
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._launch()
        await until_told(self._is_ready, f"the gateway to be ready; see {self._log}", 60)

    def _launch(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", QUICK_GATEWAY, str(self._config)],
                env={"PATH": os.environ["PATH"]},
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(60)
            self._process = None

    async def _is_ready(self) -> bool:
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"http://{self._health}/healthz")).status_code == 200
        return False


def buses_of(lines: list[MeterBus], ids: list[dict[str, str]], prepaid: list[str]) -> list[dict[str, Any]]:
    return [
        bus_of(bus, of_line, prepaid, f"line-{n}")
        for n, (bus, of_line) in enumerate(zip(lines, ids, strict=True))
    ]


@dataclass
class Trouble:
    """Plays one fault after the other on `meters`, by their addresses; most last longer than who asks patiently."""

    meters: Mapping[str, Meter]
    draw: Random
    played: int = 0
    mute_after_a_write: set[str] = field(default_factory=set)  # takes it, and says nothing more
    refuses_writes: set[str] = field(default_factory=set)  # somebody changed its password

    async def run(self) -> None:
        await asyncio.gather(*(self._plague(meter) for meter in self.meters.values()))

    def hear(self, address: str, direction: str, frame: Frame) -> None:
        """What is on the wires, before the meter answers it and before its answer leaves."""
        if direction == "out" and address in self.refuses_writes:
            self.meters[address].faults = Faults()
        elif frame.control == WRITE and address in self.mute_after_a_write:
            self.meters[address].faults = Faults(drop_next_reply=10**6)
        elif frame.control == WRITE and address in self.refuses_writes:
            self.meters[address].faults = Faults(error=0x04)

    def heal(self, meter: Meter) -> None:
        meter.faults = Faults()
        self.mute_after_a_write.discard(meter.address)
        self.refuses_writes.discard(meter.address)

    async def _plague(self, meter: Meter) -> None:
        try:
            while True:
                self._strike(meter)
                self.played += 1
                await asyncio.sleep(self.draw.uniform(0.5, 5))
                self.heal(meter)
                await asyncio.sleep(self.draw.uniform(0.1, 0.5))
        finally:
            self.heal(meter)

    def _strike(self, meter: Meter) -> None:
        fault = self.draw.choice(
            (
                Faults(silent=True),
                Faults(slow_s=self.draw.uniform(0.05, 0.6)),
                Faults(bad_checksum=True),
                Faults(wrong_address=True),
                Faults(noise=True),
                Faults(error=0x04),
                Faults(drop_next_reply=self.draw.randint(1, 12)),
                self.mute_after_a_write,
                self.refuses_writes,
                None,
            )
        )
        if isinstance(fault, Faults):
            meter.faults = fault
        elif fault is None:
            meter.credit_count += 1  # charged at the window, by nobody we know
        else:
            fault.add(meter.address)
