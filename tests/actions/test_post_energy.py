"""What ran and what the school gives, posted once each."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from support.database import connected
from support.town import GATEWAY

from onecard.actions.look_into_rooms import find_days_left, find_energy
from onecard.actions.post_energy import grant_quotas, post_consumption
from onecard.actions.record_readings import Reading, record_readings
from onecard.ledger.check import check
from onecard.registry.usage import Interval, Scope, UsageBy, find_usage
from onecard.rules.clock import in_shanghai
from onecard.rules.tariffs import Step, Tariff


@pytest.fixture(autouse=True)
async def green(town):
    yield
    async with connected(town.dsn) as connection:
        assert await check(connection, town.parts.policy) == []


async def read(town, total_wh, at, room="101"):
    meter = await town.meter(room)
    reading = Reading(meter.id, at, total_wh, 100, None, (), None, None, True, None)
    (outcome,) = await record_readings(town.parts, GATEWAY, [reading])
    return outcome


async def test_consumption_is_posted_by_enough_or_long_enough(town):
    now = town.watch()
    room = await town.room()
    await read(town, 1_000_000, now)
    assert await post_consumption(town.parts) == 0, "from here it counts"
    await read(town, 1_001_000, now + timedelta(minutes=1))
    assert await post_consumption(town.parts) == 0, "too little to be worth a line"
    await read(town, 1_006_000, now + timedelta(minutes=2))
    assert await post_consumption(town.parts) == 1
    assert await post_consumption(town.parts) == 0
    await read(town, 1_006_500, now + timedelta(hours=7))
    town.watch.ahead = timedelta(hours=7)
    assert await post_consumption(town.parts) == 1
    assert (await find_energy(town.parts, [room]))[room].remaining_wh == 12_500 - 6_500


async def test_quotas_are_granted_once_a_month(town):
    tariff = Tariff(date(2020, 1, 1), (Step(None, Decimal("0.5583")),), quota_wh=8_000)
    town.parts = replace(town.parts, policy=replace(town.parts.policy, tariffs=(tariff,)))
    assert await grant_quotas(town.parts) == 2
    assert await grant_quotas(town.parts) == 0
    town.watch.ahead = timedelta(days=31)
    assert await grant_quotas(town.parts) == 2
    await read(town, 1_000_000, town.watch())
    room = await town.room()
    energy = (await find_energy(town.parts, [room]))[room]
    assert (energy.quota_wh, energy.bought_wh) == (8_000, 12_500), "what was left of the first month lapsed"


async def hours(town, day, room=None):
    scope = Scope(room_id=room or await town.room())
    points = await find_usage(town.parts.database, scope, UsageBy.ALL, Interval.HOUR, day, day)
    return {in_shanghai(point.starts).hour: point.wh for point in points}


async def test_usage_is_right_after_a_late_reading(town):
    midnight = in_shanghai(town.watch()).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(
        days=2
    )
    day = midnight.date()
    await read(town, 1_000_000, midnight + timedelta(hours=8))
    await read(town, 1_004_000, midnight + timedelta(hours=12))
    assert await hours(town, day) == {8: 1_000, 9: 1_000, 10: 1_000, 11: 1_000, 12: 0}
    await read(town, 1_003_000, midnight + timedelta(hours=9))  # it comes late: most ran in the first hour
    assert await hours(town, day) == {8: 3_000, 9: 333, 10: 334, 11: 333, 12: 0}
    (point,) = await find_usage(
        town.parts.database, Scope(room_id=await town.room()), UsageBy.ALL, Interval.DAY, day, day
    )
    assert (point.wh, in_shanghai(point.starts)) == (4_000, midnight)
    assert (point.ends - point.starts) == timedelta(days=1)


async def test_usage_by_place_and_month(town):
    midnight = in_shanghai(town.watch()).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(
        days=1
    )
    for room, used in (("101", 2_000), ("201", 500)):
        await read(town, 1_000_000, midnight, room)
        await read(town, 1_000_000 + used, midnight + timedelta(hours=6), room)
    first = midnight.date()
    find = town.parts.database
    by_room = await find_usage(find, Scope(), UsageBy.ROOM, Interval.DAY, first, first)
    assert {point.place_id: point.wh for point in by_room} == {
        await town.room("101"): 2_000,
        await town.room("201"): 500,
    }
    by_floor = await find_usage(find, Scope(), UsageBy.FLOOR, Interval.DAY, first, first)
    assert {point.floor: point.wh for point in by_floor} == {1: 2_000, 2: 500}
    (month,) = await find_usage(find, Scope(), UsageBy.CAMPUS, Interval.MONTH, first, first)
    assert (month.wh, month.starts.astimezone(midnight.tzinfo).day) == (2_500, 1)


async def test_days_left_follow_the_last_fortnight(town):
    midnight = in_shanghai(town.watch()).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in (3, 2, 1):
        await read(town, 1_000_000 + (3 - back) * 5_000, midnight - timedelta(days=back))
    await read(town, 1_015_000, midnight)
    room = await town.room()
    assert (await find_days_left(town.parts, [room]))[room] == pytest.approx(12_500 / 5_000)
    assert await find_days_left(town.parts, [await town.room("201")]) == {}
