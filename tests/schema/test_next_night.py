"""What a building's timetable says, asked over HTTP."""

from datetime import datetime, timedelta

from support.campus import open_campus
from support.dormitory import build_dormitory

from onecard.rules.kinds import MeterWay
from onecard.rules.power_policy import read_power_policy

ASK = "query ($id: ID!) { room(id: $id) { building { nextNight { off on } } } }"


async def test_a_room_knows_when_its_building_is_dark_next(database, redis_url):
    night = {"off": "23:00", "on": "06:00", "buildings": ["17"]}
    policy = {"power": read_power_policy({"nights": [night]})}
    async with open_campus(database, redis_url, policy=policy) as campus:
        ids = await build_dormitory(campus, {"101": ("202611000101", MeterWay.SERVER_CREDIT)})
        data = await campus.data(ASK, {"id": ids["101"]["room"]}, who="student")
        told = data["room"]["building"]["nextNight"]
        off, on = datetime.fromisoformat(told["off"]), datetime.fromisoformat(told["on"])
        assert (off.strftime("%H:%M%z"), on.strftime("%H:%M%z")) == ("23:00+0800", "06:00+0800")
        assert timedelta() < on - campus.clock() <= timedelta(hours=31)


async def test_where_there_is_none_it_is_null(campus):
    ids = await build_dormitory(campus, {"101": ("202611000101", MeterWay.SERVER_CREDIT)})
    data = await campus.data(ASK, {"id": ids["101"]["room"]}, who="student")
    assert data["room"]["building"] == {"nextNight": None}
