"""The codec against golden frames made by another encoder, and against anything at all."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices_gateway.frames.framer import MAX_MESSAGE_BYTES, Framer
from devices_gateway.frames.iso8583 import (
    CAMPUS_TIME,
    FormatError,
    FrameError,
    OriginalMessage,
    PurchaseReply,
    PurchaseRequest,
    ReversalRequest,
    SignOn,
    UnknownMessage,
    encode,
    local_time,
    mac_of,
    mask,
    open_message,
    parse_reply,
    parse_request,
    refuse,
    seal,
    sent_at_of,
)

pytestmark = pytest.mark.pure

_GOLDEN = json.loads((Path(__file__).parent / "golden" / "iso8583.json").read_text("utf-8"))
KEY = bytes.fromhex(_GOLDEN["key"])
OTHER_KEY = bytes(16)
FRAMES = {row["name"]: bytes.fromhex(row["hex"]) for row in _GOLDEN["frames"]}
golden = pytest.mark.parametrize("row", _GOLDEN["frames"], ids=lambda row: row["name"])

SALE = PurchaseRequest(
    sent_at="1123120501", trace="000042", terminal="10000001", amount_fen=1250, code="91234567890123456784"
)


def read(message: bytes):
    envelope = open_message(message)
    assert envelope.is_from(KEY)
    return (parse_reply if envelope.mti[2] == "1" else parse_request)(envelope)


def shown(message) -> dict:
    return {"type": type(message).__name__, **asdict(message)}


# ── golden frames ────────────────────────────────────────────────────────────────────────────────────────


@golden
def test_decodes_to_what_the_other_encoder_meant(row) -> None:
    (message,) = Framer().feed(bytes.fromhex(row["hex"]))
    assert shown(read(message)) == row["fields"]


@golden
def test_encodes_to_the_same_bytes(row) -> None:
    (message,) = Framer().feed(bytes.fromhex(row["hex"]))
    assert encode(read(message), KEY).hex() == row["hex"]


@golden
def test_byte_by_byte(row) -> None:
    framer, found = Framer(), []
    for byte in bytes.fromhex(row["hex"]):
        assert not found
        found += framer.feed(bytes([byte]))
    assert shown(read(found[0])) == row["fields"]
    assert not framer.waiting


@golden
def test_five_in_one_packet(row) -> None:
    found = Framer().feed(bytes.fromhex(row["hex"]) * 5)
    assert [shown(read(message)) for message in found] == [row["fields"]] * 5


@golden
def test_garbage_between_messages_harms_no_neighbour(row) -> None:
    frame = bytes.fromhex(row["hex"])
    garbage = (40).to_bytes(2, "big") + bytes(range(40))
    first, noise, second = Framer().feed(frame + garbage + frame)
    assert shown(read(first)) == shown(read(second)) == row["fields"]
    with pytest.raises(FrameError):
        open_message(noise)


@golden
def test_what_precedes_garbage_is_still_read(row) -> None:
    """Nothing in the stream marks where a message begins: the way back is a new connection."""
    framer = Framer()
    (message,) = framer.feed(bytes.fromhex(row["hex"]) + b"\xff\xff garbage")
    assert shown(read(message)) == row["fields"]
    assert framer.broken
    assert framer.feed(bytes.fromhex(row["hex"])) == []


@golden
def test_any_flipped_bit_breaks_the_mac(row) -> None:
    (message,) = Framer().feed(bytes.fromhex(row["hex"]))
    for at in range(len(message) * 8):
        bent = bytearray(message)
        bent[at // 8] ^= 1 << at % 8
        try:
            envelope = open_message(bytes(bent))
        except FrameError:
            continue
        assert not envelope.is_from(KEY), f"bit {at} is not covered"


@golden
def test_another_terminals_key(row) -> None:
    (message,) = Framer().feed(bytes.fromhex(row["hex"]))
    assert not open_message(message).is_from(OTHER_KEY)


def test_cmac_of_the_rfc() -> None:
    """RFC 4493 §4, examples 1 and 2."""
    assert mac_of(b"", KEY).hex() == "bb1d6929e9593728"
    assert mac_of(bytes.fromhex("6bc1bee22e409f96e93d7e117393172a"), KEY).hex() == "070a16b46b4d4144"


def test_without_a_mac_nobody_is_proved() -> None:
    (message,) = Framer().feed(encode(SALE, None))
    assert not open_message(message).is_from(KEY)


def test_the_frames_written_out_for_vendors_are_the_golden_ones() -> None:
    text = (Path(__file__).parents[2] / "docs" / "devices" / "pos.md").read_text("utf-8")
    assert _GOLDEN["key"] in text
    tables = text.split("| bytes (hex) | what |")[1:]
    rows = [re.findall(r"^\| ((?:`[0-9a-f]+` )+)\|", table, re.M) for table in tables]
    written = ["".join(re.findall(r"[0-9a-f]+", "".join(row))) for row in rows]
    assert written == [FRAMES["purchase"].hex(), FRAMES["reversal"].hex()]


# ── bounds ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("length", [0, 1, 11, MAX_MESSAGE_BYTES + 1, 0xFFFF])
def test_a_length_out_of_bounds_breaks_the_stream_at_once(length: int) -> None:
    framer = Framer()
    assert framer.feed(length.to_bytes(2, "big")) == []
    assert framer.broken == f"a message of {length} bytes"
    assert not framer.waiting


@given(st.lists(st.binary(max_size=3000), max_size=8))
def test_arbitrary_bytes_never_crash_or_grow(chunks: list[bytes]) -> None:
    framer = Framer()
    for chunk in chunks:
        for message in framer.feed(chunk):
            assert 12 <= len(message) <= MAX_MESSAGE_BYTES
        assert len(framer._buffer) <= MAX_MESSAGE_BYTES + 2


def survive(message: bytes) -> None:
    try:
        envelope = open_message(message)
        envelope.is_from(KEY)
        parse_request(envelope)
    except (FrameError, FormatError, UnknownMessage):
        pass


@given(st.binary(min_size=12, max_size=MAX_MESSAGE_BYTES))
def test_arbitrary_messages_never_crash(message: bytes) -> None:
    survive(message)


@given(
    st.sampled_from(sorted(FRAMES)),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 400),
)
def test_bent_and_cut_messages_never_crash(name: str, bends: list[tuple[int, int]], cut: int) -> None:
    message = bytearray(FRAMES[name][2:])
    for at, value in bends:
        message[at % len(message)] = value
    survive(bytes(message[: max(1, cut)]))


@given(
    st.integers(0, 10**12 - 1),
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.from_regex(r"[0-9A-Za-z]{1,64}", fullmatch=True),
    st.datetimes(timezones=st.just(CAMPUS_TIME)),
)
def test_what_is_encoded_comes_back(amount_fen: int, trace: str, code: str, when: datetime) -> None:
    sale = PurchaseRequest(
        sent_at=sent_at_of(when),
        trace=trace,
        terminal="10000001",
        amount_fen=amount_fen,
        code=code,
    )
    (message,) = Framer().feed(encode(sale, KEY))
    assert read(message) == sale


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_words_are_cut_to_the_display_between_characters(text: str) -> None:
    (message,) = Framer().feed(encode(PurchaseReply(response_code="05", text=text), KEY))
    kept = read(message).text
    assert text.startswith(kept)
    assert len(kept.encode("gb18030")) <= 240


# ── malformed by meaning ─────────────────────────────────────────────────────────────────────────────────

_SALE_ELEMENTS = {
    "t": "0200",
    "3": "000000",
    "4": "000000001250",
    "7": "1123120501",
    "11": "000042",
    "41": "10000001",
    "48": "91234567890123456784",
}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("3", "010000"),
        ("3", None),
        ("4", "-00000001250"),
        ("4", "00000001250 "),
        ("4", "0000000012.5"),
        ("4", None),
        ("7", "0230120000"),
        ("7", "1123250000"),
        ("7", None),
        ("11", "00004x"),
        ("11", None),
        ("48", ""),
        ("48", "' OR 1=1 --"),
        ("48", "1" * 65),
        ("48", None),
    ],
)
def test_a_malformed_element_is_named(element: str, value: str | None) -> None:
    elements = {name: text for name, text in {**_SALE_ELEMENTS, element: value}.items() if text is not None}
    (message,) = Framer().feed(seal(elements, KEY))
    envelope = open_message(message)
    assert envelope.is_from(KEY)
    with pytest.raises(FormatError, match=f"^DE{element} "):
        parse_request(envelope)


def test_a_refusal_echoes_what_could_be_read() -> None:
    (message,) = Framer().feed(seal({**_SALE_ELEMENTS, "4": "ABCDEFGHIJKL"}, KEY))
    reply = refuse(open_message(message), "30", "报文有误")
    assert (reply.MTI, reply.trace, reply.terminal) == ("0210", "000042", "10000001")


@pytest.mark.parametrize("mti", ["0100", "0220", "0820", "9999", "0210", "02A0", "    "])
def test_a_message_of_another_type(mti: str) -> None:
    (message,) = Framer().feed(seal({**_SALE_ELEMENTS, "t": mti}, KEY))
    with pytest.raises(UnknownMessage):
        parse_request(open_message(message))


def test_a_reversal_of_something_else_than_a_sale() -> None:
    elements = {"t": "0400", "7": "1123120501", "11": "000043", "41": "10000001", "90": "0400" + "0" * 38}
    (message,) = Framer().feed(seal(elements, KEY))
    with pytest.raises(FormatError):
        parse_request(open_message(message))


def test_a_third_bitmap_is_no_message_of_ours() -> None:
    with pytest.raises(FrameError):
        open_message(b"0200" + b"\x80" + bytes(7) + b"\x80" + bytes(7) + b"\xff" * 8)


# ── time and secrets ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sent_at", "now", "year"),
    [
        ("1123120501", "2026-11-23T12:05:03+08:00", 2026),
        ("1231235959", "2027-01-01T00:00:04+08:00", 2026),
        ("0101000002", "2026-12-31T23:59:58+08:00", 2027),
        ("0229120000", "2028-02-29T12:00:00+08:00", 2028),
        ("0229120000", "2027-03-01T12:00:00+08:00", 2024),
        ("0229120000", "2103-03-01T12:00:00+08:00", 2096),
        ("0301120000", "2026-12-15T12:00:00+08:00", 2026),
        ("0115120000", "2026-12-15T12:00:00+08:00", 2027),
    ],
)
def test_the_year_of_a_time_without_one(sent_at: str, now: str, year: int) -> None:
    moment = local_time(sent_at, datetime.fromisoformat(now))
    assert moment.year == year
    assert sent_at_of(moment) == sent_at


@given(
    st.timedeltas(timedelta(0), timedelta(days=365 * 80)),
    st.timedeltas(timedelta(days=-45), timedelta(days=45)),
    st.timedeltas(timedelta(0), timedelta(days=270)),
)
def test_a_late_reversal_names_the_same_sale(since: timedelta, off: timedelta, later: timedelta) -> None:
    """Whatever the till's clock said, within reason, and over New Year and leap days."""
    now = datetime.fromisoformat("2026-01-01T00:00:00+08:00") + since
    sent_at = sent_at_of(now + off)
    assert local_time(sent_at, now) == (now + off).replace(microsecond=0)
    assert local_time(sent_at, now + later) == local_time(sent_at, now)


def test_a_payment_code_is_never_shown() -> None:
    assert mask(SALE.code) == "…6784"
    assert mask("123") == "…"
    assert SALE.code not in repr(SALE)


def test_an_unreadable_message_does_not_travel_in_its_error() -> None:
    frame = encode(SALE, KEY)[2:] + b"trailing"
    with pytest.raises(FrameError) as caught:
        open_message(frame)
    assert caught.value.__cause__ is None
    assert SALE.code not in str(caught.value)


def test_messages_are_what_they_say() -> None:
    original = OriginalMessage("0200", "000042", "1123120501")
    reversal = ReversalRequest(sent_at="1123120540", trace="000043", terminal="10000001", original=original)
    (message,) = Framer().feed(encode(reversal, KEY))
    assert read(message) == reversal
    (message,) = Framer().feed(encode(SignOn(sent_at="1123120540", trace="000001", terminal="10000001"), KEY))
    assert isinstance(read(message), SignOn)
