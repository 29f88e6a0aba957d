"""Somebody moves: their history goes with them, and the day of the move is split by what the meters said."""

import copy
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from support.town import BOUND, GATEWAY, ROWS, UNBOUND, write_rows

from onecard.actions.load_rows import load_rows
from onecard.actions.read_at_moves import look_for_moves, read_at_move
from onecard.actions.record_readings import Reading, record_readings
from onecard.actions.rows import RowsError
from onecard.registry.moves import find_persons_usage, stays_of
from onecard.registry.usage import Interval

DAY = datetime(2026, 11, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
NOON = DAY + timedelta(hours=10, minutes=20)


async def read(town, room, at, total_wh):
    meter = await town.meter(room)
    reading = Reading(meter.id, at, total_wh, 100, None, (), None, None, True, None)
    await record_readings(town.parts, GATEWAY, [reading])


async def swap(town, since):
    """The two students change rooms at that moment, or now."""
    people = copy.deepcopy(ROWS["people"])
    people[0]["room"], people[1]["room"] = people[1]["room"], people[0]["room"]
    for row in people[:2]:
        row["room_since"] = since
    await load_rows(
        town.records, write_rows(town.rows, ROWS | {"people": people}), lambda kind, done, total: None
    )


async def person(town, number):
    return await town.value("SELECT id FROM person WHERE number = $1", number)


async def used(town, number, interval=Interval.DAY, first=DAY, last=DAY):
    points = await find_persons_usage(
        town.parts.database, await person(town, number), interval, first.date(), last.date()
    )
    names = {await town.room(room): room for room in ("101", "201")}
    return {names[point.place_id]: point.wh for point in points}


@pytest.fixture
async def lived_in(town):
    await town.execute("UPDATE residence SET since = $1", DAY - timedelta(days=30))
    return town


async def test_the_day_is_split_at_the_reading(lived_in):
    for room, totals in (("101", (1_000_000, 1_010_000, 1_012_000)), ("201", (500_000, 501_000, 509_000))):
        for at, total in zip((DAY, NOON, DAY + timedelta(days=1)), totals, strict=True):
            await read(lived_in, room, at, total)
    await swap(lived_in, NOON.isoformat())
    assert await used(lived_in, BOUND) == {"101": 10_000, "201": 8_000}
    assert await used(lived_in, UNBOUND) == {"201": 1_000, "101": 2_000}
    assert await used(lived_in, BOUND, Interval.MONTH, DAY - timedelta(days=19), DAY) == {
        "101": 10_000,
        "201": 8_000,
    }
    stays = await stays_of(lived_in.parts.database, await person(lived_in, BOUND))
    assert [(stay.since, stay.until) for stay in stays] == [
        (NOON, None),
        (DAY - timedelta(days=30), NOON),
    ]


async def test_without_a_reading_at_the_move_what_ran_is_spread_evenly(lived_in):
    for at, total in ((DAY, 1_000_000), (DAY + timedelta(days=1), 1_024_000)):  # 1 kWh an hour
        await read(lived_in, "101", at, total)
    await swap(lived_in, NOON.isoformat())
    assert await used(lived_in, BOUND) == {"101": 10_333}
    assert await used(lived_in, UNBOUND) == {"101": 13_667}
    await read(lived_in, "101", NOON, 1_020_000)  # it comes late
    assert await used(lived_in, BOUND) == {"101": 20_000}
    assert await used(lived_in, UNBOUND) == {"101": 4_000}


async def test_days_before_and_after_are_whole(lived_in):
    for day in range(-1, 3):
        await read(lived_in, "101", DAY + timedelta(days=day), 1_000_000 + day * 5_000)
    await swap(lived_in, NOON.isoformat())
    days = {"first": DAY - timedelta(days=1), "last": DAY + timedelta(days=1)}
    theirs = [await used(lived_in, number, Interval.MONTH, **days) for number in (BOUND, UNBOUND)]
    assert sum(one["101"] for one in theirs) == 15_000
    assert await used(lived_in, BOUND, first=DAY - timedelta(days=1), last=DAY - timedelta(days=1)) == {
        "101": 5_000
    }
    assert await used(lived_in, BOUND, first=DAY + timedelta(days=1), last=DAY + timedelta(days=1)) == {}


async def test_both_meters_are_read_at_once_and_once(lived_in):
    assert await look_for_moves(lived_in.parts) == []
    await swap(lived_in, None)
    moves = await look_for_moves(lived_in.parts)
    assert len(moves) == 4  # two people, two meters each
    assert [await read_at_move(lived_in.parts, move) for move in moves] == [True] * 4
    assert not any([await read_at_move(lived_in.parts, move) for move in moves])
    assert await lived_in.value("SELECT count(*) FROM device_command WHERE operation = 'READ_NOW'") == 4
    lived_in.watch.ahead = timedelta(seconds=20)
    for room in ("101", "201"):
        await read(lived_in, room, lived_in.watch(), 1_000_000)
    assert await look_for_moves(lived_in.parts) == []


async def test_an_old_move_is_not_read_any_more(lived_in):
    await swap(lived_in, (lived_in.watch() - timedelta(hours=2)).isoformat())
    assert await look_for_moves(lived_in.parts) == []


@pytest.mark.parametrize("wrong", ["yesterday", "2026-09-01", "2026-09-01T08:00:00"])
async def test_a_moment_without_an_offset_is_none(town, wrong):
    with pytest.raises(RowsError, match="room_since"):
        await swap(town, wrong)


async def test_a_move_before_the_one_before_begins_where_that_ended(lived_in):
    await swap(lived_in, (DAY - timedelta(days=40)).isoformat())
    new, old = await stays_of(lived_in.parts.database, await person(lived_in, BOUND))
    assert new.since == old.until == old.since
