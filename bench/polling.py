"""polling: 2,000 meters on 40 lines of 9,600 baud, read by a real gateway that reports to the API, beside the wire.

What the wire allows is what its bytes take at their baud, and the pause of a meter before it answers. A command is
timed from the mutation that gives it until its frame is on the wires.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench import dorm
from bench.house import GATEWAYS, House
from bench.load import quantile
from bench.pay import tokens_of
from devices_gateway.frames.dlt645 import CONTROL, Frame
from devices_gateway.frames.dlt645_relay import Access
from onecard.rules.ids import new_id
from sandbox.devices.meter import Meter
from sandbox.devices.meter_bus import TURNAROUND_S, MeterBus

BAUD = 9600
ACCESS = Access(bytes.fromhex("02123456"), bytes.fromhex("01020304"))
SWITCH = """mutation ($input: MeterCommandInput!) {
  meterCommand(input: $input) { __typename ... on Refusal { code } } }"""
WARM_UP_S = 20.0  # until every line is connected and in its stride
COMMAND_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Polled:
    """`ratio`: how long it took, in units of what the wire needs; of the middle and of the worst line."""

    meters: int
    lines: int
    seconds: float
    readings_s: float  # exchanges a second, of all lines
    ratio: float
    worst_ratio: float
    commands: int
    command_p50_ms: float
    command_p99_ms: float


def poll(house: House, seconds: float, commands: int) -> Polled:
    return asyncio.run(_poll(house, seconds, commands))


class _Fleet:
    def __init__(self) -> None:
        self.heard: dict[str, asyncio.Future[float]] = {}
        self.answers: dict[str, int] = {}
        self.buses = [
            MeterBus([_meter(number, line) for number in numbers], baud=BAUD, on_frame=self._hear)
            for line, numbers in enumerate(dorm.numbers())
        ]

    def wire_s(self) -> list[float]:
        """What each line's wires were busy with so far."""
        return [
            bus.busy_s + TURNAROUND_S * sum(self.answers.get(number, 0) for number in numbers)
            for bus, numbers in zip(self.buses, dorm.numbers(), strict=True)
        ]

    def _hear(self, address: str, direction: str, frame: Frame) -> None:
        if direction == "out":
            self.answers[address] = self.answers.get(address, 0) + 1
        elif frame.control == CONTROL and (waiting := self.heard.pop(address, None)) is not None:
            waiting.set_result(time.perf_counter())


async def _poll(house: House, seconds: float, commands: int) -> Polled:
    fleet = _Fleet()
    async with AsyncExitStack() as stack:
        for bus in fleet.buses:
            await stack.enter_async_context(bus)
        await stack.enter_async_context(_gateway(house, fleet))
        await asyncio.sleep(min(WARM_UP_S, seconds))
        before, answers, began = fleet.wire_s(), sum(fleet.answers.values()), time.perf_counter()
        await asyncio.sleep(seconds)
        took = time.perf_counter() - began
        ratios = [took / (now - then) for now, then in zip(fleet.wire_s(), before, strict=True)]
        rate = (sum(fleet.answers.values()) - answers) / took
        latencies = sorted(await _command(house, fleet, commands))
    return Polled(
        meters=sum(map(len, dorm.numbers())),
        lines=len(fleet.buses),
        seconds=took,
        readings_s=rate,
        ratio=median(ratios),
        worst_ratio=max(ratios),
        commands=len(latencies),
        command_p50_ms=quantile(latencies, 0.5) * 1000,
        command_p99_ms=quantile(latencies, 0.99) * 1000,
    )


async def _command(house: House, fleet: _Fleet, commands: int) -> list[float]:
    """One after the other, to meters all over: each goes before the polls of its line. Seconds to the wires."""
    draw, tokens = Random(5), tokens_of(house, house.staff)
    took = []
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{house.api_port}", trust_env=False, timeout=10
    ) as client:
        for n, number in enumerate(
            draw.sample([number for numbers in dorm.numbers() for number in numbers], commands)
        ):
            given = {
                "id": new_id("cmd"),
                "meter": dorm.meter_id(number),
                "operation": "RELAY_OPEN",
                "reason": "bench",
            }
            heard = fleet.heard[number] = asyncio.get_running_loop().create_future()
            asked = time.perf_counter()
            answer = await client.post(
                "/graphql",
                json={"query": SWITCH, "variables": {"input": given}},
                headers={"Authorization": f"Bearer {tokens[n % len(tokens)]}"},
            )
            assert answer.json()["data"]["meterCommand"]["__typename"] == "MeterCommanded", answer.text
            took.append(await asyncio.wait_for(heard, COMMAND_TIMEOUT_S) - asked)
    return took


@asynccontextmanager
async def _gateway(house: House, fleet: _Fleet) -> AsyncIterator[None]:
    home = Path(house.env["ONECARD_HOME"])
    relay = {
        "payload": "standard",
        "passwordHex": ACCESS.password.hex(),
        "operatorHex": ACCESS.operator.hex(),
    }
    model = {"protocol": "DLT645", "relay": relay, "statusBits": {}}
    content = {
        "gatewayId": GATEWAYS[0],
        "privateKeyPem": house.gateway_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode(),
        "apiUrl": f"http://127.0.0.1:{house.api_port}",
        "posListen": "127.0.0.1:0",
        "terminals": {house.terminals[0]: {"macKeyHex": bytes(16).hex()}},
        "journal": "polling.db",
        "meterModels": {"plain": model, "prepaid": {**model, "prepaid": True}},
        "buses": [
            {
                "name": f"line-{line}",
                "host": "127.0.0.1",
                "port": bus.port,
                "baud": BAUD,
                "meters": [
                    {
                        "id": dorm.meter_id(number),
                        "number": number,
                        "model": "prepaid" if line % 2 else "plain",
                    }
                    for number in numbers
                ],
            }
            for line, (bus, numbers) in enumerate(zip(fleet.buses, dorm.numbers(), strict=True))
        ],
        "meterRoundAtLeastS": 0.01,  # one round after the other, to see how fast they can be
    }
    path = home / "gateway.json"
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    with (home / "gateway.log").open("wb") as log:
        process = _launch(path, log.fileno())
    try:
        yield
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 30)


def _launch(config: Path, log: int) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "api.cli", "gateway", "--config", str(config)]
    return subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT)


def _meter(number: str, line: int) -> Meter:
    return Meter(
        number,
        ACCESS,
        time.monotonic,
        prepaid=bool(line % 2),
        total_mwh=10**9,
        remaining_mwh=10**8,
        load_w=120,
    )
