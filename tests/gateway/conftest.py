"""A gateway with its journal on disk, a stub API on a real port, terminals that speak real frames."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from support.stub_api import StubApi

from devices_gateway.config import read_config
from devices_gateway.gateway import Gateway, Health
from sandbox.devices.pos import PosTerminal

TERMINAL, OTHER_TERMINAL = "10000001", "10000002"
KEYS = {TERMINAL: bytes(range(16)), OTHER_TERMINAL: bytes(range(16, 32))}


@pytest.fixture
def enrolment_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
async def api(enrolment_key: Ed25519PrivateKey) -> AsyncIterator[StubApi]:
    async with StubApi(enrolment_key.public_key()) as stub:
        yield stub


WriteConfig = Callable[..., Path]


@pytest.fixture
def write_config(tmp_path: Path, api: StubApi, enrolment_key: Ed25519PrivateKey) -> WriteConfig:
    """Writes gateway.json, 0600; keywords replace or add to it."""

    def write(**changes: object) -> Path:
        pem = enrolment_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        path = tmp_path / "gateway.json"
        path.write_text(
            json.dumps(
                {
                    "gatewayId": "gw_test",
                    "privateKeyPem": pem,
                    "apiUrl": api.url,
                    "posListen": "127.0.0.1:0",
                    "terminals": {number: {"macKeyHex": key.hex()} for number, key in KEYS.items()},
                    "journal": "journal.db",
                    **changes,
                }
            )
        )
        path.chmod(0o600)
        return path

    return write


class House:
    """Starts gateways on the one journal, and terminals that know where the gateway is."""

    def __init__(self, write_config: WriteConfig, stack: AsyncExitStack) -> None:
        self._write_config = write_config
        self._stack = stack
        self.gateway: Gateway

    async def open(self, **changes: object) -> Gateway:
        self.gateway = Gateway(read_config(self._write_config(**changes)))
        await self.gateway.__aenter__()
        return self.gateway

    async def close(self) -> None:
        await self.gateway.__aexit__()

    async def until_health(self, condition: Callable[[Health], object], what: str) -> Health:
        for _ in range(2000):
            health = await self.gateway.health()
            if condition(health):
                return health
            await asyncio.sleep(0.01)
        raise AssertionError(f"waited for: {what}")

    def terminal(self, number: str = TERMINAL, *, key: bytes | None = None, **options: object) -> PosTerminal:
        host, port = self.gateway.address
        options = {"reply_timeout_s": 5.0, **options}
        terminal = PosTerminal(number, key or KEYS[number], host, port, **options)
        self._stack.push_async_callback(terminal.aclose)
        return terminal


@pytest.fixture
async def house(write_config: WriteConfig) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        house = House(write_config, stack)
        yield house
        if hasattr(house, "gateway"):
            await house.close()
