"""Device commands: carried out once, in time, remembered, reported until heard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.stub_api import StubApi
from support.waiting import until

from devices_gateway import commands as module
from devices_gateway.transport import token
from sandbox.devices.pos import SaleState, TerminalState

CODE = "91234567890123456784"


def command(sequence: int, operation: str = "TERMINAL_STOP", **changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "id": f"cmd_{sequence}",
        "sequence": sequence,
        "device": "10000001",
        "operation": operation,
        "arguments": "{}",
        "issuedAt": now.isoformat(),
        "expiresAt": (now + timedelta(minutes=10)).isoformat(),
        "state": "PENDING",
        "reason": "盘点",
        **changes,
    }


def states(api: StubApi) -> list[tuple[str, str]]:
    return [(report["command"], report["state"]) for report in api.reports]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY_S", 0.05)


async def test_what_waited_before_the_gateway_came(house, api: StubApi) -> None:
    api.commands = [command(1)]
    await house.open()
    await until(lambda: ("cmd_1", "VERIFIED") in states(api), "the report")
    till = house.terminal()
    result = await till.pay(CODE, 1250)
    assert (result.response_code, result.voice) == ("58", "暂停服务")
    assert api.charges == {}


async def test_stop_and_start_over_the_subscription(house, api: StubApi) -> None:
    await house.open()
    await until(lambda: api.subscriptions, "the subscription")
    till = house.terminal()
    assert (await till.pay(CODE, 100)).approved
    await api.push(command(1))
    await until(lambda: ("cmd_1", "VERIFIED") in states(api), "the stop")
    assert not await till.sign_on()
    assert (till.state, till.voice) == (TerminalState.DECLINED, "暂停服务")
    assert (await till.pay("9" * 20, 100)).response_code == "58"
    assert (await house.terminal("10000002").pay("8" * 20, 100)).approved, "only the one"
    await api.push(command(2, "TERMINAL_START"))
    await until(lambda: ("cmd_2", "VERIFIED") in states(api), "the start")
    assert await till.sign_on()
    assert till.state is TerminalState.IDLE
    assert (await till.pay("7" * 20, 100)).approved


async def test_a_stopped_till_may_still_give_back(house, api: StubApi) -> None:
    await house.open()
    await until(lambda: api.subscriptions, "the subscription")
    till = house.terminal()
    assert (await till.pay(CODE, 1250)).approved
    await api.push(command(1))
    await until(lambda: ("cmd_1", "VERIFIED") in states(api), "the stop")
    assert (await till.reverse()).approved
    await until(lambda: api.paid_fen() == 0, "the reversal")


async def test_a_stopped_till_sends_the_reversal_it_owes(house, api: StubApi) -> None:
    await house.open()
    await until(lambda: api.subscriptions, "the subscription")
    till = house.terminal(reply_timeout_s=0.2, repeats=0)
    till.faults.drop_next_reply = 2
    assert (await till.pay(CODE, 1250)).response_code == "68"
    assert till.sales[0].state is SaleState.REVERSING
    await api.push(command(1))
    await until(lambda: ("cmd_1", "VERIFIED") in states(api), "the stop")
    till._reply_timeout_s = 5.0
    assert not await till.sign_on()
    assert till.sales[0].state is SaleState.REVERSED


async def test_a_restart_remembers(house, api: StubApi) -> None:
    api.commands = [command(1)]
    await house.open()
    await until(lambda: api.reports, "the report")
    await house.close()
    await api.stop()  # and nobody to remind it
    await house.open()
    assert (await house.terminal().pay(CODE, 1250)).response_code == "58"


async def test_told_twice_is_done_once(house, api: StubApi) -> None:
    await house.open()
    await until(lambda: api.subscriptions, "the subscription")
    stop = command(1)
    await api.push(stop)
    await until(lambda: ("cmd_1", "VERIFIED") in states(api), "the stop")
    await api.push(command(2, "TERMINAL_START"))
    await until(lambda: ("cmd_2", "VERIFIED") in states(api), "the start")
    api.reports.clear()
    await api.push(stop)
    await until(lambda: ("cmd_1", "VERIFIED") in states(api), "the stop, reported again")
    assert (await house.terminal().pay(CODE, 100)).approved, "and not carried out again"


async def test_a_late_older_command_does_not_undo_a_newer_one(house, api: StubApi) -> None:
    api.commands = [command(2, "TERMINAL_START")]
    await house.open()
    await until(lambda: api.reports and api.subscriptions, "the start")
    await api.push(command(1))
    await until(lambda: ("cmd_1", "REJECTED") in states(api), "the old stop is turned down")
    assert (await house.terminal().pay(CODE, 100)).approved


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"expiresAt": "2026-01-01T00:00:00+08:00"}, "EXPIRED"),
        ({"device": "99999999"}, "REJECTED"),
        ({"operation": "TERMINAL_EXPLODE"}, "REJECTED"),
    ],
)
async def test_what_is_not_carried_out(house, api: StubApi, changes: dict[str, Any], state: str) -> None:
    api.commands = [command(1, **changes)]
    await house.open()
    await until(lambda: api.reports, "the report")
    assert set(states(api)) == {("cmd_1", state)}
    assert (await house.terminal().pay(CODE, 100)).approved


async def test_after_a_drop_the_subscription_is_issued_again_and_nothing_is_missed(
    house, api: StubApi
) -> None:
    await house.open()
    await until(lambda: len(api.subscriptions) == 1, "the subscription")
    await api.push(command(5))
    await until(lambda: api.reports, "the first command")
    await api.stop()
    api.commands = [command(6, "TERMINAL_START")]  # issued while nobody listened
    await api.start()
    await until(lambda: ("cmd_6", "VERIFIED") in states(api), "the missed command")
    await until(lambda: len(api.subscriptions) == 2, "the new subscription")
    assert api.subscriptions[1] >= 5
    await api.push(command(7))
    await until(lambda: ("cmd_7", "VERIFIED") in states(api), "a command on the new subscription")


async def test_the_subscription_outlives_its_token(
    house, api: StubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left before the token ends and issued again with a new one; sales go on meanwhile."""
    monkeypatch.setattr(token, "LIFETIME_S", 3)
    monkeypatch.setattr(token, "RENEW_S", 1)
    monkeypatch.setattr("devices_gateway.transport.api.TOKEN_MARGIN_S", 1.0)
    await house.open()
    till = house.terminal()
    sold = 0
    while len(api.subscriptions) < 3:
        sold += 1
        assert (await till.pay(f"8{sold:019d}", 1)).approved
    await api.push(command(1))
    await until(lambda: ("cmd_1", "VERIFIED") in states(api), "a command on the newest subscription")
    assert api.paid_fen() == sold


async def test_a_report_nobody_heard_is_made_again(house, api: StubApi) -> None:
    await house.open()
    await until(lambda: api.subscriptions, "the subscription")
    api.faults.status = 503
    await api.push(command(1))
    await until(lambda: house.gateway.commands.is_stopped("10000001"), "the stop")
    assert api.reports == []
    await api.drop_subscriptions()
    api.faults.status = 0
    await until(lambda: ("cmd_1", "VERIFIED") in states(api), "the report")


async def test_the_gap_between_query_and_subscription_is_closed(house, api: StubApi) -> None:
    """A command issued after the first query, and never pushed: the second query finds it."""
    await house.open()
    await until(lambda: api.subscriptions, "the subscription")
    api.commands = [command(1)]
    await until(lambda: api.reports, "the command")
