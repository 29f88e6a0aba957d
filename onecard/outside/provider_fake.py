"""A payment provider in memory; WeChat's, the unified platform's and the bank's fakes are of this kind."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from onecard.outside.payments import (
    PaymentNotice,
    PaymentState,
    PaymentStatus,
    RefundNotice,
    RefundState,
    RefundStatus,
)
from onecard.outside.providers import (
    ForgedNotification,
    MalformedNotification,
    ProviderRefused,
    ProviderUnavailable,
)
from onecard.rules.clock import Clock

TOLERANCE_S = 300


@dataclass(slots=True)
class Order:
    amount_fen: int
    payer: str
    expires_at: datetime
    status: PaymentStatus
    taken_at: datetime


class ProviderFake:
    """Play the payer with `pay`, the provider with `finish_refund`; `failure` is raised while it is set.

    `payment_notification` and `refund_notification` make what `read_notification` opens.
    """

    PREFIX = "pay-"  # of the headers that prove a notification

    def __init__(self, clock: Clock) -> None:
        self.failure: Exception | None = None
        self._clock = clock
        self._secret = secrets.token_bytes(16)
        self._orders: dict[str, Order] = {}
        self._refunds: dict[str, RefundStatus] = {}

    def take_order(self, out_trade_no: str, amount_fen: int, payer: str, expires_at: datetime) -> None:
        """The same order may come again. ProviderRefused for one that has ended, or for another amount or payer."""
        assert amount_fen > 0, "an order of nothing"
        self._fail()
        order = self._orders.get(out_trade_no)
        if order is None:
            order = self.keep_order(out_trade_no, amount_fen, payer, expires_at)
        if order.status.state.was_paid:
            raise ProviderRefused("ORDERPAID")
        if order.status.state is PaymentState.CLOSED:
            raise ProviderRefused("ORDER_CLOSED")
        if (order.amount_fen, order.payer) != (amount_fen, payer):
            raise ProviderRefused("INVALID_REQUEST", "the order number was used for another order")

    def keep_order(self, out_trade_no: str, amount_fen: int, payer: str, expires_at: datetime) -> Order:
        status = PaymentStatus(out_trade_no, PaymentState.NOTPAY)
        order = self._orders[out_trade_no] = Order(amount_fen, payer, expires_at, status, self._clock())
        return order

    def read_notification(
        self, headers: Iterable[tuple[str, str]], body: bytes
    ) -> PaymentNotice | RefundNotice:
        told = [(name.lower(), value) for name, value in headers if name.lower().startswith(self.PREFIX)]
        found = dict(told)
        if len(found) != len(told) or set(found) != {f"{self.PREFIX}signature", f"{self.PREFIX}timestamp"}:
            raise ForgedNotification("a header is missing or doubled")
        timestamp = found[f"{self.PREFIX}timestamp"]
        if not timestamp.isdigit() or abs(self._clock().timestamp() - int(timestamp)) > TOLERANCE_S:
            raise ForgedNotification("more than 300 s from now")
        if not hmac.compare_digest(found[f"{self.PREFIX}signature"], self._signature(timestamp, body)):
            raise ForgedNotification("the signature does not hold")
        try:
            row = json.loads(body)
            if "pay" in row:
                return self._orders[row["pay"]].status.notice(f"pay-{row['pay']}")
            return self._refunds[row["refund"]].notice(f"refund-{row['refund']}")
        except (ValueError, KeyError, TypeError) as problem:
            raise MalformedNotification("another form") from problem

    async def query(self, out_trade_no: str) -> PaymentStatus:
        self._fail()
        order = self._orders.get(out_trade_no)
        return order.status if order else PaymentStatus(out_trade_no, PaymentState.UNKNOWN)

    async def close(self, out_trade_no: str) -> None:
        self._fail()
        order = self._orders.get(out_trade_no)
        if order is None:
            raise ProviderRefused("ORDER_NOT_EXIST")
        if order.status.state.was_paid:
            raise ProviderRefused("ORDERPAID")
        if order.status.state is PaymentState.USERPAYING:
            raise ProviderUnavailable("somebody is paying it")
        order.status = PaymentStatus(out_trade_no, PaymentState.CLOSED)

    async def refund(
        self,
        out_refund_no: str,
        *,
        refund_fen: int,
        total_fen: int,
        reason: str,
        transaction_id: str | None = None,
        out_trade_no: str | None = None,
    ) -> RefundStatus:
        assert 0 < refund_fen <= total_fen, "a refund of nothing, or above what was paid"
        self._fail()
        paid = self._find_paid(transaction_id, out_trade_no)
        known = self._refunds.get(out_refund_no)
        if known is not None:
            if (known.refund_fen, known.transaction_id) != (refund_fen, paid.transaction_id):
                raise ProviderRefused("INVALID_REQUEST", "the refund number was used for another refund")
            return known
        before_fen = sum(
            row.refund_fen or 0
            for row in self._refunds.values()
            if row.transaction_id == paid.transaction_id
            and row.state in (RefundState.PROCESSING, RefundState.SUCCESS)
        )
        if total_fen != paid.paid_fen or before_fen + refund_fen > total_fen:
            raise ProviderRefused("INVALID_REQUEST", "more than was paid")
        status = RefundStatus(
            out_refund_no,
            RefundState.PROCESSING,
            refund_id=f"5030{secrets.randbelow(10**24):024}",
            out_trade_no=paid.out_trade_no,
            transaction_id=paid.transaction_id,
            refund_fen=refund_fen,
            total_fen=total_fen,
        )
        self._refunds[out_refund_no] = status
        order = self._orders[paid.out_trade_no]
        order.status = replace(order.status, state=PaymentState.REFUND)
        return status

    async def query_refund(self, out_refund_no: str) -> RefundStatus:
        self._fail()
        return self._refunds.get(out_refund_no) or RefundStatus(out_refund_no, RefundState.UNKNOWN)

    # The world's side, for tests.

    def pay(self, out_trade_no: str, amount_fen: int | None = None) -> None:
        """The payer paid, another amount when told so. An order it never saw appears as paid."""
        order = self._orders.get(out_trade_no)
        if order is None:
            assert amount_fen is not None, "how much?"
            order = self.keep_order(out_trade_no, amount_fen, "", self._clock())
        assert order.status.state in (PaymentState.NOTPAY, PaymentState.USERPAYING), "it would be refused"
        paid_fen = order.amount_fen if amount_fen is None else amount_fen
        order.status = PaymentStatus(
            out_trade_no,
            PaymentState.SUCCESS,
            transaction_id=f"42000{secrets.randbelow(10**23):023}",
            paid_fen=paid_fen,
            payer_fen=paid_fen,
            paid_at=self._clock(),
        )

    def finish_refund(self, out_refund_no: str, state: RefundState = RefundState.SUCCESS) -> None:
        finished_at = self._clock() if state is RefundState.SUCCESS else None
        self._refunds[out_refund_no] = replace(
            self._refunds[out_refund_no], state=state, finished_at=finished_at
        )

    def payment_notification(self, out_trade_no: str) -> tuple[list[tuple[str, str]], bytes]:
        return self._signed({"pay": out_trade_no})

    def refund_notification(self, out_refund_no: str) -> tuple[list[tuple[str, str]], bytes]:
        return self._signed({"refund": out_refund_no})

    def _find_paid(self, transaction_id: str | None, out_trade_no: str | None) -> PaymentStatus:
        for number, order in self._orders.items():
            if number == out_trade_no or (transaction_id and order.status.transaction_id == transaction_id):
                if not order.status.state.was_paid:
                    raise ProviderRefused("INVALID_REQUEST", "not paid")
                return order.status
        raise ProviderRefused("RESOURCE_NOT_EXISTS")

    def _signed(self, row: dict[str, str]) -> tuple[list[tuple[str, str]], bytes]:
        body, timestamp = json.dumps(row).encode(), str(int(self._clock().timestamp()))
        return [
            (f"{self.PREFIX}timestamp", timestamp),
            (f"{self.PREFIX}signature", self._signature(timestamp, body)),
        ], body

    def _signature(self, timestamp: str, body: bytes) -> str:
        return hmac.new(self._secret, timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
