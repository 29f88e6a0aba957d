"""The sandbox as one application on one port: WeChat under its own paths, the payment platform and the bank under
theirs, the playground and its page.

`build(...)` puts it together; `onecard sandbox` serves it beside the API, on loopback unless told otherwise.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from sandbox.bank.app import Bank
from sandbox.cashier.app import Cashier
from sandbox.devices.meter_fleet import MeterFleet
from sandbox.playground.api import playground_routes
from sandbox.playground.card import Card
from sandbox.playground.meter_card import MeterCard
from sandbox.playground.pages import BUILT, page_routes
from sandbox.playground.pos_card import PosCard
from sandbox.playground.stream import Stream
from sandbox.playground.wechat_card import WechatCard
from sandbox.wechat import World
from sandbox.wechat import app as wechat_routes


class NoCampus(Exception):
    """The pretend campus was not written into this data folder yet."""


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    home: Path
    page_url: str  # the student's page, shown in the phone
    built: Path = BUILT


def build(settings: SandboxSettings) -> Starlette:
    """NoCampus when `sandbox.setup.prepare` has not run in this home."""
    told = about(settings)
    world = World(settings.home)
    platforms = [kind(settings.home, school=told["school"]) for kind in (Cashier, Bank)]
    meters = MeterFleet.from_home(settings.home)
    cards: list[Card] = [PosCard.from_home(settings.home), WechatCard(world)]  # one line a device
    if len(meters):
        cards.append(MeterCard.from_home(settings.home, meters))
    return assemble(world, cards, told, settings.page_url, settings.built, meters, platforms)


def assemble(
    world: World,
    cards: Sequence[Card],
    told: dict[str, Any],
    page_url: str,
    built: Path = BUILT,
    meters: MeterFleet | None = None,
    platforms: Sequence[Cashier | Bank] = (),
) -> Starlette:
    stream = Stream(cards)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with world.running(), AsyncExitStack() as stack:
            for platform in platforms:
                await stack.enter_async_context(platform.running())
            if meters is not None:
                await stack.enter_async_context(meters)
            for card in cards:
                await card.start(stream.announcer(card.name))
                stack.push_async_callback(card.aclose)
            try:
                yield
            finally:
                stream.close()

    routes = [
        *playground_routes(cards, stream, told),
        *wechat_routes(world),
        *(route for platform in platforms for route in platform.routes()),
        *page_routes(page_url, built),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def about(settings: SandboxSettings) -> dict[str, Any]:
    """What the page says above the cards: the school, the phone's address, whom to log in as."""
    file = settings.home / "sandbox" / "accounts.json"
    if not file.exists():
        raise NoCampus(f"{settings.home} holds no pretend campus")
    told: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return {**told, "pageUrl": settings.page_url}
