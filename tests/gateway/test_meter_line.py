"""Every framer of a meter's line: whole frames, byte by byte, many at once, in noise, broken, and anything at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices_gateway.frames import cjt188, dlt645

pytestmark = pytest.mark.pure

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Case:
    name: str
    protocol: ModuleType
    data: bytes

    def feed(self, *pieces: bytes) -> list[bytes]:
        """The frames that were found, written again."""
        framer = self.protocol.Framer()
        return [self.protocol.encode(frame) for piece in pieces for frame in framer.feed(piece)]


def cases(protocol: ModuleType, golden: str, *, broken: bool = False) -> list[Case]:
    rows = json.loads((GOLDEN / golden).read_text("utf-8"))
    return [
        Case(row["name"], protocol, bytes.fromhex(row["frame"]))
        for row in rows
        if ("reject" in row["expect"]) == broken
    ]


GOOD = cases(dlt645, "dlt645-2007.json") + cases(cjt188, "cjt188.json")
BROKEN = cases(dlt645, "dlt645-2007.json", broken=True) + cases(cjt188, "cjt188.json", broken=True)
golden = pytest.mark.parametrize("case", GOOD, ids=lambda one: one.name)
protocols = pytest.mark.parametrize("protocol", [dlt645, cjt188], ids=["dlt645", "cjt188"])


@golden
def test_what_is_read_is_written_to_the_same_bytes(case):
    assert case.feed(case.data) == [case.data]


@golden
def test_byte_by_byte(case):
    framer, found = case.protocol.Framer(), []
    for byte in case.data:
        assert not found
        found = framer.feed(bytes((byte,)))
    assert [case.protocol.encode(frame) for frame in found] == [case.data]


@golden
def test_five_in_one_packet(case):
    assert case.feed(case.data * 5) == [case.data] * 5


@golden
@pytest.mark.parametrize("garbage", [b"\xfe\xfe\xfe\xfe", b"\x00\x16", b"\x68", b"\x68\x01\x02"])
def test_garbage_around(case, garbage):
    framer = case.protocol.Framer()
    frames = framer.feed(garbage + case.data + garbage + case.data * 3)
    assert case.protocol.encode(frames[-1]) == case.data
    assert framer.passed_over >= len(garbage)


@pytest.mark.parametrize("case", BROKEN, ids=lambda one: one.name)
def test_a_bad_checksum_is_passed_over_and_counted(case):
    framer = case.protocol.Framer()
    (good, *_) = [one.data for one in GOOD if one.protocol is case.protocol]
    assert [case.protocol.encode(frame) for frame in framer.feed(case.data + good)] == [good]
    assert framer.bad_checksums == 1


@golden
def test_every_flipped_bit_is_noticed(case):
    for place in range(8 * len(case.data)):
        broken = bytearray(case.data)
        broken[place // 8] ^= 1 << place % 8
        assert case.data not in case.feed(bytes(broken))


@protocols
@given(st.lists(st.binary(max_size=300), max_size=20))
def test_arbitrary_bytes_neither_break_nor_grow_it(protocol, pieces):
    framer = protocol.Framer()
    for piece in pieces:
        for frame in framer.feed(piece):
            assert len(frame.data) <= protocol.LONGEST_DATA
        assert len(framer._buffer) <= protocol.LONGEST


@protocols
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_after_any_noise_it_finds_its_feet_again(protocol, noise, more):
    (case, *_) = [one for one in GOOD if one.protocol is protocol]
    enough = protocol.LONGEST // len(case.data) + 2
    assert case.data in case.feed(noise, more, case.data * enough)
