"""DL/T 645-2007 against genuine frames, and against anything at all."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices_gateway.frames.dlt645 import (
    ACTIVE_POWER,
    ANYBODY,
    READ,
    READ_ADDRESS,
    STATUS_3,
    STATUS_RELAY_OPEN,
    TOTAL_ENERGY,
    Frame,
    Framer,
    encode,
    encode_energy,
    encode_power,
    energy_wh,
    error_reply,
    plain_reply,
    power_w,
    read_reply,
    read_request,
    status_word,
    write_request,
)
from devices_gateway.frames.dlt645_relay import (
    ALLOW_CLOSE,
    TRIP,
    Access,
    action_of,
    relay_request,
    standard,
    without_password,
)
from devices_gateway.frames.meter_line import FrameError, bcd, from_bcd

pytestmark = pytest.mark.pure

ROWS = json.loads((Path(__file__).parent / "golden" / "dlt645-2007.json").read_text("utf-8"))
BYTES = {row["name"]: bytes.fromhex(row["frame"].replace(" ", "")) for row in ROWS}
GOOD = [row for row in ROWS if "reject" not in row["expect"]]
golden = pytest.mark.parametrize("row", GOOD, ids=lambda row: row["name"])
METER, OTHER = "151230011061", "201000000012"
ACCESS = Access(bytes.fromhex("02370602"), bytes.fromhex("01000000"))
FAR = datetime(2099, 12, 30)  # noqa: DTZ001 - a meter's wall clock


def only(data: bytes) -> Frame:
    (frame,) = Framer().feed(data)
    return frame


# ── golden frames ────────────────────────────────────────────────────────────────────────────────────────


@golden
def test_decodes_to_what_it_must(row):
    frame, expect = only(BYTES[row["name"]]), row["expect"]
    said = {
        "address": lambda: frame.data[::-1].hex() if frame.control == READ_ADDRESS | 0x80 else frame.address,
        "control": lambda: f"{frame.control:02X}",
        "data_id": lambda: frame.identifier,
        "kwh": lambda: f"{energy_wh(frame.value) / 1000:.2f}",
        "yuan": lambda: f"{from_bcd(frame.value) / 100:.2f}",
        "n1": lambda: f"{action_of(frame):02X}",
        "status3": lambda: f"{status_word(frame.value):04X}",
        "relay": lambda: "open" if status_word(frame.value) >> STATUS_RELAY_OPEN & 1 else "closed",
        "error": lambda: frame.data.hex(),
    }
    assert {name: said[name]() for name in expect} == expect


@golden
def test_encodes_to_the_same_bytes(row):
    data = BYTES[row["name"]]
    assert encode(only(data)) == data


def test_the_builders_make_the_golden_frames():
    made = {
        "energy_request": read_request(METER, TOTAL_ENERGY),
        "energy_reply": read_reply(read_request(METER, TOTAL_ENERGY), encode_energy(6_780)),
        "relay_trip": relay_request(METER, standard, ACCESS, TRIP, FAR),
        "relay_allow_close": relay_request(METER, standard, ACCESS, ALLOW_CLOSE, FAR),
        "relay_ack": plain_reply(relay_request(METER, standard, ACCESS, TRIP, FAR)),
        "status3_request": read_request(METER, STATUS_3),
        "status3_tripped": read_reply(read_request(METER, STATUS_3), b"\x50\x00"),
        "status3_closed": read_reply(read_request(METER, STATUS_3), b"\x00\x00"),
        "remaining_money_request": read_request(OTHER, "00900200"),
        "remaining_money_reply": read_reply(read_request(OTHER, "00900200"), bcd(19_856, 4)),
        "error_no_data": error_reply(read_request(OTHER, "00900200"), 2),
        "address_request": Frame(ANYBODY, READ_ADDRESS),
        "address_reply": Frame(OTHER, READ_ADDRESS | 0x80, bytes.fromhex(OTHER)[::-1]),
    }
    assert {name: encode(frame).hex() for name, frame in made.items()} == {
        row["name"]: BYTES[row["name"]].hex() for row in GOOD
    }


def test_a_false_start_is_forgotten_with_its_question():
    framer = Framer()
    framer.feed(b"\x68" * 9 + BYTES["address_request"])
    framer.clear()
    assert framer.feed(BYTES["energy_reply"]) == [only(BYTES["energy_reply"])]


# ── anything at all ──────────────────────────────────────────────────────────────────────────────────────


@given(
    st.text("0123456789", min_size=12, max_size=12),
    st.integers(0, 255).filter(lambda control: control & 0xC0 != 0x40),
    st.binary(max_size=200),
    st.integers(0, 8),
)
def test_what_is_written_is_read(address, control, data, wake):
    frame = Frame(address, control, data)
    assert only(encode(frame, wake=wake)) == frame


@given(st.integers(0, 99_999_999))
def test_numbers_in_bcd(number):
    assert from_bcd(bcd(number, 4)) == number
    assert energy_wh(encode_energy(number * 10)) == number * 10


@given(st.integers(-79_999, 79_999))
def test_power_has_a_sign(watts):
    assert power_w(encode_power(watts)) == watts


@pytest.mark.parametrize(
    "make",
    [
        lambda: bcd(100, 1),
        lambda: bcd(-1, 1),
        lambda: from_bcd(b"\x1a"),
        lambda: energy_wh(b"\x01"),
        lambda: power_w(b"\x01"),
        lambda: status_word(b""),
        lambda: read_request(METER, "0001"),
        lambda: encode(Frame("12", READ)),
        lambda: encode(Frame(METER, READ, bytes(201))),
        lambda: write_request(METER, TOTAL_ENERGY, b"", b"", b""),
    ],
)
def test_what_cannot_be_said_is_refused(make):
    with pytest.raises(FrameError):
        make()


# ── who answers whom ─────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_belongs_to_its_question():
    request = read_request(METER, TOTAL_ENERGY)
    assert only(BYTES["energy_reply"]).answers(request)
    assert error_reply(request, 1).answers(request)
    assert not only(BYTES["energy_reply"]).answers(read_request(OTHER, TOTAL_ENERGY))
    assert not only(BYTES["energy_reply"]).answers(read_request(METER, ACTIVE_POWER))
    assert not only(BYTES["energy_request"]).answers(request)
    assert not only(BYTES["relay_ack"]).answers(request)
    assert only(BYTES["address_reply"]).answers(Frame(ANYBODY, READ_ADDRESS))


def test_an_error_says_which():
    assert "no such data" in only(BYTES["error_no_data"]).error


def test_a_password_is_never_shown():
    frame = relay_request(METER, standard, ACCESS, TRIP, FAR)
    assert ACCESS.password not in without_password(frame).data
    assert action_of(without_password(frame)) == TRIP
    assert "02370602" not in repr(ACCESS)
    written = write_request(METER, TOTAL_ENERGY, ACCESS.password, ACCESS.operator, b"\x01")
    assert ACCESS.password not in without_password(written).data
