"""Port: WeCom (企业微信). Who logged in, their openid for paying, the page's JSSDK signature, messages."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from onecard.rules.clock import Clock

REPEATS_DROPPED = timedelta(hours=4)  # the longest WeCom looks back for a message it had already


@dataclass(frozen=True, slots=True)
class WecomUser:
    """A member of the school's WeCom; `userid` is stable within the school."""

    userid: str


@dataclass(frozen=True, slots=True)
class JssdkConfig:
    """What the page gives to `wx.config`. Good for one address, its part behind # left out."""

    app_id: str
    timestamp: int
    nonce_str: str
    signature: str = field(repr=False)


class Wecom(Protocol):
    """Every call may raise ProviderUnavailable (transient) or ProviderRefused (final)."""

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """Where to send the browser; WeCom sends it back to `redirect_uri` with `code` and `state`."""

    async def find_user(self, code: str) -> WecomUser:
        """Whose code it is. It works once, for 5 minutes.

        ProviderRefused INVALID_CODE for a used, old or invented one, NOT_A_MEMBER for somebody from outside.
        """

    async def find_payer(self, code: str) -> str:
        """The openid WeChat Pay knows the code's owner by, member or not. As `find_user`, but for NOT_A_MEMBER; and as
        `openid_of`."""

    async def openid_of(self, userid: str) -> str:
        """The openid WeChat Pay knows this member by. ProviderRefused UNKNOWN_USER, NO_WECHAT."""

    async def jsapi_ticket(self) -> str: ...

    async def sign_jsapi(self, url: str) -> JssdkConfig: ...

    async def send_message(self, userid: str, text: str) -> None:
        """At most 30 a minute to one member; the 31st is ProviderUnavailable with `retry_after_s`.

        The same words to the same member within REPEATS_DROPPED arrive once, so repeating a call is right.
        """


def jssdk_signature(ticket: str, nonce_str: str, timestamp: int, url: str) -> str:
    """SHA-1, as WeChat prescribes, over the four in this order. What follows # in `url` is not signed."""
    signed = f"jsapi_ticket={ticket}&noncestr={nonce_str}&timestamp={timestamp}&url={url.split('#', 1)[0]}"
    return hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()


def jssdk_config(app_id: str, ticket: str, url: str, clock: Clock) -> JssdkConfig:
    timestamp, nonce_str = int(clock().timestamp()), secrets.token_hex(8)
    return JssdkConfig(app_id, timestamp, nonce_str, jssdk_signature(ticket, nonce_str, timestamp, url))
