"""/connect/oauth2/authorize: instead of WeChat knowing who holds the phone, one picks a person."""

from __future__ import annotations

import html
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.wechat.pages import page
from sandbox.wechat.people import WechatUser
from sandbox.wechat.world import World

_KEPT = ("appid", "redirect_uri", "response_type", "scope", "state", "agentid")
_HERE = {"127.0.0.1", "localhost", "::1"}
LONGEST_STATE = 128  # WeChat's own bound
LONGEST_SEARCH = 40


def login_routes(world: World) -> list[Route]:
    async def authorize(request: Request) -> Response:
        problem = _problem(world, request)
        if problem:
            return page("problem.html", 400, title="无法登录", message=problem)
        asked = {name: request.query_params[name] for name in _KEPT if name in request.query_params}
        text = request.query_params.get("q", "").strip()[:LONGEST_SEARCH]
        found = world.people.search(text) if text else [*world.people.featured(), *world.people.outsiders()]
        if found:
            rows = "".join(_row(user, asked) for user in found)
        else:
            rows = '<li class="empty">没有这样的人。请换个学工号或姓名再找。</li>'
        kept = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in asked.items()
        )
        return page(
            "picker.html",
            school=world.merchant_name,
            text=text,
            heading="找到的人" if text else "常用的人",
            count=f"共 {len(world.people)} 人",
            html_rows=rows,
            html_kept=kept,
        )

    async def choose(request: Request) -> Response:
        problem = _problem(world, request)
        user = world.people.find_number(request.query_params.get("number", ""))
        if problem or user is None:
            return page("problem.html", 400, title="无法登录", message=problem or "没有这个人")
        code = world.tokens.new_code(user.userid, request.query_params["appid"])
        back = urlsplit(request.query_params["redirect_uri"])
        query = [*parse_qsl(back.query), ("code", code), ("state", request.query_params.get("state", ""))]
        return RedirectResponse(
            urlunsplit(back._replace(query=urlencode(query))), 302, {"cache-control": "no-store"}
        )

    return [
        Route("/connect/oauth2/authorize", authorize),
        Route("/connect/oauth2/choose", choose),
    ]


def _problem(world: World, request: Request) -> str | None:
    """What WeChat would show instead of going back, or None."""
    asked, names = request.query_params, world.keys.names
    if asked.get("appid") not in (names.corp_id, names.app_id):
        return "appid 参数错误"
    if asked.get("response_type") != "code" or asked.get("scope") != "snsapi_base":
        return "response_type 或 scope 参数错误"
    if len(asked.get("state", "")) > LONGEST_STATE:
        return "state 参数过长"
    back = urlsplit(asked.get("redirect_uri", ""))
    trusted = _HERE | {request.url.hostname}
    if back.scheme not in ("http", "https") or back.hostname not in trusted or back.fragment:
        return "redirect_uri 域名与后台配置不一致"
    return None


def _row(user: WechatUser, asked: dict[str, str]) -> str:
    link = html.escape("/connect/oauth2/choose?" + urlencode({**asked, "number": user.number}))
    name, number, about = (html.escape(text) for text in (user.name, user.number, user.about))
    return (
        f'<li><a href="{link}" data-number="{number}"><span class="face" aria-hidden="true">{name[:1]}</span>'
        f'<span class="who"><b>{name}</b><small>{about}</small></span>'
        f'<span class="number">{number}</span></a></li>'
    )
