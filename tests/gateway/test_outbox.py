"""Eight lanes: an outage stops them, a poison message stops only its own device, nothing is dropped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.stub_api import StubApi
from support.waiting import until

from devices_gateway import outbox as module
from devices_gateway.journal import Journal
from devices_gateway.outbox import (
    LANES,
    Outbox,
    Outgoing,
    Undeliverable,
    enqueue,
    find_backlog,
    lane_of,
    requeue_dead_letters,
)
from devices_gateway.transport.api import Failed, NoAnswer, Unauthorized
from devices_gateway.transport.token import TokenSource

CODE = "91234567890123456784"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY_S", 0.001)
    monkeypatch.setattr(module, "LONGEST_DELAY_S", 0.01)


class World:
    """An API that hears messages, and fails as told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.tries: dict[str, int] = {}
        self.fail: dict[str, Exception] = {}  # message name, or "*" for all
        self.successes = 0

    async def send(self, message: Mapping[str, Any]) -> None:
        name = message["name"]
        self.tries[name] = self.tries.get(name, 0) + 1
        error = self.fail.get(name) or self.fail.get("*")
        if error is not None:
            raise error
        self.successes += 1
        self.heard.append(name)


class Post:
    def __init__(self, journal: Journal, world: World) -> None:
        self.journal = journal
        self.outbox = Outbox(journal, {"T": world.send}, lambda: world.successes)

    async def put(self, device: str, *names: str) -> None:
        for name in names:
            outgoing = Outgoing(name, device, "T", {"name": name})
            await self.journal.run(lambda connection, o=outgoing: enqueue(connection, o, 1.0))
        self.outbox.wake(device)

    async def backlog(self) -> tuple[int, int]:
        found = await self.journal.run(find_backlog)
        return found.waiting, found.dead

    async def until_backlog(self, waiting: int, dead: int) -> None:
        for _ in range(4000):
            if await self.backlog() == (waiting, dead):
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"waited for {waiting} waiting, {dead} dead; are {await self.backlog()}")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def post(tmp_path: Path, world: World) -> AsyncIterator[Post]:
    journal = Journal(tmp_path / "journal.db", 1 << 30)
    await journal.start()
    post = Post(journal, world)
    running = asyncio.create_task(post.outbox.run())
    yield post
    running.cancel()
    await asyncio.wait([running])
    await journal.aclose()


async def test_in_order_per_device(post: Post, world: World) -> None:
    for device in ("a", "b", "c"):
        await post.put(device, *(f"{device}{number:03d}" for number in range(50)))
    await post.until_backlog(0, 0)
    for device in ("a", "b", "c"):
        heard = [name for name in world.heard if name.startswith(device)]
        assert heard == sorted(heard)
        assert len(heard) == 50


async def test_the_same_event_is_kept_once(post: Post, world: World) -> None:
    world.fail["*"] = NoAnswer("down")
    await post.put("a", "x", "x", "x")
    assert (await post.backlog())[0] == 1
    world.fail.clear()
    await post.until_backlog(0, 0)
    assert world.heard == ["x"]


@pytest.mark.parametrize("error", [NoAnswer("down"), Unauthorized("who?")])
async def test_an_outage_loses_nothing_however_long(post: Post, world: World, error: Exception) -> None:
    world.fail["*"] = error
    await post.put("a", *(f"a{number}" for number in range(20)))
    await until(lambda: world.tries.get("a0", 0) > module.MAX_FAILURES * 2, "many tries")
    assert await post.backlog() == (20, 0)
    world.fail.clear()
    await post.until_backlog(0, 0)
    assert len(world.heard) == len(set(world.heard)) == 20


async def test_errors_while_nobody_is_answered_are_an_outage_too(post: Post, world: World) -> None:
    """A database that is away makes GraphQL errors of everything: that is no poison."""
    world.fail["*"] = Failed("INTERNAL")
    await post.put("a", "x")
    await until(lambda: world.tries.get("x", 0) > module.MAX_FAILURES * 2, "many tries")
    assert await post.backlog() == (1, 0)
    world.fail.clear()
    await post.until_backlog(0, 0)


async def test_a_poison_message_becomes_a_dead_letter_and_lets_others_pass(post: Post, world: World) -> None:
    world.fail["poison"] = Failed("INTERNAL")
    same_lane = next(name for name in map(str, range(1000)) if lane_of(name) == lane_of("a"))
    await post.put("a", "poison", "behind it")
    await post.put(same_lane, "neighbour")
    await until(lambda: "neighbour" in world.heard, "the neighbour in its lane")
    assert "behind it" not in world.heard, "the order of its own device holds"
    for number in range(200):
        if "behind it" in world.heard:
            break
        await post.put(same_lane, f"n{number}")
        await until(lambda name=f"n{number}": name in world.heard, "traffic")
    await post.until_backlog(0, 1)
    assert "behind it" in world.heard


async def test_a_no_for_good_is_a_dead_letter_at_once_and_can_be_sent_again(post: Post, world: World) -> None:
    world.fail["x"] = Undeliverable("TERMINAL_UNKNOWN")
    await post.put("a", "x", "y")
    await post.until_backlog(0, 1)
    assert world.heard == ["y"]
    assert world.tries["x"] == 1
    world.fail.clear()
    assert await post.journal.run(requeue_dead_letters) == 1
    post.outbox.wake("a")
    await post.until_backlog(0, 0)
    assert world.heard == ["y", "x"]


def test_lanes_do_not_change_with_the_process() -> None:
    lanes = [lane_of(f"1000{number:04d}") for number in range(1000)]
    assert set(lanes) == set(range(LANES))
    assert lane_of("10000001") == 3


# ── through the whole gateway ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("outcome", ["TerminalUnknown", "NotAllowed", "IdempotencyConflict"])
async def test_a_reversal_the_api_refuses_is_shown_to_a_person(house, api: StubApi, outcome: str) -> None:
    await house.open()
    api.reverse_result = {"__typename": outcome, "code": "SOME_CODE"}
    till = house.terminal()
    assert (await till.pay(CODE, 1250)).approved
    assert (await till.reverse()).approved
    health = await house.until_health(lambda health: health.dead_letters, "the dead letter")
    assert health.problems == ["dead letters: a person must look"]
    (letter,) = health.letters
    assert (letter.device, letter.kind, letter.reason) == ("10000001", "REVERSAL", "SOME_CODE")
    assert letter.message["charge"] in api.charges


async def test_an_answer_that_cannot_be_read_is_asked_for_again(house, api: StubApi) -> None:
    """It may be anybody's between here and the API; the gateway goes on."""
    await house.open()
    api.reverse_result = {}
    till = house.terminal()
    assert (await till.pay(CODE, 1250)).approved
    assert (await till.reverse()).approved
    await until(lambda: api.calls.count("charge_reverse") >= 3, "some tries")
    assert not house.gateway.failed.is_set()
    api.reverse_result = None
    await until(lambda: api.paid_fen() == 0, "the reversal")
    await house.until_health(lambda health: health.waiting == 0, "the outbox to empty")


async def test_already_reversed_is_as_good(house, api: StubApi) -> None:
    await house.open()
    api.reverse_result = {"__typename": "AlreadyReversed", "code": "ALREADY_REVERSED"}
    till = house.terminal()
    assert (await till.pay(CODE, 1250)).approved
    assert (await till.reverse()).approved
    health = await house.until_health(lambda health: health.waiting == 0, "the outbox to empty")
    assert health.dead_letters == 0


async def test_waiting_for_minutes_is_an_alarm(house, api: StubApi, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.open()
    till = house.terminal()
    assert (await till.pay(CODE, 1250)).approved
    await api.stop()
    assert (await till.reverse()).approved
    assert (await house.gateway.health()).problems == []
    monkeypatch.setattr("devices_gateway.gateway.AGE_ALARM_S", -1.0)
    assert "the API has not heard everything for minutes" in (await house.gateway.health()).problems


async def test_an_api_that_is_silent_is_an_alarm_though_nothing_waits(
    house, api: StubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent, so nothing is kept; but every sale is declined, and somebody must hear of it."""
    await house.open()
    await until(lambda: api.calls.count("pending_commands"), "the first look")
    assert (await house.gateway.health()).problems == []
    await api.stop()
    monkeypatch.setattr("devices_gateway.gateway.AGE_ALARM_S", 0.05)
    health = await house.until_health(lambda health: health.problems, "the alarm")
    assert health.waiting == 0
    assert health.problems == ["the API has not answered for minutes"]


async def test_a_clock_that_is_off_is_an_alarm(house, api: StubApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is refused then, and nothing else says why."""
    late = partial(TokenSource, clock=lambda: time.time() - 7200)
    monkeypatch.setattr("devices_gateway.gateway.TokenSource", late)
    await house.open()
    health = await house.until_health(lambda health: health.problems, "the alarm")
    (problem,) = health.problems
    assert problem.endswith("s behind the API's, which therefore refuses us: set it")
    assert -7210 < health.clock_ahead_s < -7190
