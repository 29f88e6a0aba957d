"""What the page's bridge opens: the payment sheet, the scanner, and the check of `wx.config`."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.money import yuan
from sandbox.wechat.pages import page, script
from sandbox.wechat.world import World

_SIGNED = ("appId", "timeStamp", "nonceStr", "package", "signType", "paySign")


def sheet_routes(world: World) -> list[Route]:
    async def bridge(_: Request) -> Response:
        return script("jweixin.js")

    async def payment(request: Request) -> Response:
        """Shown only when the merchant signed these very parameters, for a living prepay_id."""
        asked = {name: request.query_params.get(name, "") for name in _SIGNED}
        origin = _origin(request.query_params.get("origin", ""))
        if not world.signatures.is_pay_sign(asked):
            return page("refused.html", 400, origin=origin, message="支付验证签名失败")
        prepay_id = asked["package"].removeprefix("prepay_id=")
        trade = world.trades.find_prepay(prepay_id)
        if trade is None or trade["state"] in ("CLOSED", "REFUND"):
            return page("refused.html", 400, origin=origin, message="订单已失效，请重新下单")
        if trade["state"] == "SUCCESS":
            return page("refused.html", 400, origin=origin, message="该订单已支付")
        payer = world.people.find_openid(trade["openid"])
        return page(
            "payment.html",
            origin=origin,
            number=trade["out_trade_no"],
            yuan=yuan(trade["total_fen"]),
            merchant=world.merchant_name,
            description=trade["description"],
            payer=payer.masked if payer else "微信用户",
        )

    async def scanner(request: Request) -> Response:
        return page("scanner.html", origin=_origin(request.query_params.get("origin", "")))

    async def check_config(request: Request) -> Response:
        """Answers any page: it says no more than whether the signature holds."""
        asked = request.query_params
        known = asked.get("appId") in (world.keys.names.corp_id, world.keys.names.app_id)
        signed = known and world.tokens.is_signed_page(
            asked.get("nonceStr", ""),
            asked.get("timestamp", ""),
            asked.get("url", ""),
            asked.get("signature", ""),
        )
        return JSONResponse({"ok": signed}, headers={"access-control-allow-origin": "*"})

    return [
        Route("/jweixin.js", bridge),
        Route("/sandbox/wechat/sheet", payment),
        Route("/sandbox/wechat/scanner", scanner),
        Route("/sandbox/wechat/config", check_config),
    ]


def _origin(text: str) -> str:
    """The page that asked, to which alone the sheet answers; nobody when it is odd."""
    parts = urlsplit(text)
    return (
        f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else "null"
    )
