"""Was this said by WeChat Pay, just now? Signature, key id and ±300 s, for notifications and for answers.

`Wechatpay-Signature` is RSA-SHA256 over "timestamp\\nnonce\\nbody\\n" (API v3, public-key mode).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wechatpayv3.async_.utils import (  # type: ignore[import-untyped]  # it ships none
    load_public_key,
    rsa_verify,
)

from onecard.outside.providers import ForgedNotification
from onecard.rules.clock import Clock

TOLERANCE_S = 300  # WeChat's own bound, both ways
SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
LONGEST_HEADER = 1024

_NEEDED = (
    "wechatpay-signature",
    "wechatpay-timestamp",
    "wechatpay-nonce",
    "wechatpay-serial",
    "wechatpay-signature-type",
)


class WechatSignature:
    """Knows WeChat Pay's public keys by id; more than one while a key is being exchanged (7 days)."""

    def __init__(self, public_keys: Mapping[str, str], clock: Clock) -> None:
        self._keys: dict[str, Any] = {key_id: load_public_key(pem) for key_id, pem in public_keys.items()}
        self._clock = clock

    def check(self, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Return when it is WeChat's and fresh; ForgedNotification otherwise, whatever is odd."""
        told = _single(headers)
        key = self._keys.get(told["wechatpay-serial"])
        if key is None:
            raise ForgedNotification("signed with a key we do not know")
        if told["wechatpay-signature-type"] != SIGNATURE_TYPE:
            raise ForgedNotification("another signature type")
        timestamp = told["wechatpay-timestamp"]
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise ForgedNotification("the timestamp is not a number")
        if abs(self._clock().timestamp() - int(timestamp)) > TOLERANCE_S:
            raise ForgedNotification("more than 300 s from now")
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as problem:
            raise ForgedNotification("not UTF-8") from problem
        if not rsa_verify(timestamp, told["wechatpay-nonce"], text, told["wechatpay-signature"], key):
            raise ForgedNotification("the signature does not hold")


def is_signed(headers: Mapping[str, str]) -> bool:
    return "wechatpay-signature" in headers


def _single(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The five headers, each exactly once: of a doubled one, which copy was signed?"""
    found: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        if lower not in _NEEDED:
            continue
        if lower in found:
            raise ForgedNotification(f"{lower} came twice")
        if not value or len(value) > LONGEST_HEADER:
            raise ForgedNotification(f"{lower} is odd")
        found[lower] = value
    for name in _NEEDED:
        if name not in found:
            raise ForgedNotification(f"{name} is missing")
    return found
