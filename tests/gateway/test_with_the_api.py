"""The real gateway and the real API, each over real sockets: what two sides agree on, agreed on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.campus import OWN_TERMINAL, Campus, open_campus
from support.serving import serving
from support.waiting import until, until_told

from devices_gateway import gateway as module
from devices_gateway.config import read_config
from devices_gateway.gateway import Gateway
from sandbox.devices.pos import PosTerminal

KEY = bytes(range(16))
STATE = "query ($id: ID!) { node(id: $id) { ... on DeviceCommand { state } } }"
SET = """mutation ($input: TerminalSetStateInput!) {
    terminalSetState(input: $input) { ... on TerminalStateSet { command { id } } }
}"""


@pytest.fixture
async def campus(database: str, redis_url: str) -> AsyncIterator[Campus]:
    async with open_campus(database, redis_url) as opened:
        await opened.top_up("student", 5000)
        yield opened


@pytest.fixture
async def gateway(campus: Campus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.05)
    path = tmp_path / "gateway.json"
    pem = campus.gateway.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    async with serving(campus.app) as address:
        content = {
            "gatewayId": campus.gateway.gateway_id,
            "privateKeyPem": pem,
            "apiUrl": f"http://{address}",
            "posListen": "127.0.0.1:0",
            "terminals": {OWN_TERMINAL: {"macKeyHex": KEY.hex()}},
            "journal": "journal.db",
        }
        path.write_text(json.dumps(content))
        path.chmod(0o600)
        async with Gateway(read_config(path)) as opened:
            yield opened


@pytest.fixture
async def till(gateway: Gateway) -> AsyncIterator[PosTerminal]:
    terminal = PosTerminal(OWN_TERMINAL, KEY, *gateway.address)
    yield terminal
    await terminal.aclose()


async def available(campus: Campus) -> str:
    data = await campus.data("{ account { available } }", who="student")
    return str(data["account"]["available"])


async def set_state(campus: Campus, state: str) -> str:
    given = {"id": f"set-{state}", "terminal": campus.gateway.terminal_id, "state": state, "reason": "盘点"}
    data = await campus.data(SET, {"input": given}, who="operator")
    return str(data["terminalSetState"]["command"]["id"])


async def until_verified(campus: Campus, command: str) -> None:
    async def is_verified() -> bool:
        data = await campus.data(STATE, {"id": command}, who="operator")
        return bool(data["node"]["state"] == "VERIFIED")

    await until_told(is_verified, "the gateway's report")


async def test_paid_repeated_and_taken_back(campus: Campus, till: PosTerminal) -> None:
    till.faults.drop_next_reply = 1
    till._reply_timeout_s = 1.0
    result = await till.pay(await campus.code(), 1250)
    assert (result.display, result.attempts) == ("支付成功\n张** 12.50元\n可用余额 37.50元", 2)
    assert result.reference is not None
    assert await available(campus) == "37.50"
    assert (await till.reverse()).approved

    async def is_back() -> bool:
        return await available(campus) == "50.00"

    await until_told(is_back, "the reversal")


async def test_refused_by_rule(campus: Campus, till: PosTerminal) -> None:
    code = await campus.code()
    assert (await till.pay(code, 9900)).response_code == "51"
    assert (await till.pay("9" * 20, 100)).response_code == "14"
    assert (await till.pay(code, 100)).approved, "a refused payment burns no code"
    assert (await till.pay(code, 100)).response_code == "65"
    assert await available(campus) == "49.00"


async def test_an_operator_stops_a_till_and_starts_it_again(
    campus: Campus, gateway: Gateway, till: PosTerminal
) -> None:
    await until(lambda: gateway.commands.is_connected, "the command channel")
    await until_verified(campus, await set_state(campus, "STOPPED"))
    assert (await till.pay(await campus.code(), 100)).response_code == "58"
    assert not await till.sign_on()
    await until_verified(campus, await set_state(campus, "IN_SERVICE"))
    assert (await till.pay(await campus.code(), 100)).approved


async def test_the_api_knows_which_till_is_there(campus: Campus, till: PosTerminal) -> None:
    assert await till.sign_on()

    async def is_seen() -> bool:
        data = await campus.data("{ terminals { number lastSeenAt } }", who="operator")
        return any(row["number"] == OWN_TERMINAL and row["lastSeenAt"] for row in data["terminals"])

    await until_told(is_seen, "the heartbeat")
