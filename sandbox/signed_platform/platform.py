"""A platform's door of signed JSON for the school, and its notifications."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.filled_page import filled_page
from sandbox.signed_platform.book import Book, No, Row
from sandbox.signed_platform.keys import load_platform_keys

TOLERANCE_S = 300
REPEATS_S = (0, 1, 3, 10, 30)
STYLE = Path(__file__).with_name("style.css")
NOTHING = Path(__file__).with_name("nothing.html")
Handler = Callable[[Request, bytes], Awaitable[Row]]
BookKind = TypeVar("BookKind", bound=Book)


class Platform(Generic[BookKind]):
    """`Cashier(home)`, then `routes()` and `async with cashier.running():`."""

    NAME: ClassVar[str]  # its path, and its folder below $ONECARD_HOME/sandbox/
    TITLE: ClassVar[str]
    BOOK: type[BookKind]

    def __init__(
        self, home: Path, clock: Callable[[], float] = time.time, school: str = "临江职业技术学院"
    ) -> None:
        self._keys = load_platform_keys(home, self.NAME)
        self._clock = clock
        self._school = school
        self.book = self.BOOK(self._keys.folder / f"{self.NAME}.db", clock)
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        return [
            self.door("GET", "/orders/{number}", self._order),
            self.door("POST", "/orders/{number}/close", self._close),
            self.door("POST", "/refunds", self._refund),
            self.door("GET", "/refunds/{number}", self._refund_of),
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

    def door(self, method: str, path: str, handle: Handler) -> Route:
        """One where both sides sign."""

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

        return Route(f"/{self.NAME}{path}", answer, methods=[method])

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

    async def _order(self, request: Request, body: bytes) -> Row:
        return self.book.shown(self.book.order(request.path_params["number"]))

    async def _close(self, request: Request, body: bytes) -> Row:
        return self.book.shown(self.book.close_order(request.path_params["number"]))

    async def _refund(self, request: Request, body: bytes) -> Row:
        refund = self.book.refund(json.loads(body))
        self._later(
            refund["doneAt"],
            lambda: {"kind": "REFUND", **self.book.shown_refund(refund)},
            refund["notifyUrl"],
        )
        return self.book.shown_refund(refund)

    async def _refund_of(self, request: Request, body: bytes) -> Row:
        return self.book.shown_refund(self.book.refund_of(request.path_params["number"]))

    # ── for people ───────────────────────────────────────────────────────────────────────────────────────────

    def address(self, request: Request, path: str) -> str:
        return f"{request.base_url}{self.NAME}{path}"

    def page(self, template: Path, /, **values: str) -> Response:
        return filled_page(template, STYLE, school=self._school, **values)

    def nothing(self, sentence: str) -> Response:
        return filled_page(NOTHING, STYLE, 404, title=self.TITLE, sentence=sentence)

    # ── notifications ────────────────────────────────────────────────────────────────────────────────────────

    def tell_payment(self, order: Row) -> None:
        """The school hears of it once it is known."""
        self._later(
            order["knownAt"], lambda: {"kind": "PAYMENT", **self.book.shown(order)}, order["notifyUrl"]
        )

    def _later(self, at: float, told: Callable[[], Row], url: str) -> None:
        task = asyncio.create_task(self._notify(at, told, url))
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


async def form_of(request: Request) -> dict[str, str]:
    """What was sent with a button."""
    return dict(parse_qsl((await request.body()).decode("ascii", "replace")))
