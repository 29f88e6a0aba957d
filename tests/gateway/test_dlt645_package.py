"""A meter that somebody else wrote, the `dlt645` package's, answers our adapter over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from dlt645 import MeterServerService
from support.meter_lines import models

from devices_gateway.meter_models import read_lines
from devices_gateway.meters import dlt645
from devices_gateway.meters.dlt645 import Dlt645Codec
from devices_gateway.meters.line import Line, Urgency

NUMBER = "202611000101"
TOTAL, POWER, STATUS = 0x00010000, 0x02030000, 0x04000503
METERS = [{"id": "met_plain", "number": NUMBER, "model": "plain"}]
BUS = {
    "name": "line-1",
    "host": "127.0.0.1",
    "port": 1,
    "meters": METERS,
}  # the port is the system's choice, below
((POINT,),) = [line.meters for line in read_lines({"meterModels": models(), "buses": [BUS]})]


@pytest.fixture
def meter() -> MeterServerService:
    meter = MeterServerService.new_tcp_server("127.0.0.1", 0)
    meter.set_address(bytes.fromhex(NUMBER)[::-1])  # as it goes over the wire
    assert meter.set_00(TOTAL, 1234.56)
    assert meter.set_02(POWER, 0.212)
    assert meter.set_04(STATUS, "0000")
    return meter


@pytest.fixture
async def line(meter: MeterServerService) -> AsyncIterator[Line]:
    assert meter.start()
    line = Line("line-1", "127.0.0.1", meter.server.port, 9600, Dlt645Codec())
    running = asyncio.create_task(line.run())
    try:
        assert await line.wait_until_up(5)
        yield line
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert await asyncio.to_thread(meter.stop)


async def test_what_it_shows_is_what_we_read(line: Line) -> None:
    said = await dlt645.read(line, POINT, Urgency.POLL)
    assert (said.total_wh, said.power_w, said.is_closed, said.flags) == (1_234_560, 212, True, frozenset())


async def test_its_open_relay_is_seen(meter: MeterServerService, line: Line) -> None:
    assert meter.set_04(STATUS, "0010")
    assert not await dlt645.is_closed(line, POINT)


async def test_its_no_is_a_refusal(line: Line) -> None:
    """It has no order counter to tell."""
    with pytest.raises(dlt645.Refused):
        await dlt645.credit_counter(line, POINT)
