"""Rooms without energy are cut by day and lent some at night; the timetable; nobody's hand is undone."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from structlog.testing import capture_logs
from support.database import connected
from support.town import GATEWAY, UTILITY

from api.worker import look_for_power
from onecard.actions.buy_electricity import buy_electricity
from onecard.actions.command_meter import MeterOperation, command_meter
from onecard.actions.look_into_rooms import find_energy
from onecard.actions.post_energy import post_consumption
from onecard.actions.record_readings import Reading, record_readings
from onecard.actions.report_command import report_command
from onecard.ledger.check import check
from onecard.registry.meters import MeterFlag, Relay
from onecard.registry.things import CommandState
from onecard.rules.clock import in_shanghai
from onecard.rules.kinds import PayMethod
from onecard.rules.power import PowerNight

OPEN, CLOSE = MeterOperation.RELAY_OPEN, MeterOperation.RELAY_CLOSE


@pytest.fixture(autouse=True)
async def green(town):
    clock_to(town, 12)
    yield
    async with connected(town.dsn) as connection:
        assert await check(connection, town.parts.policy) == []


def clock_to(town, hour):
    """Forward to this hour in Shanghai, at least one on."""
    now = in_shanghai(town.watch()) + timedelta(hours=1)
    then = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    then += timedelta(days=then < now)
    town.watch.ahead += then - in_shanghai(town.watch())


async def read(town, total_wh, relay=Relay.CLOSED, room="101", flags=()):
    meter = await town.meter(room)
    reading = Reading(meter.id, town.watch(), total_wh, 100, relay, flags, None, None, True, None)
    assert await record_readings(town.parts, GATEWAY, [reading])


async def read_on(town, total_wh):
    town.watch.ahead += timedelta(seconds=1)
    await read(town, total_wh)


async def use_up(town):
    """12.5 kWh came with room 101, and all of it runs."""
    await read(town, 1_000_000)
    await post_consumption(town.parts)  # from here it counts
    town.watch.ahead += timedelta(minutes=1)
    await read(town, 1_012_500)


async def told(town):
    """What its relay was told last, by whom, and how far that is."""
    async with connected(town.dsn) as connection:
        rows = await connection.fetch(
            "SELECT id, operation, actor FROM device_command ORDER BY sequence DESC LIMIT 1"
        )
    return (rows[0]["operation"], rows[0]["actor"]) if rows else None


async def obeyed(town, total_wh=1_012_500):
    """The meter does what it was told, and says so."""
    command = await town.value("SELECT id FROM device_command ORDER BY sequence DESC LIMIT 1")
    operation = await town.value("SELECT operation FROM device_command WHERE id = $1", command)
    at = town.watch()
    await report_command(
        town.parts, GATEWAY, command_id=command, state=CommandState.VERIFIED, at=at, detail=None
    )
    town.watch.ahead += timedelta(seconds=1)
    await read(town, total_wh, Relay.OPEN if operation == OPEN else Relay.CLOSED)


async def pay_thirty(town):
    await town.give(5000)
    await buy_electricity(
        town.parts,
        await town.caller(),
        id=town.id(),
        room_id=await town.room(),
        amount_fen=3000,
        method=PayMethod.CARD_ACCOUNT,
        note=None,
    )


def with_power(town, **power):
    policy = town.parts.policy
    town.parts = replace(town.parts, policy=replace(policy, power=replace(policy.power, **power)))


async def test_a_room_without_energy_is_cut_once_and_lit_when_it_is_paid_for(town):
    await read(town, 1_000_000)
    assert await look_for_power(town.parts) == 0
    await use_up(town)
    assert await look_for_power(town.parts) == 1
    assert await told(town) == (OPEN, "power:money")
    assert await look_for_power(town.parts) == 0, "it was told"
    await obeyed(town)
    assert await look_for_power(town.parts) == 0

    await pay_thirty(town)
    assert await look_for_power(town.parts) == 1
    assert await told(town) == (CLOSE, "power:back")
    await obeyed(town)
    assert await look_for_power(town.parts) == 0


async def test_at_night_it_is_lent_energy_once_which_the_next_purchase_repays(town):
    clock_to(town, 23)
    await use_up(town)
    assert await look_for_power(town.parts) == 1
    assert await told(town) is None
    room = await town.room()
    energy = (await find_energy(town.parts, [room]))[room]
    assert energy.remaining_wh == 5_000
    owed = await town.value("SELECT emergency_fen FROM room_energy WHERE room_id = $1", room)
    assert owed == 280, "5 kWh at 0.5583, rounded up"
    await read_on(town, 1_017_600)
    assert await look_for_power(town.parts) == 0, "lent once; it stays lit until the morning"
    clock_to(town, 8)
    await read_on(town, 1_017_700)
    assert await look_for_power(town.parts) == 1
    assert await told(town) == (OPEN, "power:money")
    await obeyed(town, 1_017_700)

    await pay_thirty(town)
    assert await town.value("SELECT emergency_fen FROM room_energy WHERE room_id = $1", room) == 0
    assert await look_for_power(town.parts) == 1
    assert await told(town) == (CLOSE, "power:back")


async def test_the_timetable_darkens_a_building_and_lights_it_again(town):
    with_power(town, nights=(PowerNight(time(23), time(6), frozenset(range(7))),))
    clock_to(town, 23)
    await read(town, 1_012_500)
    assert await look_for_power(town.parts) == 1
    assert await told(town) == (OPEN, "power:night")
    await obeyed(town)
    assert await look_for_power(town.parts) == 0
    clock_to(town, 6)
    await read(town, 1_012_500, Relay.OPEN)
    assert await look_for_power(town.parts) == 1
    assert await told(town) == (CLOSE, "power:back")
    await obeyed(town)
    assert await look_for_power(town.parts) == 0


async def test_what_the_utility_office_switched_off_stays_off(town):
    await read(town, 1_000_000)
    await command_meter(
        town.parts,
        await town.caller(UTILITY),
        id=town.id(),
        meter_id=(await town.meter()).id,
        operation=OPEN,
        reason="检修线路",
    )
    await obeyed(town, 1_000_000)
    town.watch.ahead += timedelta(hours=20)
    await read(town, 1_000_000, Relay.OPEN)
    assert await look_for_power(town.parts) == 0


async def test_a_meter_that_saw_a_forbidden_appliance_has_the_say(town):
    await use_up(town)
    town.watch.ahead += timedelta(minutes=1)
    await read(town, 1_012_500, flags=(MeterFlag.MALICIOUS_CUT,))
    await look_for_power(town.parts)
    assert await told(town) is None


async def test_nobody_is_cut_by_an_old_reading(town):
    await use_up(town)
    town.watch.ahead += timedelta(seconds=town.parts.policy.reading_stale_s + 1)
    assert await look_for_power(town.parts) == 0


async def test_a_meter_that_does_not_obey_is_told_again_later(town):
    await use_up(town)
    assert await look_for_power(town.parts) == 1
    first = await town.value("SELECT id FROM device_command")
    await report_command(
        town.parts,
        GATEWAY,
        command_id=first,
        state=CommandState.REJECTED,
        at=town.watch(),
        detail="tripped",
    )
    assert await look_for_power(town.parts) == 0
    town.watch.ahead += timedelta(minutes=6)
    assert await look_for_power(town.parts) == 1
    assert await town.value("SELECT count(*) FROM device_command") == 2


async def test_a_room_that_fails_stops_no_other(town):
    """Nobody is in the register to be paid for what is lent: said for each room, and the others are looked at."""
    town.parts = replace(town.parts, policy=replace(town.parts.policy, power_merchant="nobody"))
    clock_to(town, 23)
    await use_up(town)
    await read(town, 500_000, room="201")
    with capture_logs() as logs:
        assert await look_for_power(town.parts) == 0
    left = [line["subject"] for line in logs if line["event"] == "left_for_later"]
    assert left == [await town.room("101"), await town.room("201")]
