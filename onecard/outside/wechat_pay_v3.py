"""WeChat Pay v3 for real, on `wechatpayv3`'s asynchronous client in public-key mode.

The library signs and sends. Added here: time-outs, ±300 s, a check of every signed answer (refusals too),
strict forms, and the two classes of failure. Keys and opened bodies are never logged.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from wechatpayv3.async_ import AsyncWeChatPay, WeChatPayType  # type: ignore[import-untyped]  # it ships none
from wechatpayv3.async_.utils import (  # type: ignore[import-untyped]  # it ships none
    aes_decrypt,
    load_private_key,
    load_public_key,
)

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
    UndecipherableNotification,
)
from onecard.outside.wechat_forms import (
    OddForm,
    object_of,
    payment_notice,
    payment_status,
    read_object,
    refund_notice,
    refund_status,
    text_of,
)
from onecard.outside.wechat_signature import WechatSignature, is_signed
from onecard.rules.clock import Clock, in_shanghai
from onecard.settings import Settings, SettingsError, WechatSettings

CONNECT_S = 3.0
READ_S = 5.0
CALL_S = 8.0  # a whole call, sending and checking included

PAY_NOTICES = "/wechat/notify/pay"
REFUND_NOTICES = "/wechat/notify/refund"

T = TypeVar("T")

_ORDER_NUMBER = re.compile(r"[0-9A-Za-z_*-]{6,32}")
_REFUND_NUMBER = re.compile(r"[0-9A-Za-z_|*@-]{1,64}")
_TRANSIENT = {"SYSTEM_ERROR", "SYSTEMERROR", "BANK_ERROR", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED"}
_LONGEST_DESCRIPTION = 127  # bytes
_LONGEST_REASON = 80  # bytes


@dataclass(frozen=True, slots=True)
class WechatPayConfig:
    """`public_keys`: WeChat Pay's keys by id; the first is the one we ask answers to be signed with."""

    gateway: str
    app_id: str
    mch_id: str
    mch_serial_no: str
    mch_private_key: str = field(repr=False)
    public_keys: Mapping[str, str]
    api_v3_key: str = field(repr=False)
    notices_base: str  # our own address, as WeChat reaches it

    @classmethod
    def from_settings(cls, settings: Settings) -> WechatPayConfig:
        """Reads the key files; SettingsError names the first thing that is missing."""
        wechat = settings.wechat
        for name in ("app_id", "mch_id", "mch_serial_no", "api_v3_key", "pay_public_key_id"):
            if not getattr(wechat, name):
                raise SettingsError(
                    f"ONECARD_WECHAT_{name.upper()} is not set; docs/wechat.md says where it is."
                )
        return cls(
            gateway=wechat.mch_base,
            app_id=wechat.app_id,
            mch_id=wechat.mch_id,
            mch_serial_no=wechat.mch_serial_no,
            mch_private_key=_read_key("MCH_PRIVATE_KEY_FILE", wechat.mch_private_key_file, load_private_key),
            public_keys=_public_keys(wechat),
            api_v3_key=wechat.api_v3_key,
            notices_base=settings.public_url,
        )


class WechatPayV3:
    """`async with WechatPayV3(config, clock) as pay:`; one for the process."""

    def __init__(self, config: WechatPayConfig, clock: Clock) -> None:
        if len(config.api_v3_key.encode()) != 32:
            raise SettingsError("ONECARD_WECHAT_API_V3_KEY must be 32 bytes, as the merchant platform says.")
        self._config = config
        self._clock = clock
        self._signature = WechatSignature(config.public_keys, clock)
        key_id, public_key = next(iter(config.public_keys.items()))
        self._client = AsyncWeChatPay(
            wechatpay_type=WeChatPayType.JSAPI,
            mchid=config.mch_id,
            private_key=config.mch_private_key,
            cert_serial_no=config.mch_serial_no,
            appid=config.app_id,
            apiv3_key=config.api_v3_key,
            notify_url=config.notices_base + PAY_NOTICES,
            timeout=(CONNECT_S, READ_S),
            public_key=public_key,
            public_key_id=key_id,
        )
        # The library keeps Tencent's host in a private attribute; set once, before entering.
        self._client._core._gate_way = config.gateway

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        # It gives no access to an answer's headers; its HTTP client's hook sees them.
        self._client._core._client.event_hooks = {"request": [], "response": [self._check_answer]}
        # The hook knows every key of ours; its own check knows one and would refuse what another signed.
        self._client._core._verify_signature_async = _was_checked
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def prepay(
        self, out_trade_no: str, amount_fen: int, openid: str, description: str, expires_at: datetime
    ) -> str:
        assert _ORDER_NUMBER.fullmatch(out_trade_no), "an order number WeChat does not take"
        assert amount_fen > 0, "an order of nothing"
        row = await self._ask(
            lambda: self._client.pay(
                description=_shortened(description, _LONGEST_DESCRIPTION),
                out_trade_no=out_trade_no,
                amount={"total": amount_fen, "currency": "CNY"},
                payer={"openid": openid},
                time_expire=in_shanghai(expires_at).isoformat(timespec="seconds"),
            )
        )
        return _read(lambda: text_of(row, "prepay_id"))

    def bridge_parameters(self, prepay_id: str) -> dict[str, str]:
        app_id, package = self._config.app_id, f"prepay_id={prepay_id}"
        timestamp, nonce = str(int(self._clock().timestamp())), secrets.token_hex(16)
        return {
            "appId": app_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self._client.sign([app_id, timestamp, nonce, package]),
        }

    def read_notification(
        self, headers: Iterable[tuple[str, str]], body: bytes
    ) -> PaymentNotice | RefundNotice:
        self._signature.check(headers, body)
        try:
            envelope = read_object(body)
            notice_id, event = text_of(envelope, "id"), text_of(envelope, "event_type")
            opened = read_object(self._opened(object_of(envelope, "resource")))
            if event.startswith("TRANSACTION."):
                self._refuse_others(opened, "mchid", "appid")
                return payment_notice(notice_id, opened)
            if event.startswith("REFUND."):
                self._refuse_others(opened, "mchid")
                return refund_notice(notice_id, opened)
        except OddForm as problem:
            raise MalformedNotification(str(problem)) from problem
        raise MalformedNotification("an event we did not ask for")

    async def query(self, out_trade_no: str) -> PaymentStatus:
        assert _ORDER_NUMBER.fullmatch(out_trade_no), "an order number WeChat does not take"
        try:
            row = await self._ask(lambda: self._client.query(out_trade_no=out_trade_no))
        except ProviderRefused as refused:
            if refused.code in ("ORDER_NOT_EXIST", "ORDERNOTEXIST"):
                return PaymentStatus(out_trade_no, PaymentState.UNKNOWN)
            raise
        status = _read(lambda: payment_status(row))
        if status.out_trade_no != out_trade_no:
            raise ProviderUnavailable("the answer is about another order")
        return status

    async def close(self, out_trade_no: str) -> None:
        assert _ORDER_NUMBER.fullmatch(out_trade_no), "an order number WeChat does not take"
        try:
            row = await self._ask(lambda: self._client.close(out_trade_no=out_trade_no))
        except ProviderRefused as refused:
            if refused.code not in ("ORDER_CLOSED", "ORDERCLOSED"):
                raise
            return
        if row:  # closed is 204 and nothing more; 202 says that somebody enters the password just now
            raise ProviderUnavailable(f"not closed yet: {row.get('code', 'no code')}")

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
        assert _REFUND_NUMBER.fullmatch(out_refund_no), "a refund number WeChat does not take"
        assert 0 < refund_fen <= total_fen, "a refund of nothing, or above what was paid"
        assert transaction_id or out_trade_no, "a refund of no payment"
        row = await self._ask(
            lambda: self._client.refund(
                out_refund_no=out_refund_no,
                transaction_id=transaction_id,
                out_trade_no=out_trade_no,
                amount={"refund": refund_fen, "total": total_fen, "currency": "CNY"},
                reason=_shortened(reason, _LONGEST_REASON),
                notify_url=self._config.notices_base + REFUND_NOTICES,
            )
        )
        return self._same_refund(row, out_refund_no)

    async def query_refund(self, out_refund_no: str) -> RefundStatus:
        assert _REFUND_NUMBER.fullmatch(out_refund_no), "a refund number WeChat does not take"
        try:
            row = await self._ask(lambda: self._client.query_refund(out_refund_no=out_refund_no))
        except ProviderRefused as refused:
            if refused.code in ("RESOURCE_NOT_EXISTS", "REFUNDNOTEXIST"):
                return RefundStatus(out_refund_no, RefundState.UNKNOWN)
            raise
        return self._same_refund(row, out_refund_no)

    def _same_refund(self, row: dict[str, Any], out_refund_no: str) -> RefundStatus:
        status = _read(lambda: refund_status(row))
        if status.out_refund_no != out_refund_no:
            raise ProviderUnavailable("the answer is about another refund")
        return status

    async def _ask(self, call: Callable[[], Awaitable[tuple[int, str | bytes]]]) -> dict[str, Any]:
        """The answer's object ({} for 204), or one of the two failures."""
        try:
            async with asyncio.timeout(CALL_S):
                status, text = await call()
        except (TimeoutError, httpx.TimeoutException) as problem:
            raise ProviderUnavailable("WeChat Pay did not answer in time") from problem
        except httpx.HTTPError as problem:
            raise ProviderUnavailable("WeChat Pay could not be reached") from problem
        except ForgedNotification as problem:
            raise ProviderUnavailable(f"an answer that is not WeChat's: {problem}") from problem
        if 200 <= status < 300:
            return _read(lambda: read_object(text)) if text else {}
        if status >= 500 or status == 429:
            raise ProviderUnavailable(f"WeChat Pay answered {status}")
        refusal = _read(lambda: read_object(text))
        code = _read(lambda: text_of(refusal, "code"))
        if code in _TRANSIENT:
            raise ProviderUnavailable(f"WeChat Pay answered {code}")
        raise ProviderRefused(code, str(refusal.get("message", "")))

    async def _check_answer(self, response: httpx.Response) -> None:
        """A success must be signed, fresh and WeChat's; so must a refusal that carries a signature."""
        if response.is_success or is_signed(response.headers):
            body = await response.aread()
            self._signature.check(response.headers.multi_items(), body)

    def _opened(self, resource: dict[str, Any]) -> str:
        if resource.get("algorithm") != "AEAD_AES_256_GCM":
            raise OddForm("another algorithm")
        associated = resource.get("associated_data") or ""
        nonce, ciphertext = text_of(resource, "nonce"), text_of(resource, "ciphertext")
        if not isinstance(associated, str):
            raise OddForm("associated_data is not text")
        try:
            opened: str | None = aes_decrypt(nonce, ciphertext, associated, self._config.api_v3_key)
        except ValueError as problem:  # not base64, a nonce of another length, not UTF-8
            raise OddForm("the resource is not sealed as agreed") from problem
        if opened is None:
            raise UndecipherableNotification("sealed with another APIv3 key than ours, or altered")
        return opened

    def _refuse_others(self, opened: dict[str, Any], *names: str) -> None:
        ours = {"mchid": self._config.mch_id, "appid": self._config.app_id}
        for name in names:
            if opened.get(name) != ours[name]:
                raise OddForm(f"{name} is not ours")


async def _was_checked(headers: Mapping[str, str], text: str) -> bool:
    return True


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except OddForm as problem:
        raise ProviderUnavailable(f"an answer of another form: {problem}") from problem


def _public_keys(wechat: WechatSettings) -> dict[str, str]:
    keys = {
        wechat.pay_public_key_id: _read_key(
            "PAY_PUBLIC_KEY_FILE", wechat.pay_public_key_file, load_public_key
        )
    }
    if wechat.pay_previous_key_id in keys:
        raise SettingsError("ONECARD_WECHAT_PAY_PREVIOUS_KEY_ID is the present key's; unset it.")
    if wechat.pay_previous_key_id:
        keys[wechat.pay_previous_key_id] = _read_key(
            "PAY_PREVIOUS_KEY_FILE", wechat.pay_previous_key_file, load_public_key
        )
    elif wechat.pay_previous_key_file:
        raise SettingsError(
            "ONECARD_WECHAT_PAY_PREVIOUS_KEY_ID is not set, so nothing would be checked with that file."
        )
    return keys


def _read_key(name: str, path: Path | None, load: Callable[[str], object]) -> str:
    if path is None:
        raise SettingsError(f"ONECARD_WECHAT_{name} is not set; docs/wechat.md says where it comes from.")
    try:
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError(f"ONECARD_WECHAT_{name} names {path}, which cannot be read.") from problem
    try:
        load(text)
    except Exception as problem:  # the library raises nothing better
        kind = "private" if load is load_private_key else "public"
        raise SettingsError(
            f"ONECARD_WECHAT_{name} names {path}, which is no {kind} key in PEM."
        ) from problem
    return text


def _shortened(text: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, cut between characters."""
    return text.encode()[:limit].decode("utf-8", "ignore")
