"""What the platform remembers: orders and refunds, in one SQLite file."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LATE_S = 20.0  # a bank that takes its time: paid now, known later
REFUND_S = 2.0

Row = dict[str, Any]


class No(Exception):
    """The platform's no, with its code."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class Book:
    """Of `path`; `clock` gives seconds."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        for table in ("orders", "refunds"):
            self._file.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (number TEXT PRIMARY KEY, row TEXT NOT NULL)"
            )

    def close(self) -> None:
        self._file.close()

    # ── orders ───────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, asked: Row) -> Row:
        """A new order, or the same again."""
        number, fen = str(asked["outTradeNo"]), asked["amountFen"]
        if type(fen) is not int or fen <= 0:
            raise No(400, "PARAM_ERROR", "amountFen")
        known = self._find("orders", number)
        if known is None:
            known = {**asked, "state": "NOTPAY", "token": secrets.token_urlsafe(16)}
            self._keep("orders", number, known)
        elif self.state_of(known) != "NOTPAY":
            raise No(409, "ORDER_CLOSED" if known["state"] == "CLOSED" else "ORDERPAID")
        elif known["amountFen"] != fen:
            raise No(409, "INVALID_REQUEST", "another amount")
        return known

    def order(self, number: str) -> Row:
        found = self._find("orders", number)
        if found is None:
            raise No(404, "ORDER_NOT_EXIST")
        return found

    def order_of_page(self, token: str) -> Row | None:
        rows = self._file.execute(
            "SELECT row FROM orders WHERE json_extract(row, '$.token') = ?", [token]
        ).fetchall()
        return json.loads(rows[0][0]) if rows else None

    def state_of(self, order: Row) -> str:
        """As it is known by now: a late payment is paid, and not known yet."""
        if order["state"] in ("SUCCESS", "REFUND") and order["knownAt"] > self._clock():
            return "USERPAYING"
        return str(order["state"])

    def shown(self, order: Row) -> Row:
        state = self.state_of(order)
        told: Row = {"outTradeNo": order["outTradeNo"], "state": state}
        if state in ("SUCCESS", "REFUND"):
            told |= {name: order[name] for name in ("transactionId", "paidFen", "paidAt")}
        return told

    def pay(self, number: str, *, late: bool = False) -> Row:
        order = self.order(number)
        if order["state"] == "NOTPAY":
            order |= {
                "state": "SUCCESS",
                "transactionId": f"OP{secrets.randbelow(10**20):020}",
                "paidFen": order["amountFen"],
                "paidAt": datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds"),
                "knownAt": self._clock() + (LATE_S if late else 0),
            }
            self._keep("orders", number, order)
        return order

    def close_order(self, number: str) -> Row:
        order = self.order(number)
        state = self.state_of(order)
        if state == "USERPAYING":
            raise No(503, "USERPAYING", "somebody is paying it")
        if state in ("SUCCESS", "REFUND"):
            raise No(409, "ORDERPAID")
        order["state"] = "CLOSED"
        self._keep("orders", number, order)
        return order

    # ── refunds ──────────────────────────────────────────────────────────────────────────────────────────────

    def refund(self, asked: Row) -> Row:
        number, fen = str(asked["outRefundNo"]), asked["refundFen"]
        paid = self._paid(asked)
        known = self._find("refunds", number)
        if known is not None:
            if (known["refundFen"], known["transactionId"]) != (fen, paid["transactionId"]):
                raise No(409, "INVALID_REQUEST", "the number was used for another refund")
            return known
        before = sum(
            one["refundFen"] for one in self._all("refunds") if one["outTradeNo"] == paid["outTradeNo"]
        )
        if (
            type(fen) is not int
            or fen <= 0
            or asked["totalFen"] != paid["paidFen"]
            or before + fen > paid["paidFen"]
        ):
            raise No(409, "NOT_ENOUGH_REFUNDABLE")
        row = {
            "outRefundNo": number,
            "refundId": f"OR{secrets.randbelow(10**20):020}",
            "outTradeNo": paid["outTradeNo"],
            "transactionId": paid["transactionId"],
            "refundFen": fen,
            "totalFen": paid["paidFen"],
            "notifyUrl": paid["notifyUrl"],
            "doneAt": self._clock() + REFUND_S,
        }
        self._keep("refunds", number, row)
        paid["state"] = "REFUND"
        self._keep("orders", paid["outTradeNo"], paid)
        return row

    def refund_of(self, number: str) -> Row:
        found = self._find("refunds", number)
        if found is None:
            raise No(404, "RESOURCE_NOT_EXISTS")
        return found

    def shown_refund(self, refund: Row) -> Row:
        told = {name: value for name, value in refund.items() if name not in ("notifyUrl", "doneAt")}
        if refund["doneAt"] > self._clock():
            return told | {"state": "PROCESSING"}
        done = datetime.fromtimestamp(refund["doneAt"], UTC).isoformat(timespec="seconds")
        return told | {"state": "SUCCESS", "finishedAt": done}

    def _paid(self, asked: Row) -> Row:
        for order in self._all("orders"):
            if asked.get("transactionId") in (order.get("transactionId"), None) and asked.get(
                "outTradeNo"
            ) in (
                order["outTradeNo"],
                None,
            ):
                if self.state_of(order) not in ("SUCCESS", "REFUND"):
                    raise No(409, "INVALID_REQUEST", "not paid")
                return order
        raise No(404, "RESOURCE_NOT_EXISTS")

    # ── the file ─────────────────────────────────────────────────────────────────────────────────────────────

    def _find(self, table: str, number: str) -> Row | None:
        rows = self._file.execute(f"SELECT row FROM {table} WHERE number = ?", [number]).fetchall()  # noqa: S608 - ours
        return json.loads(rows[0][0]) if rows else None

    def _all(self, table: str) -> list[Row]:
        return [json.loads(row) for (row,) in self._file.execute(f"SELECT row FROM {table}")]  # noqa: S608 - ours

    def _keep(self, table: str, number: str, row: Row) -> None:
        self._file.execute(
            f"INSERT OR REPLACE INTO {table} VALUES (?, ?)",  # noqa: S608 - ours
            [number, json.dumps(row, ensure_ascii=False)],
        )
