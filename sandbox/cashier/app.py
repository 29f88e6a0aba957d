"""The platform's two doors: signed JSON for the school, a cashier's page for whoever pays; and its notifications."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.cashier.book import Book, No, Row
from sandbox.cashier.keys import load_cashier_keys

PREFIX = "/cashier"
TOLERANCE_S = 300
REPEATS_S = (0, 1, 3, 10, 30)
PAGE = Path(__file__).with_name("page.html")
Handler = Callable[[Request, bytes], Awaitable[Row]]


class Cashier:
    """`Cashier(home)`, then `routes()` and `async with cashier.running():`."""

    def __init__(
        self, home: Path, clock: Callable[[], float] = time.time, school: str = "临江职业技术学院"
    ) -> None:
        self._keys = load_cashier_keys(home)
        self._clock = clock
        self._school = school
        self.book = Book(self._keys.folder / "cashier.db", clock)
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        return [
            Route(f"{PREFIX}/orders", self._api(self._open), methods=["POST"]),
            Route(f"{PREFIX}/orders/{{number}}", self._api(self._order), methods=["GET"]),
            Route(f"{PREFIX}/orders/{{number}}/close", self._api(self._close), methods=["POST"]),
            Route(f"{PREFIX}/refunds", self._api(self._refund), methods=["POST"]),
            Route(f"{PREFIX}/refunds/{{number}}", self._api(self._refund_of), methods=["GET"]),
            Route(f"{PREFIX}/pay/{{token}}", self._page, methods=["GET"]),
            Route(f"{PREFIX}/pay/{{token}}", self._decide, methods=["POST"]),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self.book.close()

    # ── for the school ───────────────────────────────────────────────────────────────────────────────────────

    def _api(self, handle: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            body = await request.body()
            nonce = request.headers.get("pay-nonce", "")
            try:
                self._prove(request, body)
                status, told = 200, await handle(request, body)
            except No as no:
                status, told = no.status, {"code": no.code, "message": no.message}
            except (KeyError, TypeError, ValueError):
                status, told = 400, {"code": "PARAM_ERROR", "message": "another form"}
            content = json.dumps(told, ensure_ascii=False).encode()
            timestamp = str(int(self._clock()))
            signature = self._sign(str(status), "", timestamp, nonce, content)
            headers = {"pay-timestamp": timestamp, "pay-signature": signature}
            return Response(content, status, headers, "application/json")

        return answer

    def _prove(self, request: Request, body: bytes) -> None:
        headers = request.headers
        timestamp, nonce = headers.get("pay-timestamp", ""), headers.get("pay-nonce", "")
        if headers.get("pay-merchant") != self._keys.merchant:
            raise No(401, "MERCHANT_UNKNOWN")
        if not timestamp.isdigit() or abs(self._clock() - int(timestamp)) > TOLERANCE_S or len(nonce) < 16:
            raise No(401, "SIGN_ERROR", "time or nonce")
        expected = self._sign(request.method, request.url.path, timestamp, nonce, body)
        if not hmac.compare_digest(expected, headers.get("pay-signature", "")):
            raise No(401, "SIGN_ERROR")

    def _sign(self, one: str, two: str, timestamp: str, nonce: str, body: bytes) -> str:
        text = f"{one}\n{two}\n{timestamp}\n{nonce}\n".encode() + body
        return hmac.digest(self._keys.key, text, hashlib.sha256).hex()

    async def _open(self, request: Request, body: bytes) -> Row:
        order = self.book.open(json.loads(body))
        return {"payUrl": f"{request.base_url}{PREFIX[1:]}/pay/{order['token']}"}

    async def _order(self, request: Request, body: bytes) -> Row:
        return self.book.shown(self.book.order(request.path_params["number"]))

    async def _close(self, request: Request, body: bytes) -> Row:
        return self.book.shown(self.book.close_order(request.path_params["number"]))

    async def _refund(self, request: Request, body: bytes) -> Row:
        refund = self.book.refund(json.loads(body))
        self._later(
            lambda: refund["doneAt"], lambda: {"kind": "REFUND", **self.book.shown_refund(refund)}, refund
        )
        return self.book.shown_refund(refund)

    async def _refund_of(self, request: Request, body: bytes) -> Row:
        return self.book.shown_refund(self.book.refund_of(request.path_params["number"]))

    # ── for whoever pays ─────────────────────────────────────────────────────────────────────────────────────

    async def _page(self, request: Request) -> Response:
        order = self.book.order_of_page(request.path_params["token"])
        if order is None:
            return HTMLResponse("<!doctype html><title>统一支付平台</title><p>没有这笔订单。", 404)
        fen = order["amountFen"]
        filled = {
            "school": self._school,
            "description": str(order["description"]),
            "amount": f"{fen // 100}.{fen % 100:02d}",
            "number": str(order["outTradeNo"]),
            "open": "" if self.book.state_of(order) == "NOTPAY" else "hidden",
            "over": "hidden" if self.book.state_of(order) == "NOTPAY" else "",
            "back": str(order["returnUrl"]),
        }
        text = PAGE.read_text("utf-8")
        for name, value in filled.items():
            text = text.replace("{{" + name + "}}", html.escape(value))
        return HTMLResponse(text)

    async def _decide(self, request: Request) -> Response:
        order = self.book.order_of_page(request.path_params["token"])
        if order is None:
            return HTMLResponse("没有这笔订单。", 404)
        chosen = (await request.body()).decode("ascii", "replace").rpartition("=")[2]
        if chosen in ("ok", "late"):
            self.pay(str(order["outTradeNo"]), late=chosen == "late")
        return RedirectResponse(order["returnUrl"], 303)

    def pay(self, number: str, *, late: bool = False) -> None:
        """Somebody paid; the school hears of it once it is known."""
        order = self.book.pay(number, late=late)
        self._later(lambda: order["knownAt"], lambda: {"kind": "PAYMENT", **self.book.shown(order)}, order)

    # ── notifications ────────────────────────────────────────────────────────────────────────────────────────

    def _later(self, when: Callable[[], float], told: Callable[[], Row], about: Row) -> None:
        task = asyncio.create_task(self._notify(when(), told, str(about["notifyUrl"])))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self, at: float, told: Callable[[], Row], url: str) -> None:
        await asyncio.sleep(max(0.0, at - self._clock()))
        notice_id = secrets.token_hex(16)
        content = json.dumps({"noticeId": notice_id, **told()}, ensure_ascii=False).encode()
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            for pause in REPEATS_S:
                await asyncio.sleep(pause)
                with suppress(httpx.HTTPError):
                    answer = await client.post(
                        url, content=content, headers=self._notice_headers(url, content)
                    )
                    if answer.status_code == 204:
                        return

    def _notice_headers(self, url: str, content: bytes) -> dict[str, Any]:
        timestamp, nonce = str(int(self._clock())), secrets.token_hex(16)
        return {
            "content-type": "application/json",
            "pay-timestamp": timestamp,
            "pay-nonce": nonce,
            "pay-signature": self._sign("POST", urlsplit(url).path, timestamp, nonce, content),
        }
