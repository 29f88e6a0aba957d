"""`onecard gateway` as a process: killed at the worst moment, asked to stop, started twice."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from support.gateway_wire import Wire, sale
from support.stub_api import StubApi
from support.waiting import until

CODE = "91234567890123456784"
START_TIMEOUT_S = 30.0


class Gateway:
    """One `onecard gateway --config FILE` after the other."""

    def __init__(self) -> None:
        self.process: Process
        self.address: tuple[str, int]
        self.health: str

    async def start(self, config: Path, *options: str) -> None:
        command = [sys.executable, "-m", "api.cli", "gateway", "--config", str(config), *options]
        self.process = await asyncio.create_subprocess_exec(
            *command, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(START_TIMEOUT_S):
            while line := (await self.process.stdout.readline()).decode():
                if "listens on" in line:
                    host, port = line.split()[-1].rsplit(":", 1)
                    self.address = (host, int(port))
                if "health" in line:
                    self.health = line.split()[-1]
                    return
        raise AssertionError("the gateway did not start")

    async def kill(self) -> None:
        """kill -9, and wait until it is reaped."""
        self.process.kill()
        await self.process.wait()

    async def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), START_TIMEOUT_S)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    yield gateway
    with suppress(ProcessLookupError, AttributeError):
        gateway.process.kill()
        await gateway.process.wait()


@pytest.fixture
def config(write_config) -> Path:
    return write_config(healthListen="127.0.0.1:0", answerWithinS=6)


async def test_killed_between_the_charge_and_the_reply(gateway: Gateway, api: StubApi, config: Path) -> None:
    await gateway.start(config)
    api.faults.hang_after = True
    frame = sale(CODE, 1250)
    wire = await Wire.open(gateway.address)
    await wire.send(frame)
    await until(lambda: api.charges, "the charge")
    await gateway.kill()
    assert await wire.read() is None
    await wire.close()
    api.faults.hang_after = False

    await gateway.start(config)
    async with await Wire.open(gateway.address) as wire:
        reply = await wire.reply(frame)
        assert reply.response_code == "00"
        assert await wire.reply(frame) == reply
    assert len(api.order) == 1
    assert api.paid_fen() == 1250


async def test_killed_and_nobody_asks_again(gateway: Gateway, api: StubApi, write_config) -> None:
    """The till got no answer and died too: the next start declines the sale and gives the money back."""
    config = write_config(healthListen="127.0.0.1:0", repeatWindowS=0)
    await gateway.start(config)
    api.faults.hang_after = True
    frame = sale(CODE, 1250)
    wire = await Wire.open(gateway.address)
    await wire.send(frame)
    await until(lambda: api.charges, "the charge")
    await gateway.kill()
    await wire.close()
    api.faults.hang_after = False

    await gateway.start(config)
    await until(lambda: api.paid_fen() == 0, "the reversal")
    async with await Wire.open(gateway.address) as wire:
        assert (await wire.reply(frame)).response_code == "91", "and stays declined"
    assert api.paid_fen() == 0


async def test_killed_under_load_and_repeated(gateway: Gateway, api: StubApi, config: Path) -> None:
    """Twenty tills, the gateway killed in the middle, every sale asked for again: each is paid once."""
    api.available_fen = 1_000_000
    frames = [sale(f"9{number:019d}", 100, trace=number) for number in range(40)]
    await gateway.start(config)

    async def ask_all(address: tuple[str, int]) -> list[bytes | None]:
        async def ask(frame: bytes) -> bytes | None:
            try:
                async with await Wire.open(address) as wire:
                    return await wire.ask(frame)
            except ConnectionError:
                return None

        return await asyncio.gather(*(ask(frame) for frame in frames))

    asking = asyncio.create_task(ask_all(gateway.address))
    await until(lambda: len(api.order) >= 10, "some sales")
    await gateway.kill()
    before = await asking
    await gateway.start(config)
    after = await ask_all(gateway.address)
    assert None not in after
    assert all(old in (None, new) for old, new in zip(before, after, strict=True)), "the original answers"
    assert len(api.order) == len(set(api.order)) == len(frames)
    assert api.paid_fen() == 100 * len(frames)


async def test_sigterm_finishes_what_is_in_hand(gateway: Gateway, api: StubApi, config: Path) -> None:
    await gateway.start(config)
    api.faults.status = 503
    async with await Wire.open(gateway.address) as wire:
        await wire.send(sale(CODE, 1250))
        await until(lambda: "payment_code_charge" in api.calls, "the charge on its way")
        ending = asyncio.create_task(gateway.terminate())
        api.faults.status = 0
        assert (await wire.receive()).response_code == "00"
    assert await ending == 0
    assert api.paid_fen() == 1250


async def test_a_second_gateway_on_the_same_journal_is_told_why(
    gateway: Gateway, api: StubApi, config: Path
) -> None:
    await gateway.start(config)
    second = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "api.cli", "gateway", "--config", str(config)], stdout=PIPE, stderr=PIPE
    )
    _, told = await asyncio.wait_for(second.communicate(), START_TIMEOUT_S)
    assert second.returncode == 1
    assert "Stop the other gateway that has it" in told.decode()


@pytest.mark.parametrize("member", ["posListen", "healthListen"])
async def test_an_address_in_use_is_named(api: StubApi, write_config, member: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        config = write_config(**{member: taken})
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "api.cli", "gateway", "--config", str(config)], stderr=PIPE
        )
        _, told = await asyncio.wait_for(process.communicate(), START_TIMEOUT_S)
    assert process.returncode == 1
    assert f"cannot listen on {taken}" in told.decode()
    assert f"change {member}" in told.decode()


async def test_a_damaged_journal_is_named(api: StubApi, config: Path) -> None:
    (config.parent / "journal.db").write_bytes(b"no database" * 1000)
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "api.cli", "gateway", "--config", str(config)], stderr=PIPE
    )
    _, told = await asyncio.wait_for(process.communicate(), START_TIMEOUT_S)
    assert process.returncode == 1
    assert "The journal is damaged" in told.decode()


async def test_health_and_metrics(gateway: Gateway, api: StubApi, config: Path) -> None:
    await gateway.start(config)
    async with aiohttp.ClientSession() as session:
        async with session.get(gateway.health) as response:
            assert response.status == 200
            health = await response.json()
        async with session.get(gateway.health.replace("healthz", "metrics")) as response:
            metrics = await response.text()
    assert (health["gateway"], health["problems"]) == ("gw_test", [])
    assert 'onecard_gateway_outbox_waiting{gateway="gw_test"} 0.0' in metrics


async def test_a_missing_configuration_says_what_to_do(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "api.cli", "gateway", "--config", str(tmp_path / "none.json")], stderr=PIPE
    )
    _, told = await asyncio.wait_for(process.communicate(), START_TIMEOUT_S)
    assert process.returncode == 1
    assert "onecard enrol gateway" in told.decode()
