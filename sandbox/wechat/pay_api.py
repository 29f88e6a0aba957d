"""/v3/…: WeChat Pay's API for the school. Every request is checked as WeChat does, every answer signed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.wechat.signing import TOLERANCE_S, SignatureWrong
from sandbox.wechat.trades import TradeError
from sandbox.wechat.world import World

LARGEST_BODY = 64 * 1024
Answer = tuple[int, dict[str, Any] | bytes | None]  # bytes: a file, the one answer WeChat does not sign
Handler = Callable[[Request, dict[str, Any]], Awaitable[Answer]]


def pay_routes(world: World) -> list[Route]:
    names, trades, faults = world.keys.names, world.trades, world.faults

    async def prepay(_: Request, body: dict[str, Any]) -> Answer:
        _refuse_if_unavailable("prepay")
        _ours(body, appid=names.corp_id, mchid=names.mch_id)
        openid = _text(_object(body, "payer"), "openid")
        if world.people.find_openid(openid) is None:
            raise TradeError(400, "PARAM_ERROR", "无效的openid")
        prepay_id = trades.prepay(
            out_trade_no=_text(body, "out_trade_no"),
            openid=openid,
            description=_text(body, "description"),
            total_fen=_fen(_object(body, "amount"), "total"),
            notify_url=_text(body, "notify_url"),
            expires=str(body.get("time_expire", "")),
        )
        world.announce()
        await _linger()
        return 200, {"prepay_id": prepay_id}

    async def codepay(_: Request, body: dict[str, Any]) -> Answer:
        _refuse_if_unavailable("prepay")
        _ours(body, appid=names.corp_id, mchid=names.mch_id)
        store = _object(_object(body, "scene_info"), "store_info")
        _text(store, "id" if "id" in store else "out_id")
        try:
            row = world.codepay.pay(
                out_trade_no=_text(body, "out_trade_no"),
                code=_text(_object(body, "payer"), "auth_code"),
                description=_text(body, "description"),
                total_fen=_fen(_object(body, "amount"), "total"),
            )
        finally:
            world.announce()
        await _linger()
        return 202 if row["trade_state"] == "USERPAYING" else 200, row

    async def reverse(request: Request, body: dict[str, Any]) -> Answer:
        _ours(body, appid=names.corp_id, mchid=names.mch_id)
        number = request.path_params["number"]
        world.codepay.reverse(number)
        world.announce()
        return 200, {"appid": names.corp_id, "mchid": names.mch_id, "out_trade_no": number}

    async def query(request: Request, _: dict[str, Any]) -> Answer:
        _refuse_if_unavailable("query")
        if request.query_params.get("mchid") != names.mch_id:
            raise TradeError(400, "PARAM_ERROR", "mchid 不正确")
        return 200, trades.query(request.path_params["number"])

    async def close(request: Request, body: dict[str, Any]) -> Answer:
        _ours(body, mchid=names.mch_id)
        trades.close(request.path_params["number"])
        world.announce()
        return 204, None

    async def refund(_: Request, body: dict[str, Any]) -> Answer:
        amount = _object(body, "amount")
        row = trades.refund(
            {
                "out_refund_no": _text(body, "out_refund_no"),
                "out_trade_no": body.get("out_trade_no"),
                "transaction_id": body.get("transaction_id"),
                "refund_fen": _fen(amount, "refund"),
                "total_fen": _fen(amount, "total"),
                "reason": str(body.get("reason", "")),
                "notify_url": str(body.get("notify_url", "")),
            }
        )
        world.announce()
        return 200, row

    async def query_refund(request: Request, _: dict[str, Any]) -> Answer:
        _refuse_if_unavailable("query")
        return 200, trades.query_refund(request.path_params["number"])

    async def bill(request: Request, _: dict[str, Any]) -> Answer:
        asked = request.query_params
        sha1, token = world.bills.make(
            asked.get("bill_date", ""), asked.get("bill_type", "ALL"), asked.get("tar_type", "")
        )
        url = f"{request.base_url}v3/billdownload/file?token={token}"
        return 200, {"hash_type": "SHA1", "hash_value": sha1, "download_url": url}

    async def download(request: Request, _: dict[str, Any]) -> Answer:
        return 200, world.bills.content(request.query_params.get("token", ""))

    def _refuse_if_unavailable(fault: str) -> None:
        if faults[fault] == "unavailable":
            raise TradeError(500, "SYSTEM_ERROR", "系统异常，请稍后重试")

    async def _linger() -> None:
        if faults["prepay"] == "slow":  # done, and the answer comes too late
            await asyncio.sleep(faults.seconds("slow_s"))

    def signed(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            status, content = await _checked(world, handler, request)
            if isinstance(content, bytes):
                return Response(content, status, media_type="application/octet-stream")
            text = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
            at = world.clock() - (TOLERANCE_S + 1 if faults["answer"] == "stale" else 0)
            headers = world.signatures.headers(text, at, forged=faults["answer"] == "forged")
            if status == 401:  # WeChat signs only for those who proved who they are
                headers = {}
            return Response(text, status, headers, "application/json" if text else None)

        return endpoint

    order = "/v3/pay/transactions/out-trade-no/{number}"
    refunds = "/v3/refund/domestic/refunds"
    return [
        Route("/v3/pay/transactions/jsapi", signed(prepay), methods=["POST"]),
        Route(order, signed(query)),
        Route(f"{order}/close", signed(close), methods=["POST"]),
        Route("/v3/pay/transactions/codepay", signed(codepay), methods=["POST"]),
        Route(f"{order}/reverse", signed(reverse), methods=["POST"]),
        Route(refunds, signed(refund), methods=["POST"]),
        Route(f"{refunds}/{{number}}", signed(query_refund)),
        Route("/v3/bill/tradebill", signed(bill)),
        Route("/v3/billdownload/file", signed(download)),
    ]


async def _checked(world: World, handler: Handler, request: Request) -> Answer:
    try:
        raw = await _body(request)
        target = request.scope["raw_path"].decode("ascii")
        if request.scope["query_string"]:
            target += "?" + request.scope["query_string"].decode("ascii")
        authorization = request.headers.get("authorization", "")
        world.signatures.check_request(request.method, target, raw, authorization, world.clock())
        body = json.loads(raw or b"{}")
        if not isinstance(body, dict):
            raise TradeError(400, "PARAM_ERROR", "请求体不是对象")
        return await handler(request, body)
    except SignatureWrong as problem:
        return 401, {"code": "SIGN_ERROR", "message": str(problem)}
    except TradeError as problem:
        return problem.status, {"code": problem.code, "message": problem.message}
    except ValueError:
        return 400, {"code": "PARAM_ERROR", "message": "请求体不是有效的JSON"}


async def _body(request: Request) -> bytes:
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > LARGEST_BODY:
            raise TradeError(400, "PARAM_ERROR", "请求体过大")
    return bytes(read)


def _ours(body: dict[str, Any], **wanted: str) -> None:
    for name, value in wanted.items():
        if body.get(name) != value:
            raise TradeError(
                400, "APPID_MCHID_NOT_MATCH" if name == "appid" else "MCH_NOT_EXISTS", f"{name} 不匹配"
            )


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise TradeError(400, "PARAM_ERROR", f"{name} 缺失")
    return value


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise TradeError(400, "PARAM_ERROR", f"{name} 缺失")
    return value


def _fen(amount: dict[str, Any], name: str) -> int:
    value = amount.get(name)
    if type(value) is not int or amount.get("currency", "CNY") != "CNY":
        raise TradeError(400, "PARAM_ERROR", f"金额 {name} 不正确")
    return value
