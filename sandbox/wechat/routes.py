"""All of the sandbox's addresses, to be mounted at the root of its port."""

from __future__ import annotations

from starlette.routing import Route

from sandbox.wechat.controls import control_routes
from sandbox.wechat.corp_api import corp_routes
from sandbox.wechat.login import login_routes
from sandbox.wechat.pay_api import pay_routes
from sandbox.wechat.sheet import sheet_routes
from sandbox.wechat.world import World


def app(world: World) -> list[Route]:
    return [
        *login_routes(world),
        *corp_routes(world),
        *pay_routes(world),
        *sheet_routes(world),
        *control_routes(world),
    ]
