"""The platform's cashier's page for whoever pays."""

from __future__ import annotations

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.cashier.book import CashierBook
from sandbox.money import yuan
from sandbox.signed_platform.book import Row
from sandbox.signed_platform.platform import Platform, form_of

PAGE = Path(__file__).with_name("page.html")


class Cashier(Platform[CashierBook]):
    NAME = "cashier"
    TITLE = "统一支付平台"
    BOOK = CashierBook

    def routes(self) -> list[Route]:
        return [
            self.door("POST", "/orders", self._open),
            *super().routes(),
            Route("/cashier/pay/{token}", self._page, methods=["GET"]),
            Route("/cashier/pay/{token}", self._decide, methods=["POST"]),
        ]

    async def _open(self, request: Request, body: bytes) -> Row:
        order = self.book.open(json.loads(body))
        return {"payUrl": self.address(request, f"/pay/{order['token']}")}

    async def _page(self, request: Request) -> Response:
        order = self.book.of_page("orders", request.path_params["token"])
        if order is None:
            return self.nothing("没有这笔订单。")
        is_open = self.book.state_of(order) == "NOTPAY"
        return self.page(
            PAGE,
            description=str(order["description"]),
            amount=yuan(order["amountFen"]),
            number=str(order["outTradeNo"]),
            open="" if is_open else "hidden",
            over="hidden" if is_open else "",
            back=str(order["returnUrl"]),
        )

    async def _decide(self, request: Request) -> Response:
        order = self.book.of_page("orders", request.path_params["token"])
        if order is None:
            return self.nothing("没有这笔订单。")
        chosen = (await form_of(request)).get("how")
        if chosen in ("ok", "late"):
            self.pay(str(order["outTradeNo"]), late=chosen == "late")
        return RedirectResponse(order["returnUrl"], 303)

    def pay(self, number: str, *, late: bool = False) -> None:
        """Somebody paid; the school hears of it once it is known."""
        self.tell_payment(self.book.pay(number, late=late))
