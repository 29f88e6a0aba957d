"""The terminals' card: the real simulator, real frames, a stub gateway behind a TCP port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sandbox.campus import SEED, build_campus, write_campus
from sandbox.playground.card import CardError
from sandbox.playground.pos_card import FRAMES_KEPT, PosCard, Till

NUMBER = "10000003"
CODE = "91234567890123456783"


@asynccontextmanager
async def card_of(
    gateway: Any, keys: dict[str, bytes], *, reply_timeout_s: float = 0.3
) -> AsyncIterator[PosCard]:
    tills = [Till(number, "家常快餐", "第一食堂一楼5号窗", key) for number, key in keys.items()]
    card = PosCard(tills, "127.0.0.1", gateway.port, reply_timeout_s=reply_timeout_s)
    changes = asyncio.Event()
    await card.start(changes.set)
    try:
        await until(changes, lambda: all(one["link"] == "UP" for one in card.state()["terminals"]))
        card.changes = changes
        yield card
    finally:
        await card.aclose()


async def until(changes: asyncio.Event, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            changes.clear()
            await changes.wait()


def shown(card: PosCard, number: str = NUMBER) -> dict[str, Any]:
    return next(one for one in card.state()["terminals"] if one["number"] == number)


async def titles(card: PosCard) -> list[str]:
    answer = await card.verbs["frames"]({"terminal": NUMBER})
    assert answer is not None
    return [frame["title"] for frame in reversed(answer["frames"])]


def asked(fen: int, code: str = CODE) -> dict[str, Any]:
    return {"terminal": NUMBER, "code": code, "amountFen": fen}


async def test_a_lunch_is_paid_shown_and_spoken(gateway: Any, terminal_keys: dict[str, bytes]) -> None:
    async with card_of(gateway, terminal_keys) as card:
        result = await card.verbs["pay"](asked(1250))
        terminal = shown(card)
        log = await card.verbs["frames"]({"terminal": NUMBER})

    assert result == {
        "responseCode": "00",
        "approved": True,
        "display": "支付成功\n张* 12.50元\n可用余额 87.50元",
        "attempts": 1,
    }
    assert gateway.posted == [(NUMBER, 1250)]
    assert (terminal["outcome"], terminal["voice"], terminal["spoken"]) == ("OK", "支付成功", 1)
    assert terminal["display"] == ["支付成功", "张* 12.50元", "可用余额 87.50元"]
    assert terminal["lastSaleFen"] == 1250
    assert CODE not in json.dumps(log) + json.dumps(card.state())
    assert CODE.encode().hex() not in json.dumps(log)


async def test_a_refusal_moves_nothing_and_leaves_nothing_to_reverse(
    gateway: Any, terminal_keys: dict[str, bytes]
) -> None:
    async with card_of(gateway, terminal_keys) as card:
        result = await card.verbs["pay"](asked(1250, code="91000000000000000000"))
        terminal = shown(card)
        with pytest.raises(CardError, match="没有可以撤销的交易"):
            await card.verbs["reverse"]({"terminal": NUMBER})

    assert result is not None
    assert (result["approved"], result["responseCode"]) == (False, "14")
    assert (terminal["outcome"], terminal["voice"], terminal["lastSaleFen"]) == (
        "REFUSED",
        "付款码无效",
        None,
    )
    assert gateway.posted == []


async def test_the_last_sale_is_taken_back_once(gateway: Any, terminal_keys: dict[str, bytes]) -> None:
    async with card_of(gateway, terminal_keys) as card:
        await card.verbs["pay"](asked(1250))
        result = await card.verbs["reverse"]({"terminal": NUMBER})
        with pytest.raises(CardError):
            await card.verbs["reverse"]({"terminal": NUMBER})

    assert result is not None
    assert result["display"] == "冲正成功"
    assert gateway.codes[CODE] == 10000


@pytest.mark.parametrize("fault", ["dropReply", "dropRequest"])
async def test_what_is_lost_once_is_sent_again_and_money_moves_once(
    gateway: Any, terminal_keys: dict[str, bytes], fault: str
) -> None:
    async with card_of(gateway, terminal_keys) as card:
        await card.verbs["fault"]({"terminal": NUMBER, "fault": fault, "on": True})
        armed = shown(card)["faults"]
        result = await card.verbs["pay"](asked(1250))
        log = await titles(card)

    assert armed == {"dropReply": False, "dropRequest": False, "wrongMac": False} | {fault: True}
    assert result is not None
    assert (result["approved"], result["attempts"]) == (True, 2)
    assert gateway.posted == [(NUMBER, 1250)]
    assert "没有等到应答，用同一流水号重发" in log
    assert any(title.startswith("故障：") for title in log)
    assert shown(card)["faults"][fault] is False


async def test_a_wrong_mac_charges_nobody_and_heals(gateway: Any, terminal_keys: dict[str, bytes]) -> None:
    async with card_of(gateway, terminal_keys) as card:
        await card.verbs["fault"]({"terminal": NUMBER, "fault": "wrongMac", "on": True})
        refused = await card.verbs["pay"](asked(1250))
        await card.verbs["fault"]({"terminal": NUMBER, "fault": "wrongMac", "on": False})
        paid = await card.verbs["pay"](asked(1250))

    assert refused is not None
    assert refused["responseCode"] == "A0"
    assert paid is not None
    assert paid["approved"] is True
    assert gateway.posted == [(NUMBER, 1250)]
    assert gateway.strangers > 0


async def test_without_its_cable_a_terminal_says_so_and_comes_back(
    gateway: Any, terminal_keys: dict[str, bytes]
) -> None:
    async with card_of(gateway, terminal_keys) as card:
        await card.verbs["cable"]({"terminal": NUMBER, "plugged": False})
        await until(card.changes, lambda: shown(card)["outcome"] == "UNKNOWN")
        out = shown(card)
        result = await card.verbs["pay"](asked(1250))
        other = shown(card, "10000004")
        await card.verbs["cable"]({"terminal": NUMBER, "plugged": True})
        await until(card.changes, lambda: shown(card)["link"] == "UP")
        again = await card.verbs["pay"](asked(1250))

    assert (out["link"], other["link"]) == ("UNPLUGGED", "UP")
    assert result is not None
    assert result["approved"] is False
    assert again is not None
    assert again["approved"] is True
    assert gateway.posted == [(NUMBER, 1250)]


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("pay", {"terminal": "99999999", "code": CODE, "amountFen": 1}),
        ("pay", {"terminal": NUMBER, "code": "", "amountFen": 1}),
        ("pay", {"terminal": NUMBER, "code": "付款码", "amountFen": 1}),
        ("pay", {"terminal": NUMBER, "code": "9" * 65, "amountFen": 1}),
        ("pay", {"terminal": NUMBER, "code": CODE, "amountFen": -1}),
        ("pay", {"terminal": NUMBER, "code": CODE, "amountFen": 12.5}),
        ("fault", {"terminal": NUMBER, "fault": "meteor", "on": True}),
        ("frames", {}),
    ],
)
async def test_nonsense_is_refused_before_it_reaches_the_wire(
    gateway: Any, terminal_keys: dict[str, bytes], verb: str, body: dict[str, Any]
) -> None:
    async with card_of(gateway, terminal_keys) as card:
        before = len(gateway.requests)
        with pytest.raises(CardError):
            await card.verbs[verb](body)

    assert len(gateway.requests) == before


async def test_one_sale_at_a_time(gateway: Any, terminal_keys: dict[str, bytes]) -> None:
    async with card_of(gateway, terminal_keys) as card:
        await card.verbs["fault"]({"terminal": NUMBER, "fault": "dropReply", "on": True})
        first = asyncio.create_task(card.verbs["pay"](asked(1250)))
        await until(card.changes, lambda: shown(card)["busy"])
        with pytest.raises(CardError, match="上一笔还在处理"):
            await card.verbs["pay"](asked(900))
        await first

    assert gateway.posted == [(NUMBER, 1250)]


async def test_a_gateway_that_comes_late_finds_its_terminals(
    gateway: Any, terminal_keys: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.devices.pos.RECONNECT_EVERY_S", 0.05)
    port = gateway.port
    await gateway.stop()
    card = PosCard(
        [Till(NUMBER, "家常快餐", "一楼", terminal_keys[NUMBER])], "127.0.0.1", port, reply_timeout_s=0.3
    )
    changes = asyncio.Event()
    await card.start(changes.set)
    try:
        await until(changes, lambda: shown(card)["display"][0] == "网络中断")
        await gateway.start(port)
        await until(changes, lambda: shown(card)["link"] == "UP")
    finally:
        await card.aclose()


async def test_the_log_is_bounded(gateway: Any, terminal_keys: dict[str, bytes]) -> None:
    async with card_of(gateway, {NUMBER: terminal_keys[NUMBER]}) as card:
        for _ in range(FRAMES_KEPT):
            await card.verbs["pay"](asked(1))
        log = await titles(card)

    assert len(log) == FRAMES_KEPT


def test_the_card_finds_its_terminals_in_the_data_folder(tmp_path: Path) -> None:
    write_campus(
        build_campus(SEED, date(2026, 11, 23)),
        tmp_path,
        api_url="http://127.0.0.1:8000/graphql",
        pos_listen="127.0.0.1:8002",
    )

    found = PosCard.from_home(tmp_path).state()["terminals"]

    assert len(found) == 12
    assert [found[2]["number"], found[2]["merchant"], found[2]["link"]] == [NUMBER, "家常快餐", "DOWN"]
