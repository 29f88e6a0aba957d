"""CJ/T 188 against genuine frames, in every dialect that they are of."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices_gateway.frames.cjt188 import (
    ANYBODY,
    CUBIC_METRES,
    LITRES,
    READ,
    READ_ADDRESS,
    VALVE_2A,
    WRITE,
    Dialect,
    Frame,
    Framer,
    Kind,
    Reading,
    Valve,
    address_request,
    encode,
    encode_reading,
    encode_status,
    error_reply,
    read_reading,
    read_request,
    read_status,
    reply,
    valve_request,
)
from devices_gateway.frames.meter_line import REPLY, FrameError

pytestmark = pytest.mark.pure

ROWS = json.loads((Path(__file__).parent / "golden" / "cjt188.json").read_text("utf-8"))
BYTES = {row["name"]: bytes.fromhex(row["frame"]) for row in ROWS}
SWAPPED, BY_2A, YEAR_FIRST = Dialect(swapped=True), Dialect(valve_control=VALVE_2A), Dialect(year_first=True)
COLD = "78330011223344"


def only(name: str) -> Frame:
    (frame,) = Framer().feed(BYTES[name])
    return frame


# ── golden frames ────────────────────────────────────────────────────────────────────────────────────────


def test_a_reading_of_meters_that_say_the_low_byte_first():
    frame = only("read_reply_1F90")
    assert (frame.identifier(SWAPPED), frame.serial, frame.address) == ("901F", 0, COLD)
    assert read_reading(frame.value, SWAPPED) == Reading(
        556_677_000_000,
        556_677_000_000,
        datetime(2015, 5, 11, 22, 1, 31),  # noqa: DTZ001 - a meter's wall clock
        Valve.CLOSED,
        battery_low=False,
    )


def test_a_reading_in_the_standards_order_and_without_a_clock():
    frame = only("read_reply_901F")
    assert frame.identifier() == "901F"
    reading = read_reading(frame.value)
    assert (reading.total_ml, reading.settled_ml, reading.at) == (2_000_000, 2_000_000, None)


def test_a_reading_in_litres_with_the_year_first():
    reading = read_reading(only("read_reply_litre").value, YEAR_FIRST)
    assert (reading.total_ml, reading.settled_ml) == (17_047_000, 14_851_000)
    assert reading.at == datetime(2020, 5, 28, 20, 58, 24)  # noqa: DTZ001 - a meter's wall clock
    with pytest.raises(FrameError, match="no time"):  # in the other order it is none
        read_reading(only("read_reply_litre").value)


def test_what_a_meter_has_not_is_ff():
    frame = only("wildcard_reply")
    reading = read_reading(frame.value)
    assert (reading.total_ml, reading.settled_ml, reading.at) == (5_959_000_000, None, None)
    assert frame.answers(only("wildcard_request"))


def test_the_golden_volumes():
    for row in ROWS:
        if "total_m3" in row["expect"]:
            dialect = SWAPPED if "1F90" in row["name"] else Dialect()
            total_ml = read_reading(only(row["name"]).value, dialect).total_ml
            assert Decimal(total_ml) / 10**6 == Decimal(row["expect"]["total_m3"])


@pytest.mark.parametrize(
    ("name", "dialect", "control"),
    [
        ("valve_open", Dialect(), WRITE),
        ("valve_close", Dialect(), WRITE),
        ("valve_open_2A", BY_2A, VALVE_2A),
    ],
)
def test_a_valve_is_told(name, dialect, control):
    frame = only(name)
    assert (frame.control, frame.identifier(dialect)) == (control, "A017")
    assert frame.value == (b"\x55" if "open" in name else b"\x99")


def test_the_builders_make_the_golden_frames():
    cold, bath = Kind.COLD, "78331505900569"
    made = {
        "read_request_1F90": read_request(cold, COLD, 0, SWAPPED),
        "wildcard_request": Frame(cold, ANYBODY, READ, bytes.fromhex("901FAA")),
        "valve_open": valve_request(cold, bath, 1, opens=True),
        "valve_close": valve_request(cold, bath, 1, opens=False),
        "valve_ack": reply(valve_request(cold, bath, 1, opens=True), encode_status(Valve.OPEN)),
        "valve_open_2A": valve_request(cold, "00000805000001", 0, opens=True, dialect=BY_2A),
        "read_address": address_request(cold, 1),
    }
    assert {name: encode(frame).hex() for name, frame in made.items()} == {
        name: BYTES[name].hex() for name in made
    }


def test_a_hot_water_meter_says_so():
    told = encode(valve_request(Kind.HOT, "00202026004140", 0, opens=False))
    assert told == BYTES["valve_close_hot"][:-2] + b"\xb8\x16"  # as it was handed down but for its checksum


def test_a_reply_belongs_to_its_question():
    request = only("valve_open")
    assert only("valve_ack").answers(request)
    assert error_reply(request, b"\x00\x01").answers(request)
    assert error_reply(request, b"\x00\x01").identifier() is None
    assert not only("valve_ack").answers(valve_request(Kind.COLD, request.address, 2, opens=True))
    assert not only("valve_ack").answers(valve_request(Kind.COLD, COLD, 1, opens=True))
    assert not only("valve_ack").answers(read_request(Kind.COLD, request.address, 1))
    assert not request.answers(request)
    asked = only("read_address")
    assert reply(asked, b"", address=COLD).answers(asked)
    assert asked.control == READ_ADDRESS
    assert only("read_reply_1F90").answers(only("read_request_1F90"))


# ── anything at all ──────────────────────────────────────────────────────────────────────────────────────


@given(
    st.integers(0, 255),
    st.text("0123456789ABCDEF", min_size=14, max_size=14),
    st.integers(0, 255).filter(lambda control: control & 0xC0 != 0x40),
    st.binary(max_size=100),
    st.integers(0, 8),
)
def test_what_is_written_is_read(kind, address, control, data, wake):
    frame = Frame(kind, address, control, data)
    assert Framer().feed(encode(frame, wake=wake)) == [frame]


volumes = st.none() | st.integers(0, 99_999_998)


@given(
    volumes,
    volumes,
    st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),  # noqa: DTZ001 - a wall clock
    st.sampled_from(Valve),
    st.booleans(),
    st.sampled_from([(CUBIC_METRES, 10_000), (LITRES, 1_000)]),
    st.sampled_from([Dialect(), YEAR_FIRST]),
)
def test_a_reading_is_read_as_it_was_written(total, settled, at, valve, low, unit, dialect):
    code, step = unit
    reading = Reading(
        None if total is None else total * step,
        None if settled is None else settled * step,
        at and at.replace(microsecond=0),
        valve,
        low,
    )
    assert read_reading(encode_reading(reading, code, dialect), dialect) == reading


def test_a_counter_rolls_over_after_eight_digits():
    full = Reading(10**8 * 10_000 + 20_000, None, None, Valve.OPEN, battery_low=True)
    read = read_reading(encode_reading(full))
    assert (read.total_ml, read.battery_low) == (20_000, True)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: encode(Frame(0x10, "123", READ)),
        lambda: encode(Frame(0x10, COLD, READ, bytes(101))),
        lambda: read_reading(b"\x00" * 18),
        lambda: read_reading(b"\x00\x00\x00\x00\x2b" + b"\xff" * 14),
        lambda: read_reading(b"\x0a\x00\x00\x00\x2c" + b"\xff" * 14),
        lambda: read_status(b"\x00"),
        lambda: Dialect(valve_control=0x05),
    ],
)
def test_what_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        wrong()


def test_what_has_no_place_for_a_serial_has_none():
    assert Frame(0x10, COLD, READ | REPLY, b"\x90").serial is None
    assert Frame(0x10, COLD, READ | REPLY, b"\x90").identifier() is None
