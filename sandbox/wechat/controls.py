"""/sandbox/wechat/…: what no real WeChat has. For the playground, the payment sheet and tests; JSON.

GET  faults · POST faults {name: value, …} · DELETE faults
GET  orders[?limit=] · GET orders/{no} · POST orders/{no}/pay|cancel|fail|notify_again
POST refunds/{no}/success|abnormal|closed
POST codes {number}: the payment code on this person's WeChat
GET  inbox[?userid=]
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.wechat.faults import CHOICES, FaultUnknown
from sandbox.wechat.store import Row
from sandbox.wechat.world import World

MOST_ORDERS = 200


def control_routes(world: World) -> list[Route]:
    trades = world.trades

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            world.faults.clear()
            world.announce()
        elif request.method == "POST":
            try:
                world.set_faults(_object(await request.body()))
            except FaultUnknown as problem:
                return _answer({"message": str(problem)}, 422)
        return _answer({**world.faults.as_json(), "choices": CHOICES})

    async def orders(request: Request) -> Response:
        limit = request.query_params.get("limit", "20")
        count = min(int(limit), MOST_ORDERS) if limit.isascii() and limit.isdigit() else 20
        return _answer({"orders": [show_order(world, row) for row in trades.newest(count)]})

    async def order(request: Request) -> Response:
        row = trades.find(request.path_params["number"])
        return _answer(show_order(world, row)) if row else _answer({"message": "没有这个订单"}, 404)

    async def act(request: Request) -> Response:
        number, verb = request.path_params["number"], request.path_params["verb"]
        row = trades.find(number)
        if row is None:
            return _answer({"message": "没有这个订单"}, 404)
        if verb == "notify_again":
            if not trades.notify_again(number):
                return _answer({"message": "未支付，没有可通知的"}, 409)
            result = "ok"
        elif row["state"] == "USERPAYING" and verb in ("pay", "cancel", "fail"):
            world.codepay.finish(number, "SUCCESS" if verb == "pay" else "PAYERROR")
            result = "ok" if verb == "pay" else verb
        elif verb == "pay":
            result = trades.press_pay(number)
        elif verb in ("cancel", "fail"):  # nothing moves; the page is told so
            result = verb
        else:
            return _answer({"message": "没有这个操作"}, 404)
        world.announce()
        return _answer({"result": result})

    async def end_refund(request: Request) -> Response:
        outcome = request.path_params["outcome"].upper()
        if outcome not in ("SUCCESS", "ABNORMAL", "CLOSED"):
            return _answer({"message": "没有这个操作"}, 404)
        if not trades.finish_refund(request.path_params["number"], outcome):
            return _answer({"message": "没有进行中的这笔退款"}, 409)
        world.announce()
        return _answer({"result": "ok"})

    async def show_code(request: Request) -> Response:
        try:
            asked = _object(await request.body())
        except FaultUnknown as problem:
            return _answer({"message": str(problem)}, 422)
        payer = world.people.find_number(str(asked.get("number")))
        if payer is None:
            return _answer({"message": "没有这个人"}, 404)
        code, expires_at = world.codepay.show_code(payer.openid)
        return _answer({"code": code, "expiresAt": expires_at})

    async def inbox(request: Request) -> Response:
        return _answer({"messages": world.inbox.newest(request.query_params.get("userid"))})

    base = "/sandbox/wechat"
    return [
        Route(f"{base}/faults", _by_json(faults), methods=["GET", "POST", "DELETE"]),
        Route(f"{base}/orders", orders),
        Route(f"{base}/orders/{{number}}", order),
        Route(f"{base}/orders/{{number}}/{{verb}}", _by_json(act), methods=["POST"]),
        Route(f"{base}/refunds/{{number}}/{{outcome}}", _by_json(end_refund), methods=["POST"]),
        Route(f"{base}/codes", _by_json(show_code), methods=["POST"]),
        Route(f"{base}/inbox", inbox),
    ]


def _by_json(act: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """A form of a foreign page cannot send this type without asking first."""

    async def checked(request: Request) -> Response:
        kind = request.headers.get("content-type", "").split(";")[0].strip()
        if request.method == "POST" and kind != "application/json":
            return _answer({"message": "请用 application/json 发送"}, 415)
        return await act(request)

    return checked


def show_order(world: World, row: Row) -> dict[str, Any]:
    """An order with its refunds and notifications; the payer by masked name, never by openid."""
    number = row["out_trade_no"]
    payer = world.people.find_openid(row["openid"])
    refunds = [
        {
            "outRefundNo": one["out_refund_no"],
            "refundFen": one["refund_fen"],
            "state": one["state"],
            "reason": one["reason"],
            "notices": [_notice(notice) for notice in world.trades.notices_of(one["out_refund_no"])],
        }
        for one in world.trades.refunds_of(number)
    ]
    return {
        "outTradeNo": number,
        "description": row["description"],
        "payer": payer.masked if payer else None,
        "payerNumber": payer.number if payer else None,
        "askedFen": row["asked_fen"],
        "totalFen": row["total_fen"],
        "state": row["state"],
        "transactionId": row["transaction_id"],
        "createdAt": row["created_at"],
        "paidAt": row["paid_at"],
        "notices": [_notice(notice) for notice in world.trades.notices_of(number)],
        "refunds": refunds,
    }


def _notice(row: Row) -> dict[str, Any]:
    return {
        "event": row["event"],
        "mode": row["mode"],
        "attempts": row["attempts"],
        "nextAt": row["next_at"],
        "deliveredAt": row["delivered_at"],
        "answer": row["answer"],
    }


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError as problem:
        raise FaultUnknown("不是有效的 JSON") from problem
    if not isinstance(body, dict):
        raise FaultUnknown("应为 JSON 对象")
    return body


def _answer(content: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(content, status, headers={"cache-control": "no-store"})
