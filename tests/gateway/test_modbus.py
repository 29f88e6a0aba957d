"""Modbus frames: those of the specification, and whatever else comes over a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices_gateway.frames.modbus import (
    Framing,
    ModbusCodec,
    Refusal,
    Table,
    read_coil,
    read_registers,
    whole_number,
    write_coil,
)

pytestmark = pytest.mark.pure
# Modbus application protocol V1.1b3, 6.3, 6.1 and 6.5; RTU with the CRC of Modbus over serial line V1.02, 6.2.2.
GOLDEN = [
    (
        read_registers(0x11, Table.HOLDING, 0x006B, 3),
        "1103006b00037687",
        "110306022b00000064c8ba",
        [0x022B, 0, 0x64],
    ),
    (read_registers(1, Table.HOLDING, 0, 2), "010300000002c40b", "01030400061a8010f2", [6, 0x1A80]),
    (read_registers(0x11, Table.INPUT, 8, 1), "110400080001b298", "110402000af8f4", [10]),
]


@pytest.mark.parametrize(("request_", "sent", "heard", "registers"), GOLDEN)
def test_registers_as_the_specification_shows_them(request_, sent, heard, registers) -> None:
    codec = ModbusCodec(Framing.RTU)
    assert codec.encode(request_).hex() == sent
    whole = bytes.fromhex(heard)
    for cut in range(1, len(whole)):  # in pieces, as a serial server sends them
        codec.clear()
        assert codec.feed(whole[:cut], request_) is None
        reply = codec.feed(whole[cut:], request_)
        assert reply is not None
        assert not isinstance(reply, Refusal)
        assert reply.registers == registers


def test_the_same_over_tcp_is_numbered() -> None:
    codec, request = ModbusCodec(Framing.TCP), read_registers(0x11, Table.HOLDING, 0x006B, 3)
    first, second = codec.encode(request), codec.encode(request)
    assert first[2:].hex() == second[2:].hex() == "0000000611" + "03006b0003"
    answer = bytes.fromhex("0000000911" + "0306022b00000064")
    assert codec.feed(first[:2] + answer, request) is None, "the answer to the one before"
    assert codec.feed(second[:2] + answer, request) is not None


def test_a_coil_is_read_and_written() -> None:
    codec, read, write = ModbusCodec(Framing.RTU), read_coil(0x11, 0x13), write_coil(0x11, 0xAC, on=True)
    assert codec.encode(read)[:6].hex() == "110100130001"
    assert codec.encode(write).hex() == "110500acff004e8b"
    assert codec.encode(write_coil(0x11, 0xAC, on=False))[:6].hex() == "110500ac0000"
    reply = codec.feed(bytes.fromhex("110500acff004e8b"), write)
    assert not isinstance(reply, Refusal)
    assert reply is not None


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("1183 02 c134", "exception 2: it has no such register"),
        ("1183 06 c0f7", "exception 6: it is busy"),
    ],
)
def test_an_exception_is_a_refusal_in_words(heard: str, said: str) -> None:
    reply = ModbusCodec(Framing.RTU).feed(bytes.fromhex(heard), read_registers(0x11, Table.HOLDING, 0, 2))
    assert isinstance(reply, Refusal)
    assert reply.reason == said


@pytest.mark.parametrize(
    "heard",
    [
        "01030400061a8010f3",  # a wrong checksum
        "02030400061a8023f2",  # of another unit
        "010101019048",  # the answer to another question
    ],
)
def test_what_answers_nothing_is_noise(heard: str) -> None:
    codec = ModbusCodec(Framing.RTU)
    assert codec.feed(bytes.fromhex(heard), read_registers(1, Table.HOLDING, 0, 2)) is None
    assert codec.noise > 0


@given(st.lists(st.binary(max_size=40), max_size=8), st.sampled_from(list(Framing)))
def test_arbitrary_bytes_are_survived_and_the_next_question_is_answered(
    pieces: list[bytes], framing: Framing
) -> None:
    codec, request = ModbusCodec(framing), read_registers(1, Table.HOLDING, 0, 2)
    sent = codec.encode(request)
    for piece in pieces:
        codec.feed(piece, request)
    codec.clear()
    answer = (
        bytes.fromhex("01030400061a8010f2")
        if framing is Framing.RTU
        else sent[:2] + bytes.fromhex("000000070103040006" + "1a80")
    )
    reply = codec.feed(answer, request)
    assert reply is not None
    assert not isinstance(reply, Refusal)
    assert reply.registers == [6, 0x1A80]


@pytest.mark.parametrize(
    ("registers", "signed", "low_word_first", "number"),
    [
        ([6, 0x1A80], False, False, 400_000),
        ([0x1A80, 6], False, True, 400_000),
        ([0xFFFF, 0xFFFE], True, False, -2),
        ([0xFFFF], False, False, 65_535),
        ([1, 0, 0, 0], False, False, 2**48),
    ],
)
def test_numbers_of_several_registers(registers, signed, low_word_first, number) -> None:
    assert whole_number(registers, signed=signed, low_word_first=low_word_first) == number
