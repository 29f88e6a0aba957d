"""A dashboard outside reads usage with a token of its own: no more than that, no more than its share, no byte twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from support.campus import Campus, Outside, open_dashboard
from support.dormitory import build_dormitory

from onecard.actions import read_usage
from onecard.outside.rate_limits import Limit
from onecard.registry.dashboards import all_tokens, end_token
from onecard.rules.kinds import MeterWay

USAGE = """{ usage(interval: DAY, by: BUILDING, from: "2026-11-20", to: "2026-11-21") {
    from energy complete building { name } } }"""
TWO_DAYS = """INSERT INTO usage_day (meter_id, day, room_id, wh, complete)
    SELECT m.id, d::date, m.room_id, 1500, true FROM meter m, generate_series(
        '2026-11-20'::date, '2026-11-21'::date, interval '1 day') d"""


@pytest.fixture(autouse=True)
async def used(campus: Campus) -> None:
    """Two rooms that used 1.5 kWh a day each."""
    rooms = {
        "101": ("202611000101", MeterWay.SERVER_CREDIT),
        "102": ("202611000102", MeterWay.METER_CREDIT),
    }
    await build_dormitory(campus, rooms)
    await campus.parts.database.execute_query(TWO_DAYS)


def code_of(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["extensions"]["code"])


async def test_it_reads_usage_by_documents_of_its_own(campus: Campus) -> None:
    data = await campus.data(USAGE, who=campus.dashboard)
    assert [(point["energy"], point["building"]["name"]) for point in data["usage"]] == [
        ("3.000", "大专部17栋"),
        ("3.000", "大专部17栋"),
    ]
    data = await campus.data("{ school { name } campuses { name buildings { name } } }", who=campus.dashboard)
    assert data["campuses"] == [{"name": "南校区", "buildings": [{"name": "大专部17栋"}]}]
    (token,) = await all_tokens(campus.parts.database)
    assert token.used_on is not None


async def test_and_nothing_else(campus: Campus) -> None:
    for query in ("{ me { number } }", "{ meters { edges { cursor } } }", '{ node(id: "rom_x") { id } }'):
        assert code_of(await campus.ask(query, who=campus.dashboard)) == "FORBIDDEN"
    rooms = """{ usage(interval: DAY, by: ROOM, from: "2026-11-20", to: "2026-11-20") { room {
        name meter { number } energy { remaining } power { state } daysLeft
        purchases { edges { cursor } } } } }"""
    data = await campus.data(rooms, who=campus.dashboard)
    assert [point["room"] for point in data["usage"]] == [
        {
            "name": f"大专部17栋 {number}",
            "meter": None,
            "energy": None,
            "power": None,
            "daysLeft": None,
            "purchases": {"edges": []},
        }
        for number in ("101", "102")
    ]


async def test_a_campuss_token_reads_that_campus_alone(campus: Campus) -> None:
    await campus.parts.database.execute_query(
        "INSERT INTO campus (id, code, name) VALUES ('cam_north', 'north', '北校区')"
    )
    north, south = [await open_dashboard(campus.parts, code) for code in ("north", "south")]
    assert (await campus.data(USAGE, who=north))["usage"] == []
    assert len((await campus.data(USAGE, who=south))["usage"]) == 2
    elsewhere = USAGE.replace("interval: DAY", 'interval: DAY, campus: "cam_north"')
    assert (await campus.data(elsewhere, who=south))["usage"] == []
    assert (await campus.data("{ campuses { name } }", who=north))["campuses"] == [{"name": "北校区"}]


@pytest.mark.parametrize("change", ["ended", "expired", "altered", "cut", "another's"])
async def test_a_token_that_is_not_good_is_401(campus: Campus, change: str) -> None:
    token = campus.dashboard.token
    if change == "ended":
        (row,) = await all_tokens(campus.parts.database)
        assert await end_token(campus.parts.database, row.id, "test", campus.clock())
    elif change == "expired":
        campus.clock.offset = timedelta(days=31)
    elif change == "altered":
        token = token[:-1] + ("0" if token[-1] != "0" else "1")
    elif change == "cut":
        token = token[:40]
    else:
        token = "dtk_" + "0" * 26 + token[30:]
    answer = await campus.post({"query": USAGE}, who=Outside(token))
    assert (answer.status_code, code_of(answer.json())) == (401, "UNAUTHENTICATED")


async def test_what_it_reads_costs_points(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_usage, "DASHBOARD_POINTS", Limit("dashboard points", 5, 60))
    for _ in range(2):  # two points each
        await campus.data(USAGE, who=campus.dashboard)
    answer = await campus.post({"query": USAGE}, who=campus.dashboard)
    assert (answer.status_code, code_of(answer.json())) == (429, "RATE_LIMITED")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    await campus.data(USAGE, who=await open_dashboard(campus.parts))  # each has its own share
    await campus.data(USAGE, who="utility")  # people are not counted by points


async def test_too_many_points_are_refused_before_they_are_read(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_usage, "MOST_POINTS", 3)
    for by in ("ROOM", "FLOOR"):
        answer = await campus.ask(USAGE.replace("BUILDING", by), who=campus.dashboard)
        if by == "ROOM":
            assert code_of(answer) == "BAD_USER_INPUT"
        else:  # both rooms are on one floor
            assert len(answer["data"]["usage"]) == 2


async def test_the_same_answer_is_sent_once(campus: Campus) -> None:
    address, headers = "/graphql?" + urlencode({"query": USAGE}), campus.bearer(campus.dashboard)
    first = await campus.http.get(address, headers=headers)
    assert first.status_code == 200
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for known in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        again = await campus.http.get(address, headers=headers | {"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await campus.parts.database.execute_query("UPDATE usage_day SET wh = wh + 1")
    changed = await campus.http.get(address, headers=headers | {"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_peoples_answers_are_kept_nowhere(campus: Campus) -> None:
    answer = await campus.http.get(
        "/graphql?" + urlencode({"query": "{ me { number } }"}), headers=campus.bearer("student")
    )
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
