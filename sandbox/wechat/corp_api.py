"""/cgi-bin/…: WeCom's API for the school, and /sns/…: the login of a WeChat official account."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.wechat.tokens import TOKEN_S
from sandbox.wechat.world import World

REPEATS_S = 1800
LONGEST_REPEATS_S = 4 * 3600

# Everything is HTTP 200; `errcode` tells.
_SENTENCES = {
    40001: "invalid credential",
    40003: "invalid UserID",
    40013: "invalid CorpID",
    40014: "invalid access_token",
    40029: "invalid code",
    40033: "invalid charset",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    42001: "access_token expired",
    45009: "api freq out of limit",
    60111: "userid not found",
    81013: "user & party & tag all invalid",
}


def corp_routes(world: World) -> list[Route]:
    names, tokens = world.keys.names, world.tokens

    async def gettoken(request: Request) -> Response:
        if request.query_params.get("corpid") != names.corp_id:
            return _error(40013)
        if request.query_params.get("corpsecret") != names.corp_secret:
            return _error(40001)
        return _ok(access_token=tokens.access_token(), expires_in=TOKEN_S)

    async def getuserinfo(request: Request) -> Response:
        if (refused := _without_token(request)) is not None:
            return refused
        userid = tokens.use_code(request.query_params.get("code", ""), names.corp_id)
        user = world.people.find_userid(userid) if userid else None
        if user is None:
            return _error(40029)
        if world.faults["login"] == "outsider" or not user.is_member:
            return _ok(openid=user.openid)
        return _ok(userid=user.userid, user_ticket="")

    async def convert_to_openid(request: Request) -> Response:
        if (refused := _without_token(request)) is not None:
            return refused
        body = await _object(request)
        user = world.people.find_member(str(body.get("userid", "")))
        return _ok(openid=user.openid) if user else _error(60111)

    async def get_jsapi_ticket(request: Request) -> Response:
        if (refused := _without_token(request)) is not None:
            return refused
        ticket = tokens.ticket()
        return _ok(ticket=ticket, expires_in=TOKEN_S) if ticket else _error(45009)

    async def send_message(request: Request) -> Response:
        if (refused := _without_token(request)) is not None:
            return refused
        if b"\\u" in await request.body():
            return _error(40033)
        body = await _object(request)
        text = body.get("text")
        content = text.get("content") if isinstance(text, dict) else None
        if body.get("msgtype") != "text" or not isinstance(content, str) or not content:
            return _error(40058)
        if str(body.get("agentid")) != names.agent_id:
            return _error(40056)
        wanted = [name for name in str(body.get("touser", "")).split("|") if name]
        unknown = [name for name in wanted if world.people.find_member(name) is None]
        if unknown == wanted:
            return _error(81013)
        number = None
        for name in wanted:
            if name not in unknown:  # above 30 a minute it is taken, and dropped
                number = world.inbox.put(name, content, drop_repeats_s=_repeats_s(body))
        world.announce()
        return _ok(invaliduser="|".join(unknown), msgid=f"sandbox-{number or 0}")

    async def sns_access_token(request: Request) -> Response:
        asked = request.query_params
        if asked.get("appid") != names.app_id:
            return _error(40013)
        if asked.get("secret") != names.app_secret:
            return _error(40001)
        userid = tokens.use_code(asked.get("code", ""), names.app_id)
        user = world.people.find_userid(userid) if userid else None
        if user is None:
            return _error(40029)
        given: dict[str, Any] = {
            "access_token": "sandbox",
            "expires_in": TOKEN_S,
            "refresh_token": "sandbox",
            "openid": user.openid,
            "scope": "snsapi_base",
        }
        if world.faults["login"] == "snapshot":  # a page looked at without logging in: nobody's openid
            given |= {"is_snapshotuser": 1, "openid": "o" + "snapshot".ljust(27, "0")}
        return JSONResponse(given)

    def _without_token(request: Request) -> Response | None:
        token = request.query_params.get("access_token", "")
        return None if tokens.holds(token) else _error(42001 if len(token) == 64 else 40014)

    return [
        Route("/cgi-bin/gettoken", gettoken),
        Route("/cgi-bin/auth/getuserinfo", getuserinfo),
        Route("/cgi-bin/user/convert_to_openid", convert_to_openid, methods=["POST"]),
        Route("/cgi-bin/get_jsapi_ticket", get_jsapi_ticket),
        Route("/cgi-bin/message/send", send_message, methods=["POST"]),
        Route("/sns/oauth2/access_token", sns_access_token),
    ]


def _repeats_s(body: dict[str, Any]) -> int:
    """How far back WeCom looks for the same message: not at all unless asked, half an hour, four at most."""
    if body.get("enable_duplicate_check") != 1:
        return 0
    asked = body.get("duplicate_check_interval", REPEATS_S)
    return min(asked, LONGEST_REPEATS_S) if type(asked) is int and asked > 0 else REPEATS_S


def _ok(**content: Any) -> Response:
    return JSONResponse({"errcode": 0, "errmsg": "ok", **content})


def _error(number: int) -> Response:
    return JSONResponse({"errcode": number, "errmsg": _SENTENCES[number]})


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
