"""One suite for WeCom: our fake, and the real part against the sandbox over HTTP."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from support.wechat import ManualClock, Sandbox, prepare_home, running_sandbox

from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.outside.wecom import REPEATS_DROPPED, Wecom, WecomUser, jssdk_signature
from onecard.outside.wecom_fake import WecomFake
from onecard.outside.wecom_http import WecomConfig, WecomHttp


class Company(ABC):
    wecom: Wecom
    clock: ManualClock

    @abstractmethod
    async def picks(self, number: str, redirect_uri: str, state: str) -> str:
        """Somebody logs in; where the browser is sent back to."""

    @abstractmethod
    async def outsider_code(self) -> str: ...

    @abstractmethod
    def messages(self) -> list[tuple[str, str]]: ...

    async def code(self, number: str = "2002001") -> str:
        back = await self.picks(number, "http://127.0.0.1:9/auth/callback", "s")
        return parse_qs(urlsplit(back).query)["code"][0]


class FakeCompany(Company):
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.fake = WecomFake({"2002001": "o-1", "1005001": "o-2"}, self.clock)
        self.wecom = self.fake

    async def picks(self, number: str, redirect_uri: str, state: str) -> str:
        mark = "&" if "?" in redirect_uri else "?"
        return f"{redirect_uri}{mark}code={self.fake.code_for(number)}&state={state}"

    async def outsider_code(self) -> str:
        return self.fake.code_for(None)

    def messages(self) -> list[tuple[str, str]]:
        return self.fake.sent


class SandboxCompany(Company):
    def __init__(self, sandbox: Sandbox, wecom: Wecom, clock: ManualClock) -> None:
        self.sandbox, self.wecom, self.clock = sandbox, wecom, clock

    async def picks(self, number: str, redirect_uri: str, state: str) -> str:
        address = self.wecom.authorize_url(state, redirect_uri)
        chosen = address.replace("/authorize?", f"/choose?number={number}&")
        answer = await self.sandbox.http.get(chosen)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def outsider_code(self) -> str:
        await self.sandbox.control("faults", {"login": "outsider"})
        return await self.code()

    def messages(self) -> list[tuple[str, str]]:
        return [(row["userid"], row["text"]) for row in reversed(self.sandbox.world.inbox.newest())]


@pytest.fixture(params=["fake", "sandbox"])
async def company(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Company]:
    if request.param == "fake":
        yield FakeCompany()
        return
    clock, home = ManualClock(), prepare_home(tmp_path)
    async with running_sandbox(home, clock=clock.seconds) as sandbox:
        config = WecomConfig.from_settings(sandbox.settings())
        async with WecomHttp(config, clock) as wecom:
            yield SandboxCompany(sandbox, wecom, clock)


async def test_a_login_comes_back_with_the_state_and_names_the_member(company: Company) -> None:
    back = await company.picks("2002001", "http://127.0.0.1:9/auth/callback?next=%2F", "st-4")
    asked = parse_qs(urlsplit(back).query)
    assert asked["state"] == ["st-4"]
    assert await company.wecom.find_user(asked["code"][0]) == WecomUser("2002001")


async def test_authorize_url_asks_for_a_code_and_keeps_the_state(company: Company) -> None:
    address = urlsplit(company.wecom.authorize_url("a&b", "http://127.0.0.1:9/auth/callback?next=%2F#x"))
    asked = parse_qs(address.query)
    assert address.path == "/connect/oauth2/authorize"
    assert address.fragment == "wechat_redirect"
    assert asked["state"] == ["a&b"]
    assert asked["redirect_uri"] == ["http://127.0.0.1:9/auth/callback?next=%2F#x"]


async def test_a_code_works_once(company: Company) -> None:
    code = await company.code()
    await company.wecom.find_user(code)
    with pytest.raises(ProviderRefused) as refused:
        await company.wecom.find_user(code)
    assert refused.value.code == "INVALID_CODE"


async def test_a_code_works_for_five_minutes(company: Company) -> None:
    early, late = await company.code(), await company.code()
    company.clock.offset_s = 290
    await company.wecom.find_user(early)
    company.clock.offset_s = 302
    with pytest.raises(ProviderRefused) as refused:
        await company.wecom.find_user(late)
    assert refused.value.code == "INVALID_CODE"


@pytest.mark.parametrize("code", ["", "invented", "x" * 600, "' OR 1=1 --"])
async def test_an_invented_code_is_refused(company: Company, code: str) -> None:
    with pytest.raises(ProviderRefused) as refused:
        await company.wecom.find_user(code)
    assert refused.value.code == "INVALID_CODE"


async def test_somebody_from_outside_is_no_member(company: Company) -> None:
    with pytest.raises(ProviderRefused) as refused:
        await company.wecom.find_user(await company.outsider_code())
    assert refused.value.code == "NOT_A_MEMBER"


async def test_whoever_pays_by_a_link_has_an_openid_member_or_not(company: Company) -> None:
    assert await company.wecom.find_payer(await company.code()) == await company.wecom.openid_of("2002001")
    outsider = await company.wecom.find_payer(await company.outsider_code())
    assert outsider
    with pytest.raises(ProviderRefused) as refused:
        await company.wecom.find_payer("invented")
    assert refused.value.code == "INVALID_CODE"


async def test_a_member_has_one_openid(company: Company) -> None:
    openid = await company.wecom.openid_of("2002001")
    assert openid == await company.wecom.openid_of("2002001")
    assert openid != await company.wecom.openid_of("1005001")
    with pytest.raises(ProviderRefused) as refused:
        await company.wecom.openid_of("0000000")
    assert refused.value.code == "UNKNOWN_USER"


async def test_the_page_is_signed_without_its_fragment(company: Company) -> None:
    config = await company.wecom.sign_jsapi("http://127.0.0.1:8000/?a=1#/recharge")
    ticket = await company.wecom.jsapi_ticket()
    wanted = jssdk_signature(ticket, config.nonce_str, config.timestamp, "http://127.0.0.1:8000/?a=1")
    assert config.signature == wanted
    if isinstance(company, SandboxCompany):  # and WeChat agrees
        asked = {
            "appId": config.app_id,
            "timestamp": str(config.timestamp),
            "nonceStr": config.nonce_str,
            "signature": config.signature,
            "url": "http://127.0.0.1:8000/?a=1",
        }
        check = f"{company.sandbox.base}/sandbox/wechat/config"
        assert (await company.sandbox.http.get(check, params=asked)).json() == {"ok": True}
        asked["url"] += "2"
        assert (await company.sandbox.http.get(check, params=asked)).json() == {"ok": False}


async def test_messages_arrive_and_the_thirty_first_of_a_minute_waits(company: Company) -> None:
    for index in range(30):
        await company.wecom.send_message("2002001", f"到账 {index}.00 元")
    assert company.messages()[0] == ("2002001", "到账 0.00 元")
    assert len(company.messages()) == 30
    with pytest.raises(ProviderUnavailable) as told:
        await company.wecom.send_message("2002001", "到账 30.00 元")
    assert told.value.retry_after_s
    await company.wecom.send_message("1005001", "另一个人")
    company.clock.offset_s = 61
    await company.wecom.send_message("2002001", "一分钟后")


async def test_a_repeat_of_the_same_words_is_taken_and_dropped(company: Company) -> None:
    for _ in range(2):
        await company.wecom.send_message("2002001", "到账 50.00 元")
    company.clock.offset_s = REPEATS_DROPPED.total_seconds() - 60
    await company.wecom.send_message("2002001", "到账 50.00 元")
    assert company.messages() == [("2002001", "到账 50.00 元")]
    await company.wecom.send_message("1005001", "到账 50.00 元")
    company.clock.offset_s = REPEATS_DROPPED.total_seconds() + 60
    await company.wecom.send_message("2002001", "到账 50.00 元")
    assert [who for who, _ in company.messages()] == ["2002001", "1005001", "2002001"]


async def test_a_message_to_nobody_is_refused(company: Company) -> None:
    with pytest.raises(ProviderRefused) as refused:
        await company.wecom.send_message("0000000", "有人吗")
    assert refused.value.code == "UNKNOWN_USER"
    assert company.messages() == []
