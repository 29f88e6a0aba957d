"""Money and time across the wire: exact, or a mistake with a sentence."""

import datetime

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from schema.scalars import (
    Money,
    read_date,
    read_date_time,
    read_money,
    read_time,
    write_date_time,
    write_money,
    write_time,
)

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12.30", 1230),
        ("-5.04", -504),
        ("0", 0),
        ("0.00", 0),
        ("-1", -100),
        ("0.01", 1),
        ("500", 50_000),
        ("3.1", 310),
    ],
)
def test_money_is_a_string_of_yuan(text: str, fen: int) -> None:
    assert read_money(text) == fen


@pytest.mark.parametrize(
    "value",
    [
        "1.234",
        "",
        " 1",
        "1 ",
        "1e3",
        "+1",
        "１２",
        "1,00",
        "NaN",
        ".5",
        "5.",
        "0x1",
        "9" * 30,
        12.3,
        12,
        True,
        None,
        [],
        {},
    ],
)
def test_what_is_no_money_is_the_caller_s_mistake(value: object) -> None:
    with pytest.raises(GraphQLError) as caught:
        read_money(value)
    assert caught.value.extensions == {"code": "BAD_USER_INPUT"}


@given(st.integers(-(10**12), 10**12))
def test_money_comes_back_as_it_went(fen: int) -> None:
    assert read_money(write_money(Money(fen))) == fen


@pytest.mark.parametrize("value", [12.0, "12.00", True])
def test_only_whole_fen_leave(value: object) -> None:
    with pytest.raises(AssertionError):
        write_money(value)


def test_a_moment_is_printed_in_the_school_s_time() -> None:
    noon = datetime.datetime(2026, 11, 23, 4, 5, 6, 789_000, datetime.UTC)
    assert write_date_time(noon) == "2026-11-23T12:05:06.789+08:00"
    assert read_date_time("2026-11-23T12:05:06.789+08:00") == noon
    assert read_date_time("2026-11-23T04:05:06.789Z") == noon
    assert read_date_time("2026-11-23t04:05:06.789000000z") == noon


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23T12:05:06",
        "2026-11-23",
        "yesterday",
        "",
        5,
        None,
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "20261123T120506+0800",
        "2026-W48-1T12:05:06+08:00",
        "2026-11-23T12:05+08:00",
        "2026-11-23T12:05:06,5+08:00",
        "2026-11-23 12:05:06+08:00",
        "2026-11-23T12:05:06+08:00:30",
        "2026-11-23T12:05:60+08:00",
        "2026-02-30T12:05:06+08:00",
        "２０２６-11-23T12:05:06+08:00",
    ],
)
def test_a_moment_without_offset_or_sense_is_a_mistake(value: object) -> None:
    with pytest.raises(GraphQLError):
        read_date_time(value)


@pytest.mark.parametrize(
    "value",
    [
        "2026-13-01",
        "20261123",
        "2026-11-23T00:00",
        "2026-W48-1",
        "2026-2-030",
        "",
        5,
        "9999-12-31",
        "0001-01-01",
    ],
)
def test_a_day_is_year_month_day(value: object) -> None:
    assert read_date("2026-11-23") == datetime.date(2026, 11, 23)
    with pytest.raises(GraphQLError):
        read_date(value)


@pytest.mark.parametrize("value", ["5:00", "25:00", "05:00:00", "05+08", "", 5])
def test_a_time_of_day_is_hours_and_minutes(value: object) -> None:
    assert read_time("05:00") == datetime.time(5)
    assert write_time(datetime.time(22, 55)) == "22:55"
    with pytest.raises(GraphQLError):
        read_time(value)
