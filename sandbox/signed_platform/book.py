"""What a platform remembers: orders and refunds, in one SQLite file."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

LATE_S = 20.0  # a bank that takes its time: decided now, known later
REFUND_S = 2.0

Row = dict[str, Any]


class No(Exception):
    """The platform's no, with its code."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class Book:
    """Of `path`; `clock` gives seconds."""

    TABLES: ClassVar[tuple[str, ...]] = ("orders", "refunds")

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        for table in self.TABLES:
            self._file.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (number TEXT PRIMARY KEY, row TEXT NOT NULL)"
            )

    def close(self) -> None:
        self._file.close()

    # ── orders ───────────────────────────────────────────────────────────────────────────────────────────────

    def order(self, number: str) -> Row:
        found = self.find("orders", number)
        if found is None:
            raise No(404, "ORDER_NOT_EXIST")
        return found

    def state_of(self, order: Row) -> str:
        """As it is known by now: what a slow bank decided is not known yet."""
        return "USERPAYING" if order.get("knownAt", 0) > self._clock() else str(order["state"])

    def shown(self, order: Row) -> Row:
        state = self.state_of(order)
        told: Row = {"outTradeNo": order["outTradeNo"], "state": state}
        if state in ("SUCCESS", "REFUND"):
            told |= {name: order[name] for name in ("transactionId", "paidFen", "paidAt")}
        elif state == "PAYERROR":
            told["reason"] = order["reason"]
        return told

    def settle(self, order: Row, *, declined: str | None = None, late: bool = False) -> None:
        """Paid, or declined for that reason."""
        order["knownAt"] = self._clock() + (LATE_S if late else 0)
        if declined is not None:
            order |= {"state": "PAYERROR", "reason": declined}
        else:
            order |= {
                "state": "SUCCESS",
                "transactionId": f"TX{secrets.randbelow(10**20):020}",
                "paidFen": order["amountFen"],
                "paidAt": written(self._clock()),
            }
        self.keep("orders", order["outTradeNo"], order)

    def close_order(self, number: str) -> Row:
        order = self.order(number)
        state = self.state_of(order)
        if state == "USERPAYING":
            raise No(503, "USERPAYING", "somebody is paying it")
        if state in ("SUCCESS", "REFUND"):
            raise No(409, "ORDERPAID")
        order["state"] = "CLOSED"
        self.keep("orders", number, order)
        return order

    # ── refunds ──────────────────────────────────────────────────────────────────────────────────────────────

    def refund(self, asked: Row) -> Row:
        number, fen = str(asked["outRefundNo"]), asked["refundFen"]
        paid = self._paid(asked)
        known = self.find("refunds", number)
        if known is not None:
            if (known["refundFen"], known["transactionId"]) != (fen, paid["transactionId"]):
                raise No(409, "INVALID_REQUEST", "the number was used for another refund")
            return known
        before = sum(
            one["refundFen"] for one in self.all("refunds") if one["outTradeNo"] == paid["outTradeNo"]
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
            "refundId": f"RF{secrets.randbelow(10**20):020}",
            "outTradeNo": paid["outTradeNo"],
            "transactionId": paid["transactionId"],
            "refundFen": fen,
            "totalFen": paid["paidFen"],
            "notifyUrl": paid["notifyUrl"],
            "doneAt": self._clock() + REFUND_S,
        }
        self.keep("refunds", number, row)
        paid["state"] = "REFUND"
        self.keep("orders", paid["outTradeNo"], paid)
        return row

    def refund_of(self, number: str) -> Row:
        found = self.find("refunds", number)
        if found is None:
            raise No(404, "RESOURCE_NOT_EXISTS")
        return found

    def shown_refund(self, refund: Row) -> Row:
        told = {name: value for name, value in refund.items() if name not in ("notifyUrl", "doneAt")}
        if refund["doneAt"] > self._clock():
            return told | {"state": "PROCESSING"}
        return told | {"state": "SUCCESS", "finishedAt": written(refund["doneAt"])}

    def _paid(self, asked: Row) -> Row:
        wanted = {name: asked[name] for name in ("transactionId", "outTradeNo") if asked.get(name)}
        for order in self.all("orders"):
            if wanted and wanted.items() <= order.items():
                if self.state_of(order) not in ("SUCCESS", "REFUND"):
                    raise No(409, "INVALID_REQUEST", "not paid")
                return order
        raise No(404, "RESOURCE_NOT_EXISTS")

    # ── the file ─────────────────────────────────────────────────────────────────────────────────────────────

    def find(self, table: str, number: str) -> Row | None:
        rows = self._file.execute(f"SELECT row FROM {table} WHERE number = ?", [number]).fetchall()  # noqa: S608 - ours
        return json.loads(rows[0][0]) if rows else None

    def all(self, table: str) -> list[Row]:
        return [json.loads(row) for (row,) in self._file.execute(f"SELECT row FROM {table}")]  # noqa: S608 - ours

    def of_page(self, table: str, token: str) -> Row | None:
        """What the page of that address is about."""
        return next((row for row in self.all(table) if row.get("token") == token), None)

    def keep(self, table: str, number: str, row: Row) -> None:
        self._file.execute(
            f"INSERT OR REPLACE INTO {table} VALUES (?, ?)",  # noqa: S608 - ours
            [number, json.dumps(row, ensure_ascii=False)],
        )


def amount_of(asked: Row) -> int:
    fen = asked["amountFen"]
    if type(fen) is not int or fen <= 0:
        raise No(400, "PARAM_ERROR", "amountFen")
    return fen


def written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
