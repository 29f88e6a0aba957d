"""What the bank remembers: agreements and the debits by them. A card's balance follows from those and their refunds."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sandbox.campus.model import SHANGHAI
from sandbox.signed_platform.book import Book, No, Row, amount_of, written

BANK_NAME = "临江银行"
ONCE_FEN = 50_000
DAY_FEN = 100_000


@dataclass(frozen=True, slots=True)
class Card:
    """A pretend card 储蓄卡 as every holder has it."""

    last_four: str
    opening_fen: int
    slow: bool = False


CARDS = {
    card.last_four: card
    for card in (Card("0001", 100_000), Card("0002", 500), Card("0003", 100_000, slow=True))
}


class BankBook(Book):
    TABLES = ("agreements", *Book.TABLES)

    # ── agreements ───────────────────────────────────────────────────────────────────────────────────────────

    def open_agreement(self, asked: Row) -> Row:
        """A new one to sign, or the same again."""
        number, holder, expires_at = (
            str(asked["outAgreementNo"]),
            str(asked["holderName"]),
            _seconds(asked["expiresAt"]),
        )
        known = self.find("agreements", number)
        if known is None:
            known = {
                "outAgreementNo": number,
                "holderName": holder,
                "expiresAt": expires_at,
                "returnUrl": str(asked["returnUrl"]),
                "state": "SIGNING",
                "token": secrets.token_urlsafe(16),
            }
            self.keep("agreements", number, known)
        state = self.agreement_state(known)
        if state != "SIGNING":
            raise No(409, f"AGREEMENT_{state}")
        if known["holderName"] != holder:
            raise No(409, "INVALID_REQUEST", "another holder")
        return known

    def agreement(self, number: str) -> Row:
        found = self.find("agreements", number)
        if found is None:
            raise No(404, "AGREEMENT_NOT_EXIST")
        return found

    def agreement_state(self, agreement: Row) -> str:
        """As it is by now: what was not signed in time has ended."""
        if agreement["state"] == "SIGNING" and agreement["expiresAt"] <= self._clock():
            return "ENDED"
        return str(agreement["state"])

    def shown_agreement(self, agreement: Row) -> Row:
        state = self.agreement_state(agreement)
        told: Row = {"outAgreementNo": agreement["outAgreementNo"], "state": state}
        if state == "SIGNED":
            told |= {name: agreement[name] for name in ("agreementId", "lastFour", "signedAt")}
            told |= {"bankName": BANK_NAME, "onceLimitFen": ONCE_FEN, "dayLimitFen": DAY_FEN}
        return told

    def sign(self, number: str, last_four: str) -> None:
        """With one of the cards; what is no longer open stays as it is."""
        agreement = self.agreement(number)
        if self.agreement_state(agreement) == "SIGNING":
            agreement |= {
                "state": "SIGNED",
                "agreementId": f"AG{secrets.randbelow(10**20):020}",
                "lastFour": CARDS[last_four].last_four,
                "signedAt": written(self._clock()),
            }
            self.keep("agreements", number, agreement)

    def end(self, number: str) -> Row:
        agreement = self.agreement(number) | {"state": "ENDED"}
        self.keep("agreements", number, agreement)
        return agreement

    # ── debits ───────────────────────────────────────────────────────────────────────────────────────────────

    def debit(self, asked: Row) -> Row:
        """A new one, or what became of it."""
        number, fen, agreement_id = str(asked["outTradeNo"]), amount_of(asked), str(asked["agreementId"])
        order = self.find("orders", number)
        if order is None:
            order = self._begin(asked, agreement_id)
        if (order["amountFen"], order["agreementId"]) != (fen, agreement_id):
            raise No(409, "INVALID_REQUEST", "another amount or agreement")
        if order["state"] == "CLOSED":
            raise No(409, "ORDER_CLOSED")
        return order

    def balance_fen(self, holder: str, last_four: str) -> int:
        taken = {order["outTradeNo"]: order for order in self._taken() if _card(order) == (holder, last_four)}
        back_fen = sum(
            refund["refundFen"]
            for refund in self.all("refunds")
            if refund["outTradeNo"] in taken and refund["doneAt"] <= self._clock()
        )
        return CARDS[last_four].opening_fen - sum(order["amountFen"] for order in taken.values()) + back_fen

    def _begin(self, asked: Row, agreement_id: str) -> Row:
        order = {**asked, "state": "NOTPAY"}
        if _seconds(asked["expiresAt"]) <= self._clock():
            order["state"] = "CLOSED"
            self.keep("orders", order["outTradeNo"], order)
            return order
        agreement = self._signed(agreement_id)
        if agreement is None:
            self.settle(order, declined="AGREEMENT_ENDED")
            return order
        holder, card = agreement["holderName"], CARDS[agreement["lastFour"]]
        today = datetime.fromtimestamp(self._clock(), SHANGHAI).date().isoformat()
        order |= {"holderName": holder, "lastFour": card.last_four, "day": today}
        fen = order["amountFen"]
        before_fen = sum(
            one["amountFen"]
            for one in self._taken()
            if (one["agreementId"], one["day"]) == (agreement_id, today)
        )
        if fen > ONCE_FEN or before_fen + fen > DAY_FEN:
            self.settle(order, declined="LIMIT_EXCEEDED")
        elif fen > self.balance_fen(holder, card.last_four):
            self.settle(order, declined="INSUFFICIENT_FUNDS", late=card.slow)
        else:
            self.settle(order, late=card.slow)
        return order

    def _signed(self, agreement_id: str) -> Row | None:
        return next(
            (
                one
                for one in self.all("agreements")
                if one["state"] == "SIGNED" and one["agreementId"] == agreement_id
            ),
            None,
        )

    def _taken(self) -> list[Row]:
        return [order for order in self.all("orders") if order["state"] in ("SUCCESS", "REFUND")]


def _card(order: Row) -> tuple[str, str]:
    return order["holderName"], order["lastFour"]


def _seconds(told: str) -> float:
    """ValueError for what is no time, or has no offset."""
    moment = datetime.fromisoformat(told)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment.timestamp()
