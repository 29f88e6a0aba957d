"""WeCom in memory, for tests of everything but WeCom. Passes the real part's contract tests."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.outside.wecom import REPEATS_DROPPED, JssdkConfig, WecomUser, jssdk_config
from onecard.rules.clock import Clock

CODE_VALID = timedelta(minutes=5)
MESSAGES_PER_MINUTE = 30


@dataclass(frozen=True, slots=True)
class _Code:
    userid: str | None
    until: datetime


class WecomFake:
    """`members` maps userid to openid. `code_for` logs somebody in; `sent` is everybody's inbox."""

    OUTSIDER = "openid-of-somebody-outside"

    def __init__(self, members: dict[str, str], clock: Clock) -> None:
        self.members = members
        self.sent: list[tuple[str, str]] = []
        self.failure: Exception | None = None
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._times: dict[str, deque[datetime]] = {}
        self._said: dict[tuple[str, str], datetime] = {}

    def code_for(self, userid: str | None) -> str:
        """A fresh code; None logs in somebody who is no member."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(userid, self._clock() + CODE_VALID)
        return code

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        asked = urlencode({"appid": "wwfake", "redirect_uri": redirect_uri, "state": state})
        return f"https://wecom.invalid/connect/oauth2/authorize?{asked}#wechat_redirect"

    async def find_user(self, code: str) -> WecomUser:
        userid = self._use(code)
        if userid not in self.members:
            raise ProviderRefused("NOT_A_MEMBER")
        return WecomUser(userid)

    async def find_payer(self, code: str) -> str:
        return self.members.get(self._use(code), self.OUTSIDER)

    async def openid_of(self, userid: str) -> str:
        self._fail()
        if userid not in self.members:
            raise ProviderRefused("UNKNOWN_USER")
        return self.members[userid]

    async def jsapi_ticket(self) -> str:
        self._fail()
        return "fake-ticket"

    async def sign_jsapi(self, url: str) -> JssdkConfig:
        return jssdk_config("wwfake", await self.jsapi_ticket(), url, self._clock)

    async def send_message(self, userid: str, text: str) -> None:
        self._fail()
        if userid not in self.members:
            raise ProviderRefused("UNKNOWN_USER")
        now = self._clock()
        said = self._said.get((userid, text))
        if said is not None and now - said < REPEATS_DROPPED:
            return
        times = self._times.setdefault(userid, deque(maxlen=MESSAGES_PER_MINUTE))
        if len(times) == MESSAGES_PER_MINUTE and now - times[0] < timedelta(minutes=1):
            raise ProviderUnavailable("30 messages a minute to one member", retry_after_s=60)
        times.append(now)
        self._said[userid, text] = now
        self.sent.append((userid, text))

    def _use(self, code: str) -> str:
        """Whose code it is; "" for somebody who is no member."""
        self._fail()
        known = self._codes.pop(code, None)
        if known is None or self._clock() > known.until:
            raise ProviderRefused("INVALID_CODE")
        return known.userid or ""

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
