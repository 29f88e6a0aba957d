"""The wire's faults: wrong MACs, broken frames, silent and greedy peers. None of them is ever a charge."""

from __future__ import annotations

import asyncio
import random
import socket
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs
from support.gateway_wire import KEY, Wire, sale
from support.stub_api import StubApi
from support.waiting import until

from devices_gateway.frames.framer import with_length
from devices_gateway.frames.iso8583 import (
    SignOn,
    encode,
    mac_of,
    open_message,
    parse_reply,
    seal,
    sent_at_of,
)
from devices_gateway.sessions import pos
from sandbox.devices.fleet import PosFleet
from sandbox.devices.pos import SaleState, TerminalState

CODE = "91234567890123456784"
OTHER_KEY = bytes(range(16, 32))
GOOD = {"t": "0200", "3": "000000", "4": "000000001250", "7": "1123120501", "11": "000042", "41": "10000001"}


async def hung_up(wire: Wire) -> bool:
    return await wire.read() is None


# ── who speaks ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (sale(CODE, 1250, key=OTHER_KEY), "another terminal's key"),
        (sale(CODE, 1250, key=None), "no MAC"),
        (sale(CODE, 1250, key=KEY)[:-1] + b"\x00", "a bent MAC"),
        (sale(CODE, 1250, terminal="99999999"), "a terminal nobody knows"),
        (seal({name: GOOD[name] for name in ("t", "3", "4", "7", "11")}, KEY), "no terminal at all"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_whoever_cannot_prove_a_terminal_is_told_a0_and_left(
    house, api: StubApi, frame: bytes, why: str
) -> None:
    await house.open()
    async with await Wire.open(house.gateway.address) as wire:
        message = await wire.ask(frame)
        assert message is not None
        envelope = open_message(message)
        assert envelope.mac is None, "nobody gets a signature for nothing"
        assert parse_reply(envelope).response_code == "A0"
        assert await hung_up(wire)
    assert api.calls.count("payment_code_charge") == 0


async def test_a_connection_belongs_to_one_terminal(house, api: StubApi) -> None:
    await house.open()
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(sale(CODE, 100))).response_code == "00"
        message = await wire.ask(sale(CODE, 100, terminal="10000002", key=OTHER_KEY))
        assert message is not None
        assert parse_reply(open_message(message)).response_code == "A0"
        assert await hung_up(wire)
    assert len(api.charges) == 1


async def test_a_till_with_a_wrong_key_says_so_and_keeps_its_reversal(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal(key=OTHER_KEY, repeats=1)
    result = await till.pay(CODE, 1250)
    assert (result.response_code, result.voice) == ("A0", "终端认证失败")
    assert till.sales[0].state is SaleState.REVERSING
    assert (await till.pay(CODE, 1250)).response_code == "98", "no new sale before it"
    assert api.charges == {}


async def test_an_a0_from_a_stranger_does_not_make_a_till_forget_a_charge(house, api: StubApi) -> None:
    """It proves nothing: the till still reverses, and does so once its own key is used again."""
    await house.open()
    till = house.terminal(repeats=0)
    till.faults.corrupt_mac = True
    assert (await till.pay(CODE, 1250)).response_code == "A0"
    till.faults.corrupt_mac = False
    assert await till.sign_on()
    assert till.sales[0].state is SaleState.REVERSED
    await until(lambda: api.reversals, "the reversal")


# ── broken frames ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "data",
    [b"\xff\xff", b"\x08\x01" + bytes(100), b"\x00\x00", b"GET / HTTP/1.1\r\n\r\n", with_length(bytes(64))],
    ids=["claims 65535", "claims 2049", "empty", "http", "zeros"],
)
async def test_what_is_no_frame_ends_the_connection(house, api: StubApi, data: bytes) -> None:
    await house.open()
    async with await Wire.open(house.gateway.address) as wire:
        await wire.send(data)
        assert await hung_up(wire)
    assert api.charges == {}
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(sale(CODE, 100))).response_code == "00", "others are served on"


async def test_nothing_that_is_sent_makes_the_gateway_fail(house, api: StubApi) -> None:
    """Noise, bent frames, and bent frames that a mad till signed: each is answered or hung up on."""
    chance = random.Random(8583)
    await house.open()

    def nonsense(trace: int) -> bytes:
        frame = bytearray(sale(f"9{trace:019d}", 1, trace=trace))
        for _ in range(chance.randrange(1, 6)):
            frame[chance.randrange(2, len(frame))] = chance.choice([chance.randrange(256), *b"0 +-_9A"])
        kind = chance.randrange(4)
        if kind == 0:
            return chance.randbytes(chance.randrange(1, 300))
        if kind == 1:
            return bytes(frame[: chance.randrange(2, len(frame))])
        if kind == 2:
            return bytes(frame) * chance.randrange(1, 12)
        return with_length(bytes(frame[2:-8]) + mac_of(bytes(frame[2:-8]), KEY))

    with capture_logs() as logs:
        for trace in range(300):
            async with await Wire.open(house.gateway.address) as wire:
                await wire.send(nonsense(trace))
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(sale(CODE, 100, trace=999))).response_code == "00"
    assert logs
    assert [entry for entry in logs if entry["log_level"] in ("error", "critical")] == []
    assert not house.gateway.failed.is_set()
    await until(lambda: house.gateway.pos.connected == 0, "all of them to be gone")


async def test_a_truncated_frame_is_not_waited_for(
    house, api: StubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pos, "MESSAGE_TIMEOUT_S", 0.2)
    await house.open()
    async with await Wire.open(house.gateway.address) as wire:
        await wire.send(sale(CODE, 1250)[:-3])
        assert await hung_up(wire)
    assert api.charges == {}


async def test_a_frame_in_drops_cannot_hold_a_connection(
    house, api: StubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pos, "MESSAGE_TIMEOUT_S", 0.3)
    await house.open()
    frame = sale(CODE, 1250)
    async with await Wire.open(house.gateway.address) as wire:

        async def drip() -> None:
            for byte in frame:
                await wire.send(bytes([byte]))
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert await hung_up(wire)
        dripping.cancel()
        await asyncio.wait([dripping])
    assert api.charges == {}


async def test_a_slow_but_honest_line(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal()
    till.faults.slow_s = 0.1
    assert (await till.pay(CODE, 1250)).approved


async def test_a_silent_stranger_holds_no_place(house, api: StubApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pos, "STRANGER_TIMEOUT_S", 0.2)
    await house.open()
    async with await Wire.open(house.gateway.address) as wire:
        assert await hung_up(wire)


async def test_no_more_connections_than_there_is_room_for(
    house, api: StubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pos, "MAX_SESSIONS", 2)
    await house.open()
    async with await Wire.open(house.gateway.address) as one, await Wire.open(house.gateway.address) as two:
        assert (await one.reply(sale(CODE, 100))).response_code == "00"
        await two.send(sale(f"9{1:019d}", 100, terminal="10000002", key=OTHER_KEY))
        assert (await two.receive(OTHER_KEY)).response_code == "00"
        async with await Wire.open(house.gateway.address) as third:
            assert await hung_up(third)
        assert (await one.reply(sale(f"9{2:019d}", 100, trace=2))).response_code == "00"


async def test_strangers_give_way_to_whoever_comes_next(
    house, api: StubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of silent connections keep no till out: whoever proved nothing leaves first, the oldest first."""
    monkeypatch.setattr(pos, "MAX_SESSIONS", 3)
    await house.open()
    async with await Wire.open(house.gateway.address) as till:
        assert (await till.reply(sale(CODE, 100))).response_code == "00"
        strangers = [await Wire.open(house.gateway.address) for _ in range(20)]
        for stranger in strangers[:-2]:
            assert await hung_up(stranger)
        async with await Wire.open(house.gateway.address) as other:
            reply = await other.reply(sale(f"9{43:019d}", 100, trace=43))
            assert reply.response_code == "00"
        assert (await till.reply(sale(f"9{44:019d}", 100, trace=44))).response_code == "00"
        for stranger in strangers:
            await stranger.close()


async def test_lines_left_behind_give_way_too(house, api: StubApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """A till on a bad network leaves a dead line at each reconnect, and a recorded 0800 proves a terminal to
    whoever plays it: the place of an older line of the same terminal is not worth keeping others out."""
    monkeypatch.setattr(pos, "MAX_SESSIONS", 3)
    await house.open()
    frame = encode(SignOn(sent_at=sent_at_of(datetime.now(UTC)), trace="000001", terminal="10000001"), KEY)
    left = [await Wire.open(house.gateway.address) for _ in range(3)]
    for wire in left:
        assert (await wire.reply(frame)).response_code == "00"
    async with await Wire.open(house.gateway.address) as other:
        await other.send(sale(CODE, 100, terminal="10000002", key=OTHER_KEY))
        assert (await other.receive(OTHER_KEY)).response_code == "00"
    assert await hung_up(left[0])
    assert (await left[-1].reply(frame)).response_code == "00", "the newest stays"
    for wire in left:
        await wire.close()


async def test_a_till_that_never_reads_is_not_remembered(
    house, api: StubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pos, "WRITE_TIMEOUT_S", 0.2)
    await house.open()
    server = house.gateway.pos._server
    server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.setblocking(False)
    await asyncio.get_running_loop().sock_connect(listener, house.gateway.address)
    elements = {"t": "0800", "7": "1123120501", "11": "000042", "41": "10000001", "60": "x" * 999}
    with listener, suppress(ConnectionError):
        async with asyncio.timeout(20):
            while True:  # until the gateway has had enough
                await asyncio.get_running_loop().sock_sendall(listener, seal(elements, KEY))
    await until(lambda: server._active_count == 0, "its transport to be let go")


@pytest.mark.parametrize(
    ("element", "value"),
    [("4", "-00000001250"), ("4", "0000000012.5"), ("7", "9999999999"), ("48", "'; DROP--")],
)
async def test_a_malformed_element_is_answered_30(house, api: StubApi, element: str, value: str) -> None:
    await house.open()
    elements = {**GOOD, "48": CODE, element: value}
    async with await Wire.open(house.gateway.address) as wire:
        reply = await wire.reply(seal(elements, KEY))
        assert (reply.response_code, reply.trace) == ("30", "000042")
        assert (await wire.reply(sale(CODE, 100))).response_code == "00", "the connection goes on"
    assert len(api.charges) == 1


@pytest.mark.parametrize("mti", ["0100", "0220", "0210", "0999"])
async def test_a_message_of_another_type_ends_the_connection(house, api: StubApi, mti: str) -> None:
    await house.open()
    async with await Wire.open(house.gateway.address) as wire:
        await wire.send(seal({**GOOD, "48": CODE, "t": mti}, KEY))
        assert await hung_up(wire)
    assert api.charges == {}


async def test_five_sales_in_one_packet_are_answered_in_turn(house, api: StubApi) -> None:
    await house.open()
    moment = datetime.now(UTC)
    frames = [sale(f"9{number:019d}", 100, trace=number, moment=moment) for number in range(5)]
    async with await Wire.open(house.gateway.address) as wire:
        await wire.send(b"".join(frames))
        traces = [(await wire.receive()).trace for _ in frames]
    assert traces == [f"{number:06d}" for number in range(5)]
    assert api.paid_fen() == 500


# ── signing on, fleet ────────────────────────────────────────────────────────────────────────────────────


async def test_sign_on_tells_the_time(house, api: StubApi) -> None:
    await house.open()
    frame = encode(SignOn(sent_at=sent_at_of(datetime.now(UTC)), trace="000001", terminal="10000001"), KEY)
    async with await Wire.open(house.gateway.address) as wire:
        reply = await wire.reply(frame)
    assert (reply.response_code, reply.text) == ("00", "签到成功")
    assert len(reply.date + reply.time) == 10


async def test_the_api_is_told_who_was_heard(house, api: StubApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices_gateway.gateway.HEARTBEAT_S", 0.05)
    await house.open()
    assert await house.terminal().sign_on()
    await until(lambda: ["10000001"] in api.seen, "the heartbeat")


async def test_more_terminals_than_the_api_takes_at_once(
    house, api: StubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices_gateway.gateway.HEARTBEAT_S", 0.05)
    await house.open()
    many = [f"{number:08d}" for number in range(1200)]
    house.gateway.pos.put_back(set(many))
    await until(lambda: sorted(number for part in api.seen for number in part) == many, "all of them")
    assert max(map(len, api.seen)) <= 1000


async def test_a_fleet_shows_the_state_of_each_till(house, api: StubApi) -> None:
    await house.open()
    changes: list[str] = []
    frames: list[tuple[str, str]] = []
    keys = {"10000001": KEY, "10000002": bytes(16)}
    host, port = house.gateway.address
    async with PosFleet(
        keys,
        host,
        port,
        places={"10000001": "第一食堂"},
        on_change=changes.append,
        on_frame=lambda number, direction, message: frames.append((number, direction)),
    ) as fleet:
        await until(lambda: fleet["10000001"].state is TerminalState.IDLE, "the first is ready")
        await until(lambda: fleet["10000002"].state is TerminalState.DECLINED, "the second has a wrong key")
        result = await fleet["10000001"].pay(CODE, 1250)
        assert result.approved
        assert fleet["10000001"].state is TerminalState.APPROVED
        assert fleet["10000001"].place == "第一食堂"
    assert "10000001" in changes
    assert {("10000001", "→"), ("10000001", "←")} <= set(frames)


async def test_a_till_without_its_gateway_is_offline(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal(repeats=0)
    assert await till.sign_on()
    await house.close()
    assert not await till.sign_on()
    assert till.state is TerminalState.OFFLINE
    await house.open()  # on another port: what counts is that the till said so


async def test_closing_finishes_the_sale_in_hand(house, api: StubApi) -> None:
    await house.open(answerWithinS=5.0)
    api.faults.hang_before = True
    async with await Wire.open(house.gateway.address) as wire:
        await wire.send(sale(CODE, 1250))
        await until(lambda: "payment_code_charge" in api.calls, "the charge on its way")
        closing = asyncio.create_task(house.close())
        api.faults.hang_before = False
        assert (await wire.receive()).response_code == "00"
        await closing
        assert await hung_up(wire)
    assert api.paid_fen() == 1250
    await house.open()
