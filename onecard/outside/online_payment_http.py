"""The unified payment platform for real: JSON over HTTPS, each side's words signed by one key (docs/payments.md).

A signature is HMAC-SHA-256 in hexadecimal over lines: of a request its method, path, time, nonce and body; of a
reply its status, time, the request's nonce and body. Nobody else can make one, or pass one for another's.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

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
from onecard.settings import Settings

CONNECT_S = 3.0
READ_S = 5.0
CALL_S = 8.0
TOLERANCE_S = 300
NOTIFY_PATH = "/online-payment/notify"
_HEADERS = ("pay-timestamp", "pay-nonce", "pay-signature")


@dataclass(frozen=True, slots=True)
class OnlinePaymentConfig:
    base: str
    merchant: str
    notify_url: str
    key: bytes = field(repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> OnlinePaymentConfig | None:
        """None where the school has no such platform."""
        online = settings.online_payment
        if online is None:
            return None
        return cls(
            online.base, online.merchant, settings.public_url + NOTIFY_PATH, bytes.fromhex(online.key_hex)
        )


class OnlinePaymentHttp:
    """`async with OnlinePaymentHttp(config, clock) as platform:`; one for the process."""

    def __init__(self, config: OnlinePaymentConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._prefix = urlsplit(config.base).path.rstrip("/")
        self._http = httpx.AsyncClient(base_url=config.base, timeout=httpx.Timeout(READ_S, connect=CONNECT_S))

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def open(
        self, out_trade_no: str, amount_fen: int, description: str, expires_at: datetime, return_url: str
    ) -> str:
        row = await self._ask(
            "POST",
            "/orders",
            {
                "outTradeNo": out_trade_no,
                "amountFen": amount_fen,
                "description": description,
                "expiresAt": expires_at.isoformat(timespec="seconds"),
                "returnUrl": return_url,
                "notifyUrl": self._config.notify_url,
            },
        )
        return _address(row, "payUrl")

    async def query(self, out_trade_no: str) -> PaymentStatus:
        try:
            return _payment(await self._ask("GET", f"/orders/{out_trade_no}"), out_trade_no)
        except ProviderRefused as refused:
            if refused.code != "ORDER_NOT_EXIST":
                raise
        return PaymentStatus(out_trade_no, PaymentState.UNKNOWN)

    async def close(self, out_trade_no: str) -> None:
        await self._ask("POST", f"/orders/{out_trade_no}/close", {})

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
        row = await self._ask(
            "POST",
            "/refunds",
            {
                "outRefundNo": out_refund_no,
                "refundFen": refund_fen,
                "totalFen": total_fen,
                "reason": reason,
                "transactionId": transaction_id,
                "outTradeNo": out_trade_no,
            },
        )
        return _refund(row, out_refund_no)

    async def query_refund(self, out_refund_no: str) -> RefundStatus:
        try:
            return _refund(await self._ask("GET", f"/refunds/{out_refund_no}"), out_refund_no)
        except ProviderRefused as refused:
            if refused.code != "RESOURCE_NOT_EXISTS":
                raise
        return RefundStatus(out_refund_no, RefundState.UNKNOWN)

    def read_notification(
        self, headers: Iterable[tuple[str, str]], body: bytes
    ) -> PaymentNotice | RefundNotice:
        told = [(name.lower(), value) for name, value in headers if name.lower() in _HEADERS]
        found = dict(told)
        if len(found) != len(told) or set(found) != set(_HEADERS):
            raise ForgedNotification("a header is missing or doubled")
        self._prove(found, "POST", NOTIFY_PATH, found["pay-nonce"], body)
        try:
            row = json.loads(body)
            notice_id = _text(row, "noticeId")
            if row.get("kind") == "PAYMENT":
                return _payment(row, _text(row, "outTradeNo")).notice(notice_id)
            return _refund(row, _text(row, "outRefundNo")).notice(notice_id)
        except (ValueError, TypeError, AttributeError, AssertionError, ProviderUnavailable) as problem:
            raise MalformedNotification("another form") from problem

    # ------------------------------------------------------------------------------------------------------

    async def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        timestamp, nonce = str(int(self._clock().timestamp())), secrets.token_hex(16)
        headers = {
            "content-type": "application/json",
            "pay-merchant": self._config.merchant,
            "pay-timestamp": timestamp,
            "pay-nonce": nonce,
            "pay-signature": self._sign(method, self._prefix + path, timestamp, nonce, content),
        }
        try:
            async with asyncio.timeout(CALL_S):
                answer = await self._http.request(
                    method, self._config.base + path, content=content, headers=headers
                )
        except (TimeoutError, httpx.HTTPError) as problem:
            raise ProviderUnavailable(f"not reached: {type(problem).__name__}") from None
        try:
            self._prove(answer.headers, str(answer.status_code), "", nonce, answer.content)
            row = json.loads(answer.content)
        except (ForgedNotification, ValueError) as problem:
            raise ProviderUnavailable(f"answered {answer.status_code}, and not as agreed") from problem
        if not isinstance(row, dict):
            raise ProviderUnavailable("an answer of another form")
        if answer.status_code >= 500 or answer.status_code == 429:
            raise ProviderUnavailable(f"answered {answer.status_code}")
        if answer.status_code >= 400:
            raise ProviderRefused(str(row.get("code") or answer.status_code), str(row.get("message", "")))
        return row

    def _prove(self, headers: Mapping[str, str], one: str, two: str, nonce: str, body: bytes) -> None:
        """ForgedNotification unless the platform signed these words just now."""
        timestamp, signature = headers.get("pay-timestamp", ""), headers.get("pay-signature", "")
        if not timestamp.isascii() or not timestamp.isdigit():
            raise ForgedNotification("no time")
        if abs(self._clock().timestamp() - int(timestamp)) > TOLERANCE_S:
            raise ForgedNotification("more than 300 s from now")
        expected = self._sign(one, two, timestamp, nonce, body)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise ForgedNotification("the signature does not hold")

    def _sign(self, one: str, two: str, timestamp: str, nonce: str, body: bytes) -> str:
        """`one`, `two`: method and path, or status and nothing."""
        lines = "\n".join((one, two, timestamp, nonce, "")).encode() + body
        return hmac.new(self._config.key, lines, hashlib.sha256).hexdigest()


def _payment(row: Mapping[str, Any], out_trade_no: str) -> PaymentStatus:
    state = _state(PaymentState, row)
    if row.get("outTradeNo") != out_trade_no:
        raise ProviderUnavailable("an answer about another order")
    if not state.was_paid:
        return PaymentStatus(out_trade_no, state)
    paid = _fen(row, "paidFen")
    return PaymentStatus(out_trade_no, state, _text(row, "transactionId"), paid, paid, _moment(row, "paidAt"))


def _refund(row: Mapping[str, Any], out_refund_no: str) -> RefundStatus:
    state = _state(RefundState, row)
    if row.get("outRefundNo") != out_refund_no:
        raise ProviderUnavailable("an answer about another refund")
    return RefundStatus(
        out_refund_no,
        state,
        refund_id=_text(row, "refundId"),
        out_trade_no=_text(row, "outTradeNo"),
        transaction_id=_text(row, "transactionId"),
        refund_fen=_fen(row, "refundFen"),
        total_fen=_fen(row, "totalFen"),
        finished_at=_moment(row, "finishedAt") if state is RefundState.SUCCESS else None,
    )


def _state(kind: Any, row: Mapping[str, Any]) -> Any:
    try:
        return kind(row.get("state"))
    except ValueError:
        raise ProviderUnavailable("a state nobody knows") from None


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderUnavailable(f"the answer has no {name}")
    return value


def _address(row: Mapping[str, Any], name: str) -> str:
    """The page sends the browser there, so of the web alone: `javascript:` would run in our own page."""
    value = _text(row, name)
    if not value.startswith(("https://", "http://")):
        raise ProviderUnavailable(f"{name} is no page of the web")
    return value


def _fen(row: Mapping[str, Any], name: str) -> int:
    value = row.get(name)
    if type(value) is not int or value <= 0:
        raise ProviderUnavailable(f"the answer has no {name}")
    return value


def _moment(row: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(row, name))
    except ValueError:
        raise ProviderUnavailable(f"{name} is no moment") from None
    if moment.tzinfo is None:
        raise ProviderUnavailable(f"{name} has no offset")
    return moment
