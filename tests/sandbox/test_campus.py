"""The pretend campus: as large as promised, the same every time, and possible."""

from __future__ import annotations

import json
import stat
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from sandbox.campus import SEED, Pretend, build_campus, write_campus
from sandbox.campus.id_numbers import check_character, query_password
from sandbox.campus.keys import terminal_key
from sandbox.campus.model import EventKind, Role, Wallets
from sandbox.campus.places import SHOWER_CENTRE
from sandbox.wechat.people import People

pytestmark = pytest.mark.pure

TODAY = date(2026, 11, 23)
MASTER = bytes(range(16))


@cache
def campus() -> Pretend:
    return build_campus(SEED, TODAY)


def written(home: Path, seed: int = SEED, today: date = TODAY) -> dict[str, bytes]:
    (home / "sandbox").mkdir(parents=True, exist_ok=True)
    (home / "sandbox" / "master.key").write_bytes(MASTER)
    write_campus(
        build_campus(seed, today), home, api_url="http://127.0.0.1:8000/graphql", pos_listen="127.0.0.1:8002"
    )
    return {
        str(file.relative_to(home)): file.read_bytes().replace(str(home).encode(), b"HOME")
        for file in home.rglob("*")
        if file.is_file()
    }


def test_the_same_seed_writes_the_same_bytes_and_another_seed_other_ones(tmp_path: Path) -> None:
    first, second = written(tmp_path / "one"), written(tmp_path / "two")
    other = written(tmp_path / "three", seed=SEED + 1)

    assert first == second
    assert first["sandbox/rows/people.jsonl"] != other["sandbox/rows/people.jsonl"]
    assert first["sandbox/rows/rooms.jsonl"] == other["sandbox/rows/rooms.jsonl"]


def test_it_has_two_campuses_20_buildings_2000_rooms_and_5000_people() -> None:
    found = campus()

    assert [len(found.campuses), len(found.buildings), len(found.rooms), len(found.people)] == [
        2,
        20,
        2000,
        5000,
    ]
    assert len(found.terminals) == 12
    assert {"中专部3栋", "大专部17栋", "大专部20栋"} <= {house.name for house in found.buildings}


def test_nothing_is_numbered_twice() -> None:
    found = campus()

    for numbers in (
        [person.number for person in found.people],
        [person.phone for person in found.people],
        [room.code for room in found.rooms],
        [terminal.number for terminal in found.terminals],
        [event.key for event in found.history],
    ):
        assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert {len(person.number) for person in found.people} == {7}
    assert {len(person.phone) for person in found.people} == {11}


def test_every_id_number_is_well_formed_of_no_region_and_some_end_in_x() -> None:
    numbers = [person.id_number for person in campus().people]

    assert all(len(number) == 18 and number.startswith("99") for number in numbers)
    assert all(number[-1] == check_character(number[:17]) for number in numbers)
    assert 0.05 < sum(number.endswith("X") for number in numbers) / len(numbers) < 0.15


@pytest.mark.parametrize(
    ("id_number", "password"),
    [("990000200701131234", "131234"), ("99000020070113123X", "113123")],
)
def test_the_query_password_is_the_last_six_and_skips_a_final_x(id_number: str, password: str) -> None:
    assert query_password(id_number) == password


def test_the_people_of_the_stories_are_there() -> None:
    found = campus()

    assert {"2002001", "1005001", "9001001"} <= found.bound
    assert not {"2002002", "2002003"} & found.bound
    assert found.person("2002003").id_number.endswith("X")
    roles = {number: found.person(number).role for number in ("1005001", "9001001", "9002001", "9003001")}
    assert list(roles.values()) == [Role.COUNSELOR, Role.OPERATOR, Role.FINANCE, Role.UTILITY_STAFF]
    assert sum(wallets.balance_fen > 0 for wallets in found.wallets.values()) > 300


def test_the_terminal_and_the_login_picker_tell_of_the_same_people(tmp_path: Path) -> None:
    files = written(tmp_path)

    accounts = json.loads(files["sandbox/accounts.json"])["accounts"]
    picked = People.load(tmp_path / "sandbox" / "rows" / "people.jsonl").featured()
    assert [(user.number, user.name, user.about) for user in picked] == [
        (account["number"], account["name"], account["note"]) for account in accounts
    ]


def test_students_live_with_their_own_and_nobody_in_the_shower_centre() -> None:
    found = campus()
    house_of = {room.code: room.building for room in found.rooms}
    gender_of = {house.code: house.gender for house in found.buildings}
    students = [person for person in found.people if person.role is Role.STUDENT]

    assert all(person.room and gender_of[house_of[person.room]] == person.gender for person in students)
    assert SHOWER_CENTRE not in {person.room for person in students}
    assert max(Counter(person.room for person in students).values()) <= 6


def test_2002001_ends_the_month_as_the_guide_pictures_it() -> None:
    wallets = campus().wallets["2002001"]

    assert (wallets.card_fen, wallets.transition_fen, wallets.electronic_fen) == (8634, -504, 0)
    events = [event for event in campus().history if event.person == "2002001"]
    assert {event.kind for event in events} == set(EventKind)


@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2027, 1, 1), date(2027, 3, 1), date(2028, 2, 29)])
@pytest.mark.parametrize("seed", range(6))
def test_the_month_is_possible_whatever_the_seed_and_the_day(seed: int, today: date) -> None:
    """Followed anew from the events alone: nothing below 0, in order, before today, undone once at most."""
    found = build_campus(seed, today)
    wallets: dict[str, Wallets] = {}
    taken_back: list[str] = []
    amounts = {event.key: event.amount_fen for event in found.history}
    spent_on: Counter[tuple[str, date]] = Counter()
    for event in found.history:
        theirs = wallets.setdefault(event.person, Wallets())
        theirs.apply(event)
        assert event.person in found.bound
        assert event.at.date() < today
        assert theirs.balance_fen >= 0, event
        assert theirs.electronic_fen >= 0, event
        if event.of:
            assert event.amount_fen <= amounts[event.of], event
            taken_back.append(event.of)
        if event.kind is EventKind.RECHARGE:
            assert "05:00" <= f"{event.at:%H:%M}" <= "22:55", event
            assert event.amount_fen <= 50000
        if event.kind is EventKind.PAYMENT:
            spent_on[event.person, event.at.date()] += event.amount_fen
    assert max(spent_on.values()) <= 50000
    assert len(taken_back) == len(set(taken_back)) == 2
    assert [event.at for event in found.history] == sorted(event.at for event in found.history)


def test_rows_name_only_what_exists_and_secrets_are_the_owners(tmp_path: Path) -> None:
    written(tmp_path)
    rows = {
        file.stem: [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        for file in (tmp_path / "sandbox" / "rows").glob("*.jsonl")
    }
    codes = {kind: {row["code"] for row in found if "code" in row} for kind, found in rows.items()}

    assert {row["building"] for row in rows["rooms"]} == codes["buildings"]
    assert {row["campus"] for row in rows["buildings"]} == codes["campuses"]
    assert {row["department"] for row in rows["people"]} <= codes["departments"]
    assert {row["class_name"] for row in rows["people"]} - {None} == codes["classes"]
    assert {row["merchant"] for row in rows["terminals"]} | {"power"} == codes["merchants"]
    assert {row["gateway"] for row in rows["terminals"]} == {row["id"] for row in rows["gateways"]}
    assert all(len(row["id_digits"]) == 6 and row["id_digits"].isdigit() for row in rows["people"])
    mode = stat.S_IMODE((tmp_path / "gateway" / "gateway.json").stat().st_mode)
    assert mode == 0o600
    config = json.loads((tmp_path / "gateway" / "gateway.json").read_text())
    assert config["terminals"]["10000001"]["macKeyHex"] == terminal_key(MASTER, "10000001").hex()
    assert len({terminal["macKeyHex"] for terminal in config["terminals"].values()}) == 12
