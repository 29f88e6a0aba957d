"""The log of what peers do at the door: all of it counted, and no longer for being done more often."""

from __future__ import annotations

from typing import Any

import pytest
from structlog import get_logger
from structlog.testing import capture_logs
from support.gateway_wire import KEY, Wire, sale
from support.stub_api import StubApi

from devices_gateway.sessions import peers
from devices_gateway.sessions.peers import PeerLog

CODE = "91234567890123456784"
log = get_logger()


def told(logs: list[Any]) -> list[tuple[str, str, str | None, int | None]]:
    return [(line["event"], line["peer"], line["terminal"], line.get("again")) for line in logs]


def test_the_first_is_told_at_once_and_the_rest_once_a_minute() -> None:
    book = PeerLog()
    with capture_logs() as logs:
        for number in range(500):
            book.note(log.warning, "mac_refused", "10.0.0.9", None, claimed=f"{number:08d}")
        assert told(logs) == [("mac_refused", "10.0.0.9", None, None)]
        book.tell()
        assert told(logs[1:]) == [("mac_refused", "10.0.0.9", None, 499)]
        assert (logs[1]["claimed"], logs[1]["log_level"]) == ("00000499", "warning")
        book.tell()  # a quiet minute
        book.note(log.warning, "mac_refused", "10.0.0.9", None, claimed="1")
        assert told(logs[2:]) == [("mac_refused", "10.0.0.9", None, None)], "news again"


def test_tills_of_one_address_are_told_apart() -> None:
    book = PeerLog()
    with capture_logs() as logs:
        for terminal in ("10000001", "10000002", "10000001"):
            book.note(log.info, "session_ended", "10.0.0.1", terminal, reason="hung up")
        book.tell()
    assert told(logs) == [
        ("session_ended", "10.0.0.1", "10000001", None),
        ("session_ended", "10.0.0.1", "10000002", None),
        ("session_ended", "10.0.0.1", "10000001", 1),
    ]


def test_peers_without_number_are_counted_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "MAX_COUNTED", 2)
    book = PeerLog()
    with capture_logs() as logs:
        for number in range(1000):
            book.note(log.info, "session_ended", f"2001:db8::{number:x}", None, reason="hung up")
        book.tell()
    assert told(logs) == [
        ("session_ended", "2001:db8::0", None, None),
        ("session_ended", "2001:db8::1", None, None),
        ("session_ended", "others", None, None),
        ("session_ended", "others", None, 997),
    ]


async def test_a_peer_that_is_refused_again_and_again_is_two_lines_each_time_it_is_told(
    house, api: StubApi
) -> None:
    await house.open()
    with capture_logs() as logs:
        for _ in range(30):
            async with await Wire.open(house.gateway.address) as wire:
                await wire.ask(sale(CODE, 1250, key=KEY[::-1]))
                assert await wire.read() is None
        await house.gateway.pos.stop(5)
    lines = [line for line in logs if line.get("peer") == "127.0.0.1"]
    assert sorted(told(lines), key=str) == [
        ("mac_refused", "127.0.0.1", None, 29),
        ("mac_refused", "127.0.0.1", None, None),
        ("session_ended", "127.0.0.1", None, 29),
        ("session_ended", "127.0.0.1", None, None),
    ]
