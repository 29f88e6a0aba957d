"""`/playground/api`: the state of all cards, their verbs, and the stream of changes.

GET  /playground/api/about             school, address of the page, who to log in as
GET  /playground/api/state             {card: state}
GET  /playground/api/events            server-sent events, one type per card
POST /playground/api/{card}/{verb}     JSON in; {"ok": true, "result": …} or {"ok": false, "message": "…"}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sandbox.playground.card import Card, CardError, Json
from sandbox.playground.stream import Stream

LARGEST_BODY = 64 * 1024  # a verb takes a few fields; more is a mistake
_STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def playground_routes(cards: Iterable[Card], stream: Stream, about: Mapping[str, Any]) -> list[Route]:
    by_name = {card.name: card for card in cards}

    async def show_about(_: Request) -> Response:
        return _json(dict(about))

    async def show_state(_: Request) -> Response:
        return _json({name: card.state() for name, card in by_name.items()})

    async def follow(_: Request) -> Response:
        if stream.full:
            return _json({"ok": False, "message": "打开的演练场太多，请关闭几个再试"}, 503)
        return StreamingResponse(stream.listen(), media_type="text/event-stream", headers=_STREAM_HEADERS)

    async def act(request: Request) -> Response:
        card = by_name.get(request.path_params["card"])
        verb = card.verbs.get(request.path_params["verb"]) if card else None
        if verb is None:
            return _json({"ok": False, "message": "没有这个设备或操作"}, 404)
        # A form of a foreign page cannot send this type without asking first.
        if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
            return _json({"ok": False, "message": "请用 application/json 发送"}, 415)
        try:
            return _json({"ok": True, "result": await verb(await _body(request))})
        except CardError as error:
            return _json({"ok": False, "message": str(error)}, 422)

    return [
        Route("/playground/api/about", show_about),
        Route("/playground/api/state", show_state),
        Route("/playground/api/events", follow),
        Route("/playground/api/{card}/{verb}", act, methods=["POST"]),
    ]


async def _body(request: Request) -> Json:
    read = bytearray()
    try:
        async for part in request.stream():
            read += part
            if len(read) > LARGEST_BODY:
                raise CardError("内容太长")
    except ClientDisconnect as error:
        raise CardError("连接断开") from error
    try:
        body = orjson.loads(bytes(read) or b"{}")
    except orjson.JSONDecodeError as error:
        raise CardError("不是有效的 JSON") from error
    if not isinstance(body, dict):
        raise CardError("应为 JSON 对象")
    return body


def _json(content: Json, status: int = 200) -> Response:
    return Response(
        orjson.dumps(content), status, media_type="application/json", headers={"cache-control": "no-store"}
    )
