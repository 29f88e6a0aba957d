"""The signed sandbox, served by a real uvicorn on a free port, and a school that takes notifications."""

from __future__ import annotations

import asyncio
import atexit
import json
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from support.waiting import until
from wechatpayv3.async_ import AsyncWeChatPay, WeChatPayType

from onecard.outside.wechat_pay_v3 import WechatPayConfig, WechatPayV3
from onecard.settings import Settings
from sandbox.wechat import World, app
from sandbox.wechat_keys import environment, load_keys

STUDENT = {"number": "2002001", "name": "林小满", "roles": ["STUDENT"], "wecom_userid": "2002001"}
UNBOUND = {"number": "2002002", "name": "周一鸣", "roles": ["STUDENT"], "wecom_userid": None}
COUNSELOR = {"number": "1005001", "name": "何知秋", "roles": ["COUNSELOR"], "wecom_userid": "1005001"}
PEOPLE = [STUDENT, UNBOUND, COUNSELOR]


class ManualClock:
    """The real time, moved by `offset_s`: `clock()` for the school, `clock.seconds()` for the sandbox."""

    def __init__(self) -> None:
        self.offset_s = 0.0

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)

    def seconds(self) -> float:
        return time.time() + self.offset_s


@dataclass
class School:
    """What the sandbox called us with; `status` is what we answer."""

    base: str
    status: int = 204
    received: list[tuple[str, list[tuple[str, str]], bytes]] = field(default_factory=list)

    def about(self, kind: str) -> list[tuple[list[tuple[str, str]], bytes]]:
        return [(headers, body) for path, headers, body in self.received if path.endswith(kind)]


@dataclass
class Sandbox:
    world: World
    base: str
    home: Path
    http: httpx.AsyncClient

    def settings(self, school: School | None = None) -> Settings:
        port = int(self.base.rpartition(":")[2])
        given = environment(self.home, "127.0.0.1", port, 1)
        given["ONECARD_PUBLIC_URL"] = school.base if school else "http://127.0.0.1:1"
        needed = {"HOME": str(self.home), "DATABASE_URL": "postgresql://x/x", "REDIS_URL": "redis://x"}
        return Settings.from_env({f"ONECARD_{name}": value for name, value in needed.items()} | given)

    @asynccontextmanager
    async def pay(
        self, school: School | None = None, clock: Callable[[], datetime] | None = None
    ) -> AsyncIterator[WechatPayV3]:
        config = WechatPayConfig.from_settings(self.settings(school))
        async with WechatPayV3(config, clock or ManualClock()) as pay:
            yield pay

    @asynccontextmanager
    async def client(self) -> AsyncIterator[AsyncWeChatPay]:
        """The library alone, without our part around it: each answer is (status, text)."""
        config = WechatPayConfig.from_settings(self.settings())
        key_id, public_key = next(iter(config.public_keys.items()))
        client = AsyncWeChatPay(
            wechatpay_type=WeChatPayType.JSAPI,
            mchid=config.mch_id,
            private_key=config.mch_private_key,
            cert_serial_no=config.mch_serial_no,
            appid=config.app_id,
            apiv3_key=config.api_v3_key,
            notify_url="",
            public_key=public_key,
            public_key_id=key_id,
        )
        client._core._gate_way = config.gateway
        async with client:
            yield client

    def openid(self, number: str = "2002001") -> str:
        user = self.world.people.find_number(number)
        assert user is not None
        return user.openid

    async def control(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = await self.http.post(f"{self.base}/sandbox/wechat/{path}", json=body or {})
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    async def order(self, number: str) -> dict[str, Any]:
        answer = await self.http.get(f"{self.base}/sandbox/wechat/orders/{number}")
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result


@cache
def _keys() -> Path:
    """A folder with the sandbox's keys, made once for this test process: RSA takes a while."""
    template = Path(tempfile.mkdtemp(prefix="onecard-test-keys-"))
    atexit.register(shutil.rmtree, template, ignore_errors=True)
    load_keys(template)
    return template


def prepare_home(home: Path, people: Iterable[dict[str, Any]] = PEOPLE) -> Path:
    """A data folder with the sandbox's keys and these people."""
    shutil.copytree(_keys() / "sandbox", home / "sandbox", dirs_exist_ok=True)
    rows = home / "sandbox" / "rows"
    rows.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in people)
    (rows / "people.jsonl").write_text(lines, "utf-8")
    return home


@asynccontextmanager
async def serving(routes: list[BaseRoute]) -> AsyncIterator[str]:
    """`routes` behind a real uvicorn on a free port of 127.0.0.1."""
    config = uvicorn.Config(Starlette(routes=routes), log_level="warning", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await until(lambda: server.started or task.done(), "uvicorn to listen")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            server.force_exit = True
            await task


@asynccontextmanager
async def running_sandbox(
    home: Path, *, clock: Callable[[], float] = time.time, schedule_scale: float = 0.002
) -> AsyncIterator[Sandbox]:
    world = World(home, clock=clock, schedule_scale=schedule_scale)
    async with world.running(), serving(list(app(world))) as base, httpx.AsyncClient() as http:
        yield Sandbox(world, base, home, http)


@asynccontextmanager
async def running_school() -> AsyncIterator[School]:
    school = School("")

    async def take(request: Request) -> Response:
        school.received.append((request.url.path, request.headers.items(), await request.body()))
        return Response(status_code=school.status)

    async with serving([Route("/wechat/notify/{kind}", take, methods=["POST"])]) as base:
        school.base = base
        yield school
