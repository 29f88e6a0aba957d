"""The bank's page where a holder signs an agreement and ends it, and its door for agreements and debits."""

from __future__ import annotations

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.bank.book import BANK_NAME, CARDS, DAY_FEN, ONCE_FEN, BankBook
from sandbox.money import yuan
from sandbox.signed_platform.book import Row
from sandbox.signed_platform.platform import Platform, form_of

PAGE = Path(__file__).with_name("page.html")


class Bank(Platform[BankBook]):
    NAME = "bank"
    TITLE = BANK_NAME
    BOOK = BankBook

    def routes(self) -> list[Route]:
        return [
            self.door("POST", "/agreements", self._open),
            self.door("GET", "/agreements/{number}", self._agreement),
            self.door("POST", "/agreements/{number}/end", self._end),
            self.door("POST", "/debits", self._debit),
            *super().routes(),
            Route("/bank/sign/{token}", self._page, methods=["GET"]),
            Route("/bank/sign/{token}", self._decide, methods=["POST"]),
        ]

    # ── for the school ───────────────────────────────────────────────────────────────────────────────────────

    async def _open(self, request: Request, body: bytes) -> Row:
        agreement = self.book.open_agreement(json.loads(body))
        return {"signUrl": self.address(request, f"/sign/{agreement['token']}")}

    async def _agreement(self, request: Request, body: bytes) -> Row:
        return self.book.shown_agreement(self.book.agreement(request.path_params["number"]))

    async def _end(self, request: Request, body: bytes) -> Row:
        return self.book.shown_agreement(self.book.end(request.path_params["number"]))

    async def _debit(self, request: Request, body: bytes) -> Row:
        asked = json.loads(body)
        known = self.book.find("orders", str(asked["outTradeNo"]))
        order = self.book.debit(asked)
        if known is None and order["state"] == "SUCCESS":
            self.tell_payment(order)
        return self.book.shown(order)

    # ── for the holder ───────────────────────────────────────────────────────────────────────────────────────

    async def _page(self, request: Request) -> Response:
        agreement = self.book.of_page("agreements", request.path_params["token"])
        if agreement is None:
            return self.nothing("没有这份协议。")
        state, holder = self.book.agreement_state(agreement), agreement["holderName"]
        balances = {card: yuan(self.book.balance_fen(holder, card)) for card in CARDS}
        last_four = agreement.get("lastFour", "")
        return self.page(
            PAGE,
            bank=BANK_NAME,
            holder=holder,
            once=yuan(ONCE_FEN),
            day=yuan(DAY_FEN),
            signing="" if state == "SIGNING" else "hidden",
            signed="" if state == "SIGNED" else "hidden",
            ended="" if state == "ENDED" else "hidden",
            last_four=last_four,
            balance=balances.get(last_four, ""),
            back=agreement["returnUrl"],
            **{f"balance_{card}": balance for card, balance in balances.items()},
        )

    async def _decide(self, request: Request) -> Response:
        agreement = self.book.of_page("agreements", request.path_params["token"])
        if agreement is None:
            return self.nothing("没有这份协议。")
        chosen = await form_of(request)
        if chosen.get("how") == "end":
            self.book.end(agreement["outAgreementNo"])
            return RedirectResponse(request.url, 303)
        if chosen.get("how") == "sign" and chosen.get("card") in CARDS:
            self.book.sign(agreement["outAgreementNo"], chosen["card"])
        return RedirectResponse(agreement["returnUrl"], 303)
