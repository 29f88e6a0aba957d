"""What the platform remembers: orders that have a cashier's page."""

from __future__ import annotations

import secrets

from sandbox.signed_platform.book import Book, No, Row, amount_of


class CashierBook(Book):
    def open(self, asked: Row) -> Row:
        """A new order, or the same again."""
        number, fen = str(asked["outTradeNo"]), amount_of(asked)
        known = self.find("orders", number)
        if known is None:
            known = {**asked, "state": "NOTPAY", "token": secrets.token_urlsafe(16)}
            self.keep("orders", number, known)
        elif self.state_of(known) != "NOTPAY":
            raise No(409, "ORDER_CLOSED" if known["state"] == "CLOSED" else "ORDERPAID")
        elif known["amountFen"] != fen:
            raise No(409, "INVALID_REQUEST", "another amount")
        return known

    def pay(self, number: str, *, late: bool = False) -> Row:
        order = self.order(number)
        if order["state"] == "NOTPAY":
            self.settle(order, late=late)
        return order
