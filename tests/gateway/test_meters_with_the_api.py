"""The whole way: bought over GraphQL, carried by the real gateway, counted by a meter that speaks DL/T 645."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.campus import OWN_TERMINAL, Campus, open_campus
from support.database import connected
from support.dormitory import build_dormitory
from support.meter_lines import QUICK_BAUD, bus_of, models, quick, simulated
from support.serving import serving
from support.waiting import until, until_told

from devices_gateway.config import read_config
from devices_gateway.gateway import Gateway
from onecard.actions.settle_electricity import carry_on
from onecard.ledger.check import check
from onecard.rules.kinds import MeterWay
from sandbox.devices.meter_bus import MeterBus

PLAIN, PREPAID = "202611000101", "202611000102"
BUY = """mutation ($input: ElectricityPurchaseInput!) { electricityPurchase(input: $input) { __typename
    ... on ElectricityPurchased { order { id state energy explanation } } ... on Refusal { code message } } }"""
LOOK = """query ($id: ID!) { electricityOrder(id: $id) { state energy explanation remedy room { name energy {
    remaining asOf } } } }"""
ROOM = "query ($id: ID!) { room(id: $id) { name energy { remaining stale } meter { number state { total relay } } } }"
SWITCH = """mutation ($input: MeterCommandInput!) { meterCommand(input: $input) { __typename
    ... on MeterCommanded { command { id state } } } }"""


@dataclass
class Dormitory:
    campus: Campus
    bus: MeterBus
    ids: dict[str, dict[str, str]]
    gateway: Gateway

    async def buy(self, room: str, amount: str = "30.00", id: str = "purchase-0001") -> dict[str, Any]:
        given = {"id": id, "room": self.ids[room]["room"], "amount": amount, "method": "CARD_ACCOUNT"}
        data = await self.campus.data(BUY, {"input": given}, who="student")
        found: dict[str, Any] = data["electricityPurchase"]
        return found

    async def state(self, order: str) -> str:
        data = await self.campus.data(LOOK, {"id": order}, who="student")
        return str(data["electricityOrder"]["state"])

    async def until_state(self, order: str, state: str) -> None:
        async def is_there() -> bool:
            return await self.state(order) == state

        await until_told(is_there, f"{order} is {state}")

    async def remaining(self, room: str) -> float | None:
        data = await self.campus.data(ROOM, {"id": self.ids[room]["room"]}, who="student")
        energy = data["room"]["energy"]
        return None if energy is None else float(energy["remaining"])

    async def until_known(self, room: str) -> None:
        async def is_known() -> bool:
            return await self.remaining(room) is not None

        await until_told(is_known, f"a reading of {room}")


@pytest.fixture
async def dormitory(
    database: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Dormitory]:
    meters = [simulated(PLAIN), simulated(PREPAID, prepaid=True, remaining_mwh=5_000_000, credit_count=6)]
    with quick(monkeypatch):
        async with open_campus(database, redis_url) as campus, MeterBus(meters, baud=QUICK_BAUD) as bus:
            await campus.top_up("student", 50_000)
            ids = await build_dormitory(
                campus,
                {"101": (PLAIN, MeterWay.SERVER_CREDIT), "102": (PREPAID, MeterWay.METER_CREDIT)},
            )
            pem = campus.gateway.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
            async with serving(campus.app) as address:
                addresses = {PLAIN: ids["101"]["meter"], PREPAID: ids["102"]["meter"]}
                content = {
                    "gatewayId": campus.gateway.gateway_id,
                    "privateKeyPem": pem,
                    "apiUrl": f"http://{address}",
                    "posListen": "127.0.0.1:0",
                    "terminals": {OWN_TERMINAL: {"macKeyHex": bytes(16).hex()}},
                    "journal": "journal.db",
                    "meterModels": models(),
                    "buses": [bus_of(bus, addresses, [PREPAID])],
                    "meterRoundAtLeastS": 0.05,
                }
                path = tmp_path / "gateway.json"
                path.write_text(json.dumps(content))
                path.chmod(0o600)
                async with Gateway(read_config(path)) as gateway:
                    await until(lambda: gateway.commands.is_connected, "the command channel")
                    yield Dormitory(campus, bus, ids, gateway)
            async with connected(database) as connection:
                assert await check(connection, campus.parts.policy) == []


async def test_thirty_yuan_for_a_friends_room_rise_on_the_meter_itself(dormitory: Dormitory) -> None:
    await dormitory.until_known("102")
    before = dormitory.bus[PREPAID].remaining_mwh
    bought = await dormitory.buy("102")
    assert bought["order"]["state"] == "DELIVERING"
    await dormitory.until_state(bought["order"]["id"], "DELIVERED")
    meter = dormitory.bus[PREPAID]
    assert meter.credit_count == 7
    assert 53_000_000 < meter.remaining_mwh - before <= 53_730_000

    async def is_shown() -> bool:
        remaining = await dormitory.remaining("102")
        return remaining is not None and remaining > 58

    await until_told(is_shown, "the page shows what the meter says")


async def test_our_ledger_counts_where_the_meter_only_measures(dormitory: Dormitory) -> None:
    await dormitory.until_known("101")
    bought = await dormitory.buy("101")
    assert (bought["order"]["state"], bought["order"]["energy"]) == ("DELIVERED", "53.734")
    assert await dormitory.remaining("101") == pytest.approx(53.734, abs=0.01)


async def test_a_meter_that_refuses_gives_the_money_back(dormitory: Dormitory) -> None:
    await dormitory.until_known("102")
    dormitory.bus[PREPAID].credit_count = 9  # somebody charged it at the window
    bought = await dormitory.buy("102")
    await dormitory.until_state(bought["order"]["id"], "REFUNDED")
    data = await dormitory.campus.data("{ account { balance } }", who="student")
    assert data["account"]["balance"] == "500.00"


async def test_two_purchases_at_once_go_one_after_the_other(dormitory: Dormitory) -> None:
    await dormitory.until_known("102")
    orders = await asyncio.gather(*(dormitory.buy("102", "10.00", f"purchase-000{n}") for n in range(2)))
    ids = [order["order"]["id"] for order in orders]

    async def are_done() -> bool:
        for id in ids:
            await carry_on(dormitory.campus.parts, id)  # as the worker does
        return [await dormitory.state(id) for id in ids] == ["DELIVERED"] * 2

    await until_told(are_done, "both")
    assert dormitory.bus[PREPAID].credit_count == 8


async def test_the_utility_office_switches_a_room_off_and_on(dormitory: Dormitory) -> None:
    for n, (operation, tripped) in enumerate((("RELAY_OPEN", True), ("RELAY_CLOSE", False))):
        given = {
            "id": f"switch-000{n}",
            "meter": dormitory.ids["101"]["meter"],
            "operation": operation,
            "reason": "检修",
        }
        data = await dormitory.campus.data(SWITCH, {"input": given}, who="utility")
        command = data["meterCommand"]["command"]["id"]

        async def is_verified(command: str = command) -> bool:
            data = await dormitory.campus.data(
                "query ($id: ID!) { node(id: $id) { ... on DeviceCommand { state } } }",
                {"id": command},
                who="utility",
            )
            return bool(data["node"]["state"] == "VERIFIED")

        await until_told(is_verified, operation)
        assert dormitory.bus[PLAIN].tripped is tripped
