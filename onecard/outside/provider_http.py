"""Whoever speaks our signed protocol: JSON over HTTPS, each side's words signed by one key (docs/payments.md).

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
from types import TracebackType
from typing import Any, ClassVar, Self
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
from onecard.outside.provider_forms import payment_status, refund_status, text_of
from onecard.outside.providers import (
    ForgedNotification,
    MalformedNotification,
    ProviderRefused,
    ProviderUnavailable,
)
from onecard.rules.clock import Clock
from onecard.settings import SignedProviderSettings

CONNECT_S = 3.0
READ_S = 5.0
CALL_S = 8.0
TOLERANCE_S = 300
_HEADERS = ("pay-timestamp", "pay-nonce", "pay-signature")


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    base: str
    merchant: str
    notify_url: str
    key: bytes = field(repr=False)

    @classmethod
    def from_settings(cls, given: SignedProviderSettings, notify_url: str) -> ProviderConfig:
        return cls(given.base, given.merchant, notify_url, bytes.fromhex(given.key_hex))


class ProviderHttp:
    """What all of them can do. `async with BankHttp(config, clock) as bank:`; one for the process."""

    NOTIFY_PATH: ClassVar[str]  # signed along: no notice for one address is one for another

    def __init__(self, config: ProviderConfig, clock: Clock) -> None:
        self.config = config
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

    async def query(self, out_trade_no: str) -> PaymentStatus:
        row = await self.find(f"/orders/{out_trade_no}", "ORDER_NOT_EXIST")
        if row is None:
            return PaymentStatus(out_trade_no, PaymentState.UNKNOWN)
        return payment_status(row, out_trade_no)

    async def close(self, out_trade_no: str) -> None:
        await self.ask("POST", f"/orders/{out_trade_no}/close", {})

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
        row = await self.ask(
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
        return refund_status(row, out_refund_no)

    async def query_refund(self, out_refund_no: str) -> RefundStatus:
        row = await self.find(f"/refunds/{out_refund_no}", "RESOURCE_NOT_EXISTS")
        if row is None:
            return RefundStatus(out_refund_no, RefundState.UNKNOWN)
        return refund_status(row, out_refund_no)

    def read_notification(
        self, headers: Iterable[tuple[str, str]], body: bytes
    ) -> PaymentNotice | RefundNotice:
        told = [(name.lower(), value) for name, value in headers if name.lower() in _HEADERS]
        found = dict(told)
        if len(found) != len(told) or set(found) != set(_HEADERS):
            raise ForgedNotification("a header is missing or doubled")
        self._prove(found, "POST", self.NOTIFY_PATH, found["pay-nonce"], body)
        try:
            row = json.loads(body)
            notice_id = text_of(row, "noticeId")
            if row.get("kind") == "PAYMENT":
                paid = payment_status(row, text_of(row, "outTradeNo"))
                if not paid.state.was_paid:
                    raise MalformedNotification("told of what was not paid")
                return paid.notice(notice_id)
            return refund_status(row, text_of(row, "outRefundNo")).notice(notice_id)
        except (ValueError, TypeError, AttributeError, ProviderUnavailable) as problem:
            raise MalformedNotification("another form") from problem

    async def find(self, path: str, unknown: str) -> dict[str, Any] | None:
        """What is there; None where it is refused with that code."""
        try:
            return await self.ask("GET", path)
        except ProviderRefused as refused:
            if refused.code != unknown:
                raise
        return None

    async def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Its signed answer. ProviderRefused for a 4xx, ProviderUnavailable for all that is no answer."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        timestamp, nonce = str(int(self._clock().timestamp())), secrets.token_hex(16)
        headers = {
            "content-type": "application/json",
            "pay-merchant": self.config.merchant,
            "pay-timestamp": timestamp,
            "pay-nonce": nonce,
            "pay-signature": self._sign(method, self._prefix + path, timestamp, nonce, content),
        }
        try:
            async with asyncio.timeout(CALL_S):
                answer = await self._http.request(
                    method, self.config.base + path, content=content, headers=headers
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
            raise ProviderRefused(
                str(row.get("code") or answer.status_code)
            )  # their sentence may repeat a secret
        return row

    def _prove(self, headers: Mapping[str, str], one: str, two: str, nonce: str, body: bytes) -> None:
        """ForgedNotification unless they signed these words just now."""
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
        return hmac.new(self.config.key, lines, hashlib.sha256).hexdigest()
