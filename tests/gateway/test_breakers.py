"""Breakers that speak Modbus, read and switched by the gateway over real sockets, as meters are."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from gateway.test_meters import newest, order, tell
from support.meter_lines import quick
from support.stub_api import StubApi
from support.waiting import until

from devices_gateway.meter_models import read_lines
from sandbox.devices.breaker import POWER, RELAY, STEP_WH, TOTAL, Breaker, BreakerLine

FIRST, SECOND = 5, 6  # units
MODELS: dict[str, Any] = {
    "breaker": {
        "protocol": "MODBUS",
        "total": {"address": TOTAL, "wh": STEP_WH},
        "power": {"address": POWER, "words": 1, "w": 1},
        "relay": {"coil": RELAY},
    }
}


def bus_on(port: int, framing: str) -> dict[str, Any]:
    meters = [
        {"id": f"met_{unit}", "number": f"B17-{unit:04d}", "model": "breaker", "unit": unit}
        for unit in (FIRST, SECOND)
    ]
    return {"name": "breakers", "host": "127.0.0.1", "port": port, "framing": framing, "meters": meters}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch):
    with quick(monkeypatch):
        yield


@pytest.fixture(params=["RTU", "TCP"])
def framing(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def breaker() -> Breaker:
    return Breaker(FIRST, time.monotonic, total_mwh=12_345_670_000, load_w=900)


@pytest.fixture
async def gateway(house, breaker: Breaker, framing: str) -> AsyncIterator[Any]:
    other = Breaker(SECOND, time.monotonic, total_mwh=1_000_000, load_w=10)
    async with BreakerLine([breaker, other], tcp=framing == "TCP") as line:
        yield await house.open(
            meterModels=MODELS, buses=[bus_on(line.port, framing)], meterRoundAtLeastS=0.05
        )


async def test_it_is_read_and_told(gateway, api: StubApi) -> None:
    await until(lambda: newest(api, "met_5") and newest(api, "met_6"), "readings of both")
    said = newest(api, "met_5")
    assert said is not None
    assert (said["total"], said["powerW"], said["relay"]) == ("12345.670", 900, "CLOSED")
    assert (said["remaining"], said["creditCounter"], said["flags"]) == (None, None, [])


async def test_it_is_switched_once_and_read_back(gateway, api: StubApi, breaker: Breaker) -> None:
    for sequence, (operation, on) in enumerate((("RELAY_OPEN", False), ("RELAY_CLOSE", True)), 1):
        report = await tell(api, order(sequence, operation, "met_5"))
        assert report["state"] == "VERIFIED"
        assert breaker.is_on is on
        assert breaker.moves == sequence
        await until(
            lambda on=on: newest(api, "met_5")["relay"] == ("CLOSED" if on else "OPEN"), "its word of it"
        )


@pytest.mark.parametrize("fault", ["silent", "bad_checksum", "wrong_address"])
async def test_one_that_does_not_answer_holds_nobody_up(
    gateway, api: StubApi, breaker: Breaker, framing: str, fault: str
) -> None:
    if fault == "bad_checksum" and framing == "TCP":
        fault = "silent"  # TCP has a checksum of its own
    setattr(breaker.faults, fault, True)
    await until(lambda: (one := newest(api, "met_5")) and one.get("silentSince"), "silence told")
    count = len([one for one in api.readings if one["meter"] == "met_6"])
    await until(
        lambda: len([one for one in api.readings if one["meter"] == "met_6"]) > count + 2,
        "the other is read on",
    )
    setattr(breaker.faults, fault, False)
    await until(lambda: (newest(api, "met_5") or {}).get("heard"), "it is heard again")


async def test_noise_and_slowness_are_waited_out(gateway, api: StubApi, breaker: Breaker) -> None:
    breaker.faults.slow_s = 0.05
    assert (await tell(api, order(1, "RELAY_OPEN", "met_5")))["state"] == "VERIFIED"
    assert breaker.moves == 1


async def test_a_lost_answer_is_read_back_and_nothing_is_switched_twice(
    gateway, api: StubApi, breaker: Breaker
) -> None:
    await until(lambda: newest(api, "met_5"), "a reading")
    breaker.faults.drop_next_reply = 1
    assert (await tell(api, order(1, "RELAY_OPEN", "met_5")))["state"] == "VERIFIED"
    assert (breaker.is_on, breaker.moves) == (False, 1)


@pytest.mark.parametrize(
    ("fault", "value", "detail"),
    [
        ("error", 4, "exception 4: it failed to do it"),
        ("relay_stuck", True, "it said yes, and its relay did not move"),
    ],
)
async def test_a_no_is_a_no(
    gateway, api: StubApi, breaker: Breaker, fault: str, value: Any, detail: str
) -> None:
    setattr(breaker.faults, fault, value)
    report = await tell(api, order(1, "RELAY_OPEN", "met_5"))
    assert (report["state"], report["detail"]) == ("REJECTED", detail)
    assert breaker.is_on


async def test_it_counts_no_credit(gateway, api: StubApi) -> None:
    told = {"order": "ele_1", "wh": 1000, "counter": 1}
    report = await tell(api, order(1, "CREDIT_WRITE", "met_5", arguments=told))
    assert report["state"] == "REJECTED"


async def test_one_that_somebody_else_wrote(house, api: StubApi, framing: str) -> None:
    """pymodbus's own server, with a device of its own."""
    from pymodbus import FramerType
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    device = SimDevice(
        FIRST,
        simdata=(
            [SimData(0, values=[True] * 8, datatype=DataType.BITS)],
            [SimData(0, values=[False] * 8, datatype=DataType.BITS)],
            [SimData(0, values=[6, 0x1A80, *[0] * 8, 250], datatype=DataType.REGISTERS)],
            [SimData(0, values=[0], datatype=DataType.REGISTERS)],
        ),
    )
    framer = FramerType.RTU if framing == "RTU" else FramerType.SOCKET
    server = ModbusTcpServer(device, framer=framer, address=("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve_forever())
    await until(lambda: server.transport, "its server")
    port = server.transport.sockets[0].getsockname()[1]
    try:
        await house.open(meterModels=MODELS, buses=[bus_on(port, framing)], meterRoundAtLeastS=0.05)
        await until(lambda: newest(api, "met_5"), "a reading")
        said = newest(api, "met_5")
        assert said is not None
        assert (said["total"], said["powerW"], said["relay"]) == ("4000.000", 250, "CLOSED")
        report = await tell(api, order(1, "RELAY_OPEN", "met_5"))
        assert report["state"] == "VERIFIED"
    finally:
        await server.shutdown()
        await asyncio.gather(serving, return_exceptions=True)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": 0}, "from 1 to 247"),
        ({"unit": 248}, "from 1 to 247"),
        ({"unit": True}, "from 1 to 247"),
        ({"unit": None}, "from 1 to 247"),
        ({"framing": "ASCII"}, "RTU or TCP"),
        ({"coil": -1}, "0 to 65535"),
        ({"address": 70_000}, "0 to 65535"),
        ({"words": 5}, "1 to 4"),
        ({"wh": 0}, "what one of it is worth"),
        ({"table": "COILS"}, "HOLDING, INPUT"),
        ({"odd": 1}, "there is no member odd"),
        ({"twice": True}, "two meters have one unit"),
    ],
)
def test_a_configuration_that_means_nothing_is_refused(change: dict[str, Any], said: str) -> None:
    bus = bus_on(502, "RTU")
    model = {**MODELS["breaker"], "total": {**MODELS["breaker"]["total"]}, "relay": {"coil": RELAY}}
    if "unit" in change:
        bus["meters"][0]["unit"] = change["unit"]
    elif "framing" in change:
        bus |= change
    elif "coil" in change:
        model["relay"] = change
    elif "odd" in change:
        model |= change
    elif "twice" in change:
        bus["meters"][1]["unit"] = FIRST
    else:
        model["total"] |= change
    with pytest.raises(ValueError, match=said):
        read_lines({"meterModels": {"breaker": model}, "buses": [bus]})


@pytest.mark.pure
def test_a_line_carries_one_protocol() -> None:
    from support.meter_lines import models

    bus = bus_on(502, "RTU")
    bus["meters"][1] = {"id": "met_6", "number": "202611000101", "model": "plain"}
    with pytest.raises(ValueError, match="different protocols"):
        read_lines({"meterModels": MODELS | models(), "buses": [bus]})
    plain = [{"id": "met_6", "number": "202611000101", "model": "plain"}]
    with pytest.raises(ValueError, match="Modbus's alone"):
        read_lines({"meterModels": models(), "buses": [bus | {"meters": plain}]})
    plain[0]["unit"] = 3
    with pytest.raises(ValueError, match="speaks no Modbus"):
        read_lines({"meterModels": models(), "buses": [bus | {"meters": plain, "framing": None}]})


@pytest.mark.pure
def test_the_handbooks_example_is_one() -> None:
    handbook = (Path(__file__).parents[2] / "docs" / "devices" / "breakers.md").read_text("utf-8")
    (shown,) = re.findall(r"^```json\n(.*?)^```", handbook, re.M | re.S)
    (line,) = read_lines(json.loads(shown))
    assert (line.framing, line.meters[0].unit, line.meters[0].model.protocol) == ("RTU", 1, "MODBUS")
