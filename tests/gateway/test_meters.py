"""Meters on simulated lines, read and switched by the gateway over real sockets: every fault ends in a state that
says what is known, and nothing is switched twice or too late."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.meter_lines import QUICK_BAUD, bus_of, models, quick, simulated
from support.stub_api import StubApi
from support.waiting import until

from sandbox.devices.meter import Meter
from sandbox.devices.meter_bus import MeterBus

PLAIN, PREPAID, THIRD = "202611000101", "202611000102", "202611000103"
IDS = {PLAIN: "met_plain", PREPAID: "met_prepaid", THIRD: "met_third"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch):
    with quick(monkeypatch):
        yield


@pytest.fixture
async def bus() -> AsyncIterator[MeterBus]:
    meters = [
        simulated(PLAIN),
        simulated(PREPAID, prepaid=True, remaining_mwh=5_000_000, credit_count=6),
        simulated(THIRD),
    ]
    async with MeterBus(meters, baud=QUICK_BAUD) as opened:
        yield opened


@pytest.fixture
async def gateway(house, bus: MeterBus):
    return await house.open(
        meterModels=models(), buses=[bus_of(bus, IDS, [PREPAID])], meterRoundAtLeastS=0.05
    )


def order(sequence: int, operation: str, device: str = "met_plain", **changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    arguments = changes.pop("arguments", {})
    return {
        "id": f"cmd_{sequence}",
        "sequence": sequence,
        "device": device,
        "operation": operation,
        "arguments": json.dumps(arguments),
        "issuedAt": now.isoformat(),
        "expiresAt": (now + timedelta(minutes=5)).isoformat(),
        "state": "PENDING",
        "reason": "检修",
        **changes,
    }


def credit(sequence: int, counter: int = 7, wh: int = 53_730, **changes: Any) -> dict[str, Any]:
    told = {"order": "ele_1", "wh": wh, "counter": counter}
    return order(sequence, "CREDIT_WRITE", "met_prepaid", arguments=told, **changes)


async def ended(api: StubApi, command: str) -> dict[str, Any]:
    """The report that says how it ended."""
    ends = ("VERIFIED", "REJECTED", "EXPIRED", "UNKNOWN")

    def last() -> dict[str, Any] | None:
        found = [one for one in api.reports if one["command"] == command and one["state"] in ends]
        return found[-1] if found else None

    await until(last, f"the end of {command}")
    report = last()
    assert report is not None
    return report


def newest(api: StubApi, meter: str) -> dict[str, Any] | None:
    found = [one for one in api.readings if one["meter"] == meter]
    return found[-1] if found else None


async def tell(api: StubApi, command: dict[str, Any]) -> dict[str, Any]:
    await until(lambda: api.subscriptions, "the subscription")
    await api.push(command)
    return await ended(api, command["id"])


def plain(bus: MeterBus) -> Meter:
    return bus[PLAIN]


# ---------------------------------------------------------------- read


async def test_every_meter_is_read_and_told(gateway, api: StubApi, bus: MeterBus) -> None:
    await until(lambda: all(newest(api, meter) for meter in IDS.values()), "readings of all")
    said = newest(api, "met_prepaid")
    assert said is not None
    assert (said["heard"], said["relay"], said["powerW"], said["flags"]) == (True, "CLOSED", 200, [])
    assert said["total"].startswith("1000.")
    assert (said["remaining"][:2], said["creditCounter"]) == ("5.", 6) or said["remaining"].startswith("4.99")
    one = newest(api, "met_plain")
    assert one is not None
    assert (one["remaining"], one["creditCounter"]) == (None, None)


@pytest.mark.parametrize("fault", ["silent", "bad_checksum", "wrong_address"])
async def test_a_meter_that_does_not_answer_is_silent_and_holds_nobody_up(
    gateway, api: StubApi, bus: MeterBus, fault: str
) -> None:
    setattr(plain(bus).faults, fault, True)
    await until(lambda: (one := newest(api, "met_plain")) and one.get("silentSince"), "silence told")
    health = await gateway.health()
    assert health.meters_silent == 1
    count = len(api.readings)
    await until(lambda: len(api.readings) > count + 4, "the others are read on")
    setattr(plain(bus).faults, fault, False)
    await until(lambda: (one := newest(api, "met_plain")) and one["heard"], "it is heard again")
    await until(lambda: gateway.meters.silent == 0, "and no longer counted")


async def test_noise_before_the_answer_is_passed_over(gateway, api: StubApi, bus: MeterBus) -> None:
    plain(bus).faults.noise = True
    api.readings.clear()
    await until(lambda: (one := newest(api, "met_plain")) and one["heard"], "read through the noise")


async def test_a_meter_that_answers_errors_is_not_believed(gateway, api: StubApi, bus: MeterBus) -> None:
    plain(bus).faults.error = 1
    await until(lambda: (one := newest(api, "met_plain")) and one.get("silentSince"), "told as silent")


async def test_readings_wait_while_the_api_is_away(gateway, api: StubApi, bus: MeterBus) -> None:
    await until(lambda: newest(api, "met_plain"), "a reading")
    await api.stop()
    api.readings.clear()
    plain(bus).total_mwh += 5_000_000
    before = gateway.journal.works
    await until(lambda: gateway.journal.works > before + 6, "polls go on")
    await api.start()
    await until(
        lambda: (one := newest(api, "met_plain")) and one["total"].startswith("1005."), "told afterwards"
    )


async def test_a_line_that_is_down_is_told_and_comes_back(house, api: StubApi) -> None:
    meters = [simulated(PLAIN)]
    async with MeterBus(meters, baud=QUICK_BAUD) as bus:
        port = bus.port
        gateway = await house.open(
            meterModels=models(), buses=[bus_of(bus, {PLAIN: "met_plain"})], meterRoundAtLeastS=0.05
        )
        await until(lambda: newest(api, "met_plain"), "a reading")
    await until(lambda: gateway.meters.lines_down == ["line-1"], "the line is down")
    assert any("line-1" in problem for problem in (await gateway.health()).problems)
    api.readings.clear()
    async with MeterBus(meters, port=port, baud=QUICK_BAUD):
        await until(lambda: newest(api, "met_plain"), "a reading again")


# ---------------------------------------------------------------- switch


async def test_a_relay_is_opened_verified_and_closed(gateway, api: StubApi, bus: MeterBus) -> None:
    assert (await tell(api, order(1, "RELAY_OPEN")))["state"] == "VERIFIED"
    assert plain(bus).tripped
    await until(lambda: (one := newest(api, "met_plain")) and one["relay"] == "OPEN", "seen at once")
    assert (await tell(api, order(2, "RELAY_CLOSE")))["state"] == "VERIFIED"
    assert not plain(bus).tripped
    # One that is looked up again meanwhile is reported again, as it is.
    states = [*dict.fromkeys(one["state"] for one in api.reports if one["command"] == "cmd_1")]
    assert [state for state in states if state != "RECEIVED"] == ["SENT", "ACKNOWLEDGED", "VERIFIED"]


async def test_the_same_command_again_is_only_reported(gateway, api: StubApi, bus: MeterBus) -> None:
    await tell(api, order(1, "RELAY_OPEN"))
    count = len(api.reports)
    await api.push(order(1, "RELAY_OPEN"))
    await until(lambda: len(api.reports) > count, "reported again")
    assert plain(bus).relay_moves == 1


async def test_a_lost_answer_is_read_back_and_nothing_is_sent_again(
    gateway, api: StubApi, bus: MeterBus
) -> None:
    await until(lambda: newest(api, "met_plain"), "a reading")
    await until(lambda: api.subscriptions, "the subscription")
    plain(bus).faults.drop_next_reply = 1
    watched = order(1, "RELAY_OPEN")
    await api.push(watched)
    assert (await ended(api, "cmd_1"))["state"] == "VERIFIED"
    assert plain(bus).relay_moves == 1


async def test_a_relay_that_will_not_move_is_rejected(gateway, api: StubApi, bus: MeterBus) -> None:
    plain(bus).faults.relay_stuck = True
    report = await tell(api, order(1, "RELAY_OPEN"))
    assert (report["state"], report["detail"]) == ("REJECTED", "it said yes, and its relay did not move")


async def test_a_wrong_password_is_rejected_and_never_logged(
    house, api: StubApi, bus: MeterBus, caplog
) -> None:
    wrong = models()
    wrong["plain"]["relay"]["passwordHex"] = "02999999"
    await house.open(meterModels=wrong, buses=[bus_of(bus, {PLAIN: "met_plain"})], meterRoundAtLeastS=0.05)
    report = await tell(api, order(1, "RELAY_OPEN"))
    assert report["state"] == "REJECTED"
    assert "password" in report["detail"]
    assert "999999" not in caplog.text


async def test_a_silent_meter_is_unknown_after_it_was_told(gateway, api: StubApi, bus: MeterBus) -> None:
    plain(bus).faults.silent = True
    assert (await tell(api, order(1, "RELAY_OPEN")))["state"] == "UNKNOWN"


@pytest.mark.parametrize("operation", ["RELAY_OPEN", "CREDIT_WRITE"])
async def test_a_late_command_is_never_carried_out(
    gateway, api: StubApi, bus: MeterBus, operation: str
) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    late = order(1, operation, expiresAt=past, arguments={"wh": 10, "counter": 7})
    assert (await tell(api, late))["state"] == "EXPIRED"
    assert plain(bus).relay_moves == 0


async def test_an_older_switch_does_not_undo_a_newer_one(gateway, api: StubApi, bus: MeterBus) -> None:
    await tell(api, order(5, "RELAY_OPEN"))
    report = await tell(api, order(4, "RELAY_CLOSE"))
    assert (report["state"], plain(bus).tripped) == ("REJECTED", True)


async def test_what_nobody_understands_is_rejected(gateway, api: StubApi) -> None:
    assert (await tell(api, order(1, "DANCE")))["state"] == "REJECTED"
    assert (await tell(api, order(2, "RELAY_OPEN", "met_unknown")))["state"] == "REJECTED"


async def test_a_meter_is_read_at_once(gateway, api: StubApi, bus: MeterBus) -> None:
    plain(bus).total_mwh += 77_000_000
    assert (await tell(api, order(1, "READ_NOW")))["state"] == "VERIFIED"
    await until(lambda: (one := newest(api, "met_plain")) and one["total"].startswith("1077."), "told")


# ---------------------------------------------------------------- credit


async def test_credit_is_written_once_under_its_counter(gateway, api: StubApi, bus: MeterBus) -> None:
    assert (await tell(api, credit(1)))["state"] == "VERIFIED"
    meter = bus[PREPAID]
    assert meter.credit_count == 7
    assert 58_000_000 < meter.remaining_mwh <= 58_730_000
    assert (await tell(api, credit(2)))["state"] == "VERIFIED", "its counter says that it has it"
    assert meter.remaining_mwh <= 58_730_000
    await until(lambda: (one := newest(api, "met_prepaid")) and one["creditCounter"] == 7, "told")


async def test_a_counter_that_does_not_fit_is_rejected(gateway, api: StubApi, bus: MeterBus) -> None:
    report = await tell(api, credit(1, counter=9))
    assert (report["state"], report["detail"]) == ("REJECTED", "its counter is 6, so 9 is not the next")


async def test_a_lost_answer_to_a_credit_is_decided_by_the_counter(
    gateway, api: StubApi, bus: MeterBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter, answer = bus[PREPAID], bus[PREPAID].answer

    def lose_the_yes(request, *more):
        reply = answer(request, *more)
        if request.control == 0x14:
            meter.faults.drop_next_reply = 1
        return reply

    monkeypatch.setattr(meter, "answer", lose_the_yes)
    assert (await tell(api, credit(1)))["state"] == "VERIFIED"
    assert meter.credit_count == 7


async def test_a_meter_that_never_answers_was_told_nothing(gateway, api: StubApi, bus: MeterBus) -> None:
    bus[PREPAID].faults.silent = True
    report = await tell(api, credit(1))
    assert (report["state"], report["detail"]) == ("EXPIRED", "it does not answer, and was told nothing")


async def test_a_plain_meter_takes_no_credit(gateway, api: StubApi) -> None:
    assert (await tell(api, {**credit(1), "device": "met_plain"}))["state"] == "REJECTED"


# ---------------------------------------------------------------- stopped in between


async def test_a_gateway_that_stopped_after_sending_reads_back(house, api: StubApi, bus: MeterBus) -> None:
    options: dict[str, Any] = {
        "meterModels": models(),
        "buses": [bus_of(bus, IDS, [PREPAID])],
        "meterRoundAtLeastS": 0.05,
    }
    gateway = await house.open(**options)
    await until(lambda: api.subscriptions, "the subscription")
    plain(bus).faults.slow_s = 0.5  # it obeys, and the gateway is gone before it says so
    await api.push(order(1, "RELAY_OPEN"))
    await until(lambda: any(one["state"] == "SENT" for one in api.reports), "sent")
    await until(lambda: plain(bus).relay_moves == 1, "obeyed")
    await house.close()
    assert all(one["state"] != "VERIFIED" for one in api.reports)
    plain(bus).faults.slow_s = 0.0
    api.reports.clear()
    gateway = await house.open(**options)
    assert gateway is not None
    assert (await ended(api, "cmd_1"))["state"] == "VERIFIED"
    assert plain(bus).relay_moves == 1, "it was not told again"


async def test_a_command_goes_before_the_polls(gateway, api: StubApi, bus: MeterBus) -> None:
    asked: list[str] = []
    bus._on_frame = lambda address, direction, frame: (
        direction == "in"
        and asked.append(  # type: ignore[func-returns-value]  # a list of what was asked
            f"{address}:{frame.control:02x}"
        )
    )
    found = gateway.meters.find("met_third")
    assert found is not None
    _, line = found
    from devices_gateway.frames.dlt645 import TOTAL_ENERGY, read_request
    from devices_gateway.meters.line import Urgency

    polls = [
        asyncio.create_task(line.ask(read_request(PLAIN, TOTAL_ENERGY), Urgency.POLL)) for _ in range(20)
    ]
    await asyncio.sleep(0)
    await line.ask(read_request(THIRD, TOTAL_ENERGY), Urgency.COMMAND)
    place = asked.index(f"{THIRD}:11") if f"{THIRD}:11" in asked else 99
    await asyncio.gather(*polls)
    assert place < 6, "after what was on the wires, before all others"
