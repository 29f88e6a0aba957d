"""Rows into the register: twice is once, changes arrive, and a wrong line is named."""

import copy
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.town import BOUND, ROWS, TILL, UNBOUND, open_town, write_rows

import onecard.migrations
from onecard.actions.load_rows import load_rows
from onecard.actions.rows import RowsError

BOUND_BEFORE = {"number": "1", "name": "x", "wecom_userid": "x", "bound_at": "2026-09-01T08:00:00+08:00"}
HISTORY = [
    ("RECHARGE", "100.00", "06:30", {}),
    ("PAYMENT", "12.50", "11:40", {"terminal": TILL}),
    ("CASH_TOP_UP", "20.00", "12:00", {}),
    ("CHIP_LOAD", "90.00", "12:10", {"terminal": TILL}),
    ("CARD_TAP", "3.66", "12:11", {"terminal": TILL}),
    ("PAYMENT", "12.50", "12:51", {"terminal": TILL}),
    ("REVERSAL", "12.50", "12:52", {"terminal": TILL, "of": "h-6"}),
    ("RECHARGE", "30.00", "16:20", {"wallet_type": "ELECTRONIC"}),
    ("REFUND", "30.00", "17:00", {"of": "h-8"}),
]


def history(person=BOUND):
    return [
        {
            "id": f"h-{number}",
            "person": person,
            "kind": kind,
            "amount": amount,
            "occurred_at": f"2026-10-01T{at}:00+08:00",
        }
        | more
        for number, (kind, amount, at, more) in enumerate(HISTORY, 1)
    ]


async def load(town, **changed):
    rows = copy.deepcopy(ROWS) | changed
    return await load_rows(town.records, write_rows(town.rows, rows), lambda kind, done, total: None)


async def everything(town):
    tables = (
        "campus",
        "building",
        "room",
        "person",
        "residence",
        "login",
        "merchant",
        "terminal",
        "transfer",
    )
    rows = [
        await town.value(
            f"SELECT coalesce(string_agg(t::text, '|' ORDER BY t::text), '') "
            f"FROM (SELECT to_jsonb({name}) - 'last_login_at' AS t FROM {name}) AS t"
        )
        for name in tables
    ]
    return dict(zip(tables, rows, strict=True))


async def test_a_second_run_changes_nothing(town):
    await load(town, history=history())
    before = await everything(town)
    assert before["transfer"]
    counts = await load(town, history=history())
    assert await everything(town) == before
    assert counts["people"] == await town.value("SELECT count(*) FROM person")


async def test_history_ends_in_the_wallets_it_should(town):
    await load(town, history=history())
    wallets = await town.wallets()
    assert (wallets.card_fen, wallets.transition_fen, wallets.electronic_fen) == (8634, 1750, 0)
    assert wallets.paid_today_fen == 0  # another day's spending
    assert await town.value("SELECT sum(amount) FROM entry") == 0
    ordered = await town.value("SELECT max(ordered_at) FROM recharge_order")
    assert ordered.date().isoformat() == "2026-10-01"


async def test_history_broken_off_goes_on_where_it_ended(town):
    await load(town, history=history()[:4])
    await load(town, history=history())
    wallets = await town.wallets()
    assert (wallets.card_fen, wallets.transition_fen, wallets.electronic_fen) == (8634, 1750, 0)


async def test_digits_are_taken_for_somebodys_real_ones_unless_the_row_says_they_are_invented(town):
    real = {"number": "2002009", "name": "王芳", "id_digits": "010203"}
    await load(town, people=[*ROWS["people"], real])
    profile = "SELECT digits_profile FROM person WHERE number = $1"
    assert await town.value(profile, "2002009") == "REAL"
    assert await town.value(profile, BOUND) == "INVENTED"


async def test_changes_arrive_and_bindings_stay(town):
    people = copy.deepcopy(ROWS["people"])
    people[0] |= {"name": "欧阳娜", "id_digits": "999999", "class_name": None, "phone": None}
    hashed = await town.value("SELECT digits_hash FROM person WHERE number = $1", BOUND)
    account_id = (await town.wallets()).account_id
    await load(town, people=people)
    person = await town.parts.registry.find_person_by_number(BOUND)
    assert (person.name, person.class_name, person.phone) == ("欧阳娜", None, None)
    assert person.account_id == account_id
    assert await town.value("SELECT digits_hash FROM person WHERE number = $1", BOUND) == hashed


async def test_moving_house(town):
    rooms = [*ROWS["rooms"], {"code": "west-03-102", "building": "west-03", "floor": 1, "number": "102"}]
    people = copy.deepcopy(ROWS["people"])
    people[0]["room"] = "west-03-102"
    await load(town, rooms=rooms, people=people)
    await load(town, rooms=rooms, people=people)
    theirs = " FROM residence s JOIN room r ON r.id = s.room_id JOIN person p ON p.id = s.person_id WHERE p.number = $1"
    assert await town.value(f"SELECT r.number{theirs} AND s.until IS NULL", BOUND) == "102"
    assert await town.value(f"SELECT count(*){theirs}", BOUND) == 2


async def test_what_is_sensitive_lies_sealed_or_hashed(town):
    text = await town.value("SELECT string_agg(to_jsonb(person)::text, '') FROM person")
    for secret in ("欧阳", "13800000001", "010203"):
        assert secret not in text
        assert secret.encode().hex() not in text
    person = await town.parts.registry.find_person_by_number(BOUND)
    assert (person.name, person.phone) == ("欧阳娜娜", "13800000001")


async def test_a_school_full_of_dear_hashes_is_loaded(database, redis_url, tmp_path, monkeypatch):
    """Hashing them takes longer than the database lets a transaction idle."""
    monkeypatch.setattr(onecard.migrations, "IDLE_IN_TRANSACTION_S", 1)
    real = [
        {"number": str(number), "name": "王芳", "id_digits": "010203"} for number in range(3000001, 3000041)
    ]
    async with open_town(database, redis_url, tmp_path) as town:
        await load(town, people=real)
        hashed = (
            "SELECT count(*) FROM person WHERE number > '3' AND digits_profile = 'REAL' AND digits_hash <> ''"
        )
        assert await town.value(hashed) == len(real)


async def test_who_was_bound_elsewhere_before_keeps_the_day(town):
    await load(town, people=[*ROWS["people"], BOUND_BEFORE])
    person = await town.parts.registry.find_person_by_number("1")
    assert person.bound_at == datetime(2026, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"people": [{"name": "x"}]}, "people.jsonl line 1"),
        ({"people": [{"number": "1", "name": "x", "id_digits": "12345X"}]}, "person 1"),
        ({"people": [{"number": "1", "name": "x", "class_name": "no-1"}]}, "no class_name no-1"),
        ({"people": [BOUND_BEFORE | {"bound_at": "1. 9."}]}, "person 1: bound_at 1. 9. is no moment"),
        ({"people": [BOUND_BEFORE | {"bound_at": "2026-09-01T08:00"}]}, "person 1: .* lacks its offset"),
        ({"rooms": [{"code": "x", "building": "no-2", "floor": 1, "number": "1"}]}, "no building no-2"),
        ({"terminals": [ROWS["terminals"][0] | {"gateway": "no-3"}]}, "terminals.jsonl line 1: .* no-3"),
        ({"terminals": [ROWS["terminals"][0] | {"merchant": "no-4"}]}, "there is no merchant no-4"),
        ({"history": history(UNBOUND)}, "not bound"),
        ({"history": [history()[1] | {"terminal": "88888888"}]}, "no terminal 88888888"),
        ({"history": [history()[0] | {"kind": "GIFT"}]}, "no such kind: GIFT"),
        ({"history": history()[8:]}, "no recharge h-8"),
    ],
)
async def test_a_wrong_row_is_named(town, changed, named):
    with pytest.raises(RowsError, match=named):
        await load(town, **changed)


async def test_the_rows_of_the_handbook_load(town):
    """docs/deploy.md shows a line of each kind; its gateways are enrolled, not loaded."""
    handbook = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text("utf-8")
    lines = re.findall(r"^(\w+)\.jsonl +(\{.*\})$", handbook, re.M)
    rows = {kind: [json.loads(line)] for kind, line in lines}
    assert {"people", "merchants", "terminals", "rooms", "meters"} <= set(rows)
    key = ROWS["gateways"][0]["public_key"]
    rows["gateways"] = [{"id": id, "name": id, "public_key": key} for id in ("canteens", "west")]
    shown = write_rows(town.rows.with_name("shown"), rows)
    await load_rows(town.records, shown, lambda kind, done, total: None)
    meter = rows["meters"][0]
    assert await town.value("SELECT id FROM meter WHERE number = $1", meter["number"]) == meter["id"]
