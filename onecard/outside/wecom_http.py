"""WeCom for real: httpx, two shared tokens, and WeCom's own error numbers turned into the two failures."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from redis.asyncio import Redis

from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.outside.shared_token import Fetched, SharedToken
from onecard.outside.wecom import REPEATS_DROPPED, JssdkConfig, WecomUser, jssdk_config
from onecard.rules.clock import Clock
from onecard.settings import Settings, SettingsError

CONNECT_S = 3.0
READ_S = 5.0
CALL_S = 8.0
MESSAGES_PER_MINUTE = 30  # to one member; WeCom drops what is above
MEMBERS_COUNTED = 10_000
LONGEST_TEXT = 2048  # bytes

_STALE_TOKEN = {40001, 40014, 42001}
_NOT_NOW = {-1, 45009, 45033}  # busy, too often
_NAMES = {
    40029: "INVALID_CODE",
    40003: "UNKNOWN_USER",
    46004: "UNKNOWN_USER",
    60111: "UNKNOWN_USER",
    81013: "UNKNOWN_USER",  # of a message: no such member, or outside the visible range
    43004: "NO_WECHAT",  # a member without WeChat, who cannot have an openid
}


@dataclass(frozen=True, slots=True)
class WecomConfig:
    open_base: str
    qyapi_base: str
    corp_id: str
    agent_id: str
    corp_secret: str = field(repr=False)
    key_prefix: str  # of this school's keys in Redis

    @classmethod
    def from_settings(cls, settings: Settings) -> WecomConfig:
        wechat = settings.wechat
        for name in ("corp_id", "agent_id", "corp_secret"):
            if not getattr(wechat, name):
                raise SettingsError(f"ONECARD_WECHAT_{name.upper()} is not set; see docs/wechat.md.")
        if not (wechat.agent_id.isascii() and wechat.agent_id.isdigit()):
            raise SettingsError("ONECARD_WECHAT_AGENT_ID must be the application's number, as its page says.")
        return cls(
            wechat.open_base,
            wechat.qyapi_base,
            wechat.corp_id,
            wechat.agent_id,
            wechat.corp_secret,
            f"{settings.school}:wecom:{wechat.corp_id}:{wechat.agent_id}",
        )


class WecomHttp:
    """`async with WecomHttp(config, clock, redis) as wecom:`; one for the process."""

    def __init__(self, config: WecomConfig, clock: Clock, redis: Redis | None = None) -> None:
        self._config = config
        self._clock = clock
        # httpx logs every address at INFO, and WeCom's addresses carry the secret and the tokens.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._http = httpx.AsyncClient(
            base_url=config.qyapi_base, timeout=httpx.Timeout(READ_S, connect=CONNECT_S)
        )
        self._access = SharedToken(f"{config.key_prefix}:access", self._fetch_access, clock, redis)
        self._ticket = SharedToken(f"{config.key_prefix}:ticket", self._fetch_ticket, clock, redis)
        self._sent: dict[str, deque[datetime]] = {}

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        asked = {
            "appid": self._config.corp_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
            "agentid": self._config.agent_id,
        }
        return f"{self._config.open_base}/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"

    async def find_user(self, code: str) -> WecomUser:
        userid = _userid(await self._user_info(code))
        if userid is not None:
            return WecomUser(userid)
        raise ProviderRefused("NOT_A_MEMBER", "logged in to WeChat, and not a member of the school's WeCom")

    async def find_payer(self, code: str) -> str:
        row = await self._user_info(code)
        userid = _userid(row)
        if userid is not None:
            return await self.openid_of(userid)
        return _text(row, "openid" if "openid" in row else "OpenId")

    async def _user_info(self, code: str) -> dict[str, Any]:
        return await self._with_token("GET", "/cgi-bin/auth/getuserinfo", {"code": code})

    async def openid_of(self, userid: str) -> str:
        row = await self._with_token("POST", "/cgi-bin/user/convert_to_openid", body={"userid": userid})
        return _text(row, "openid")

    async def jsapi_ticket(self) -> str:
        return await self._ticket.get()

    async def sign_jsapi(self, url: str) -> JssdkConfig:
        return jssdk_config(self._config.corp_id, await self.jsapi_ticket(), url, self._clock)

    async def send_message(self, userid: str, text: str) -> None:
        self._count_message(userid)
        content = text.encode()[:LONGEST_TEXT].decode("utf-8", "ignore")
        body = {
            "touser": userid,
            "msgtype": "text",
            "agentid": int(self._config.agent_id),
            "text": {"content": content},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": int(REPEATS_DROPPED.total_seconds()),
        }
        row = await self._with_token("POST", "/cgi-bin/message/send", body=body)
        if row.get("invaliduser"):
            raise ProviderRefused("UNKNOWN_USER", "WeCom knows no such member, or they may not use the app")
        if row.get("unlicenseduser"):
            raise ProviderRefused("UNLICENSED_USER", "the school bought no interface licence for this member")

    async def _fetch_access(self) -> Fetched:
        asked = {"corpid": self._config.corp_id, "corpsecret": self._config.corp_secret}
        try:
            row = await self._ask("GET", "/cgi-bin/gettoken", asked, None)
        except _StaleToken:
            raise ProviderRefused("40001", "WeCom does not take ONECARD_WECHAT_CORP_SECRET") from None
        return Fetched(_text(row, "access_token"), _seconds(row))

    async def _fetch_ticket(self) -> Fetched:
        row = await self._with_token("GET", "/cgi-bin/get_jsapi_ticket")
        return Fetched(_text(row, "ticket"), _seconds(row))

    async def _with_token(
        self, method: str, path: str, query: dict[str, str] | None = None, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Ask with the access token; a token WeCom forgot is replaced and the call repeated, once."""
        token = await self._access.get()
        try:
            return await self._ask(method, path, {**(query or {}), "access_token": token}, body)
        except _StaleToken:
            await self._access.forget(token)
        token = await self._access.get()
        try:
            return await self._ask(method, path, {**(query or {}), "access_token": token}, body)
        except _StaleToken as problem:
            await self._access.forget(token)
            raise ProviderUnavailable("WeCom takes no token of ours") from problem

    async def _ask(
        self, method: str, path: str, query: dict[str, str], body: dict[str, Any] | None
    ) -> dict[str, Any]:
        try:
            async with asyncio.timeout(CALL_S):
                answer = await self._http.request(method, path, params=query, json=body)
        except (TimeoutError, httpx.HTTPError):
            # `from None`: httpx's message may quote the address, and the address carries the token.
            raise ProviderUnavailable("WeCom could not be reached in time") from None
        if answer.status_code != 200:
            raise ProviderUnavailable(f"WeCom answered {answer.status_code}")
        try:
            row = json.loads(answer.content)
        except ValueError:
            raise ProviderUnavailable("WeCom's answer is not JSON") from None
        number = row.get("errcode", 0) if isinstance(row, dict) else None
        if type(number) is not int:
            raise ProviderUnavailable("WeCom's answer is of another form")
        if number in _STALE_TOKEN:
            raise _StaleToken
        if number in _NOT_NOW:
            raise ProviderUnavailable(f"WeCom answered {number}", retry_after_s=60)
        if number != 0:
            raise ProviderRefused(_NAMES.get(number, str(number)), f"WeCom answered {number}")
        return dict(row)

    def _count_message(self, userid: str) -> None:
        now = self._clock()
        if len(self._sent) >= MEMBERS_COUNTED:
            edge = now - timedelta(minutes=1)
            self._sent = {who: sent for who, sent in self._sent.items() if sent[-1] > edge}
        sent = self._sent.setdefault(userid, deque(maxlen=MESSAGES_PER_MINUTE))
        if len(sent) == MESSAGES_PER_MINUTE and now - sent[0] < timedelta(minutes=1):
            wait_s = int((sent[0] + timedelta(minutes=1) - now).total_seconds()) + 1
            raise ProviderUnavailable("30 messages a minute to one member", retry_after_s=wait_s)
        sent.append(now)


class _StaleToken(Exception):
    """40001, 40014, 42001: the access token ended, or somebody fetched a newer one."""


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderUnavailable(f"WeCom's answer has no {name}")
    return value


def _seconds(row: dict[str, Any]) -> int:
    value = row.get("expires_in")
    if type(value) is not int or value < 1:
        raise ProviderUnavailable("WeCom's answer has no expires_in")
    return value


def _userid(row: Mapping[str, Any]) -> str | None:
    """Of a member; WeCom has written it both ways."""
    userid = row.get("userid") or row.get("UserId")
    return userid if isinstance(userid, str) and userid else None
