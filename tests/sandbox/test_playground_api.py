"""The playground's interface: states, verbs, changes, and what it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.app import NoCampus, SandboxSettings, assemble, build
from sandbox.playground.card import CardError, need_choice, need_fen, need_text
from sandbox.playground.stream import Stream
from sandbox.playground.wechat_card import WechatCard
from sandbox.wechat import World

PAGE_URL = "http://127.0.0.1:8000/"
OPENID = "o" + "7" * 27


class Lamp:
    """The smallest card there is."""

    name = "lamp"

    def __init__(self) -> None:
        self.on = False
        self.closed = False
        self.verbs = {"switch": self._switch}
        self._changed: Callable[[], None] = lambda: None

    def state(self) -> dict[str, Any]:
        return {"on": self.on}

    async def start(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    async def aclose(self) -> None:
        self.closed = True

    async def _switch(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(body.get("on"), bool):
            raise CardError("灯只有开和关")
        self.on = body["on"]
        self._changed()
        return {"was": not self.on}


@asynccontextmanager
async def playground(home: Path, *cards: Any) -> AsyncIterator[httpx.AsyncClient]:
    world = World(home)
    app = assemble(world, [*cards, WechatCard(world)], {"school": "临江"}, PAGE_URL, home / "built")
    app.state.world = world
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001") as http,
    ):
        http.world = world
        yield http


async def test_a_card_is_seen_played_and_closed(tmp_path: Path) -> None:
    lamp = Lamp()
    async with playground(tmp_path, lamp) as http:
        assert (await http.get("/playground/api/about")).json() == {"school": "临江"}
        assert (await http.get("/playground/api/state")).json()["lamp"] == {"on": False}

        answer = await http.post("/playground/api/lamp/switch", json={"on": True})

        assert answer.json() == {"ok": True, "result": {"was": False}}
        assert (await http.get("/playground/api/state")).json()["lamp"] == {"on": True}
    assert lamp.closed


@pytest.mark.parametrize(
    ("path", "content", "content_type", "status"),
    [
        ("lamp/switch", b'{"on": "maybe"}', "application/json", 422),
        ("lamp/switch", b"not json", "application/json", 422),
        ("lamp/switch", b"[]", "application/json", 422),
        ("lamp/switch", b" " * 70_000, "application/json", 422),
        ("lamp/switch", b'{"on": true}', "text/plain", 415),
        ("lamp/switch", b"on=true", "application/x-www-form-urlencoded", 415),
        ("lamp/explode", b"{}", "application/json", 404),
        ("door/open", b"{}", "application/json", 404),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_sentence_and_changes_nothing(
    tmp_path: Path, path: str, content: bytes, content_type: str, status: int
) -> None:
    lamp = Lamp()
    async with playground(tmp_path, lamp) as http:
        answer = await http.post(
            f"/playground/api/{path}", content=content, headers={"content-type": content_type}
        )

    assert answer.status_code == status
    assert answer.json()["ok"] is False
    assert answer.json()["message"]
    assert lamp.on is False


async def test_a_stream_begins_with_everything_and_then_tells_only_the_newest_of_what_changed() -> None:
    lamp, other = Lamp(), Lamp()
    other.name = "other"
    stream = Stream([lamp, other])
    await lamp.start(stream.announcer("lamp"))
    events = stream.listen()

    first = [await anext(events), await anext(events)]
    for on in (True, False, True):
        await lamp.verbs["switch"]({"on": on})
    later = await asyncio.wait_for(anext(events), 5)
    stream.close()
    rest = [event async for event in events]

    assert [line.split(b"\n")[0] for line in first] == [b"event: lamp", b"event: other"]
    assert later == b'event: lamp\ndata: {"on":true}\n\n'
    assert [event for event in rest if b"data" in event] == []


async def test_the_page_comes_with_a_policy_and_says_when_it_is_not_built(tmp_path: Path) -> None:
    async with playground(tmp_path) as http:
        missing = await http.get("/playground")
        (tmp_path / "built").mkdir()
        (tmp_path / "built" / "playground.html").write_text("<!doctype html>")
        found = [await http.get(path) for path in ("/", "/playground", "/playground/playground.html")]
        outside = await http.get("/playground/../sandbox/wechat/names.json")

    assert (missing.status_code, "npm run build:playground" in missing.text) == (200, True)
    assert [answer.status_code for answer in found] == [200, 200, 200]
    assert "frame-src 'self' http://127.0.0.1:8000;" in found[0].headers["content-security-policy"]
    assert outside.status_code == 404


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("http://localhost:8001/playground", (307, "http://127.0.0.1:8001/playground")),
        ("http://127.0.0.1:8001/playground", (200, None)),
        ("http://10.0.0.5:8001/playground", (200, None)),
    ],
)
async def test_the_playground_is_opened_on_the_same_site_as_the_phone(
    tmp_path: Path, asked: str, answered: tuple[int, str | None]
) -> None:
    async with playground(tmp_path) as http:
        answer = await http.get(asked)

    assert (answer.status_code, answer.headers.get("location")) == answered


def test_without_a_campus_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoCampus):
        build(SandboxSettings(tmp_path, PAGE_URL))


async def test_wechat_is_played_an_order_is_paid_and_told_again(tmp_path: Path) -> None:
    async with playground(tmp_path) as http:
        world: World = http.world
        (
            await http.post("/playground/api/wechat/next", json={"knob": "notify", "choice": "drop"})
        ).raise_for_status()
        world.trades.prepay(
            out_trade_no="RCH00000001",
            openid=OPENID,
            description="校园卡充值",
            total_fen=5000,
            notify_url="http://127.0.0.1:9/nobody",
            expires="",
        )
        before = (await http.get("/playground/api/state")).json()["wechat"]
        paid = await http.post("/playground/api/wechat/pay", json={"outTradeNo": "RCH00000001"})
        after = (await http.get("/playground/api/state")).json()["wechat"]
        again = await http.post("/playground/api/wechat/notify", json={"outTradeNo": "RCH00000001"})
        unknown = await http.post("/playground/api/wechat/notify", json={"outTradeNo": "RCH99999999"})
        await http.post("/playground/api/wechat/well")
        wrong = await http.post("/playground/api/wechat/next", json={"knob": "notify", "choice": "sing"})
        well = await http.post("/playground/api/wechat/well", json={})
        end = (await http.get("/playground/api/state")).json()["wechat"]

    assert before["next"]["notify"] == "drop"
    assert [(order["state"], order["canPay"], order["amountFen"]) for order in before["orders"]] == [
        ("NOTPAY", True, 5000)
    ]
    assert paid.json()["result"] == {"outcome": "ok"}
    assert [(order["state"], order["canNotify"]) for order in after["orders"]] == [("SUCCESS", True)]
    assert after["orders"][0]["notifications"] == "已丢失"
    assert again.json()["ok"] is True
    assert (unknown.status_code, unknown.json()["message"]) == (422, "这笔订单还没有可以重发的通知")
    assert wrong.status_code == 422
    assert well.json()["ok"] is True
    assert end["next"]["notify"] == "send"
    assert OPENID not in json.dumps(end)


def test_fields_are_read_strictly() -> None:
    assert need_text({"code": " 912 "}, "code") == "912"
    assert need_fen({"amountFen": 0}, "amountFen") == 0
    assert need_choice({"to": "a"}, "to", ("a", "b")) == "a"
    for bad in ({}, {"x": ""}, {"x": 1}, {"x": "y" * 300}):
        with pytest.raises(CardError):
            need_text(bad, "x")
    for bad in ({}, {"x": -1}, {"x": 1.5}, {"x": True}, {"x": 10**12}, {"x": "1"}):
        with pytest.raises(CardError):
            need_fen(bad, "x")
