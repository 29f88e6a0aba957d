"""Money and time as they cross the wire: exact, or refused with a sentence that says what was expected.

A value that does not parse is the caller's mistake (an entry in `errors` with code BAD_USER_INPUT). A value
that parses but is not acceptable, such as an amount of 0 or −1, is a refusal (`AmountInvalid`) of its
mutation.
"""

import datetime as clock
import re
from collections.abc import Callable, Mapping
from typing import Any, NewType

import strawberry
from graphql import GraphQLError, ValueNode, value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from onecard.rules.clock import in_shanghai
from onecard.rules.energy import format_kwh, parse_kwh
from onecard.rules.money import format_yuan, parse_yuan

Money = NewType("Money", int)
"""Fen inside, a string of yuan outside."""

Kwh = NewType("Kwh", int)
"""Wh inside, a string of kWh outside."""

YEARS = range(1970, 3000)
"""What can be meant by a day or a moment; and what every part behind us can count with."""

# `fromisoformat` reads much more: weeks, days without dashes, moments without seconds.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_MOMENT = re.compile(
    _DAY.pattern + r"[Tt]" + _TIME.pattern + r":[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-]" + _TIME.pattern + ")"
)


def mistake(sentence: str) -> GraphQLError:
    """The caller sent something that cannot be read; the sentence tells what was expected."""
    return GraphQLError(sentence, extensions={"code": "BAD_USER_INPUT"})


def literal_of(read: Callable[[object], object]) -> Callable[[ValueNode, dict[str, Any] | None], object]:
    """The same for a value written in a document; a mistake there says where it stands."""

    def read_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> object:
        try:
            return read(value_from_ast_untyped(node, variables))
        except GraphQLError as error:
            raise GraphQLError(error.message, nodes=node, extensions=error.extensions) from error

    return read_literal


def read_money(value: object) -> Money:
    if not isinstance(value, str):
        raise mistake(
            'Money is a string in yuan such as "12.30"; numbers are refused because they are not exact.'
        )
    try:
        return Money(parse_yuan(value))
    except ValueError as error:
        raise mistake(
            'Money is a string in yuan with at most two decimals, such as "12.30" or "-5.04".'
        ) from error


def write_money(fen: object) -> str:
    assert type(fen) is int, f"money leaves as whole fen, not {fen!r}"
    return format_yuan(fen)


def read_kwh(value: object) -> Kwh:
    expected = 'Kwh is a string in kilowatt-hours with at most three decimals, such as "53.734".'
    if not isinstance(value, str):
        raise mistake(expected)
    try:
        return Kwh(parse_kwh(value))
    except ValueError as error:
        raise mistake(expected) from error


def write_kwh(wh: object) -> str:
    assert type(wh) is int, f"energy leaves as whole Wh, not {wh!r}"
    return format_kwh(wh)


def read_date_time(value: object) -> clock.datetime:
    expected = 'DateTime is RFC 3339 with an offset, such as "2026-11-23T12:05:00+08:00".'
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise mistake(expected)
    try:
        moment = clock.datetime.fromisoformat(value.upper())
        if moment.year not in YEARS:
            raise mistake(expected)
        return moment.astimezone(clock.UTC)
    except (ValueError, OverflowError) as error:
        raise mistake(expected) from error


def write_date_time(moment: object) -> str:
    assert isinstance(moment, clock.datetime), f"not a moment: {moment!r}"
    assert moment.tzinfo is not None, f"a moment without an offset: {moment!r}"
    return in_shanghai(moment).isoformat(timespec="milliseconds")


def read_date(value: object) -> clock.date:
    expected = 'Date is a calendar day such as "2026-11-23".'
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise mistake(expected)
    try:
        day = clock.date.fromisoformat(value)
        if day.year not in YEARS:
            raise mistake(expected)
        return day
    except ValueError as error:
        raise mistake(expected) from error


def write_date(day: object) -> str:
    assert isinstance(day, clock.date), f"not a day: {day!r}"
    return day.isoformat()[:10]


def read_time(value: object) -> clock.time:
    expected = 'Time is a time of day such as "05:00".'
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise mistake(expected)
    try:
        return clock.time.fromisoformat(value)
    except ValueError as error:
        raise mistake(expected) from error


def write_time(value: object) -> str:
    assert isinstance(value, clock.time), f"not a time of day: {value!r}"
    return value.isoformat(timespec="minutes")


SCALARS: Mapping[object, ScalarDefinition] = {
    Money: strawberry.scalar(
        name="Money",
        description=(
            'An amount of money 金额 in yuan 元 as a decimal string, exact to a fen 分: "12.30", "-5.04". As '
            "input it takes a string with at most two decimals; JSON numbers, exponents, three decimals and "
            "blanks are the caller's mistake and answered in `errors` with code BAD_USER_INPUT. Zero and "
            "negative amounts parse, and are refused by the mutation as `AmountInvalid`."
        ),
        serialize=write_money,
        parse_value=read_money,
        parse_literal=literal_of(read_money),
    ),
    Kwh: strawberry.scalar(
        name="Kwh",
        description=(
            'Energy 电量 in kilowatt-hours 度 as a decimal string, exact to a watt-hour: "53.734", "-0.500". As '
            "input it takes a string with at most three decimals; anything else is the caller's mistake."
        ),
        serialize=write_kwh,
        parse_value=read_kwh,
        parse_literal=literal_of(read_kwh),
    ),
    clock.datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "A moment in RFC 3339 with its offset. It is printed in the school's time, "
            '"2026-11-23T12:05:00.000+08:00"; any offset is taken as input, but none is a mistake.'
        ),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=write_date_time,
        parse_value=read_date_time,
        parse_literal=literal_of(read_date_time),
    ),
    clock.date: strawberry.scalar(
        name="Date",
        description='A calendar day in the school\'s time, "2026-11-23".',
        serialize=write_date,
        parse_value=read_date,
        parse_literal=literal_of(read_date),
    ),
    clock.time: strawberry.scalar(
        name="Time",
        description='A time of day in the school\'s time, "05:00".',
        serialize=write_time,
        parse_value=read_time,
        parse_literal=literal_of(read_time),
    ),
}
