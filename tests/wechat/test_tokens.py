"""access_token and jsapi_ticket: fetched once for everybody, replaced when WeCom forgot them."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from support.wechat import ManualClock, Sandbox

from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.outside.shared_token import Fetched, SharedToken
from onecard.outside.wecom import jssdk_signature
from onecard.outside.wecom_http import WecomConfig, WecomHttp
from onecard.settings import SettingsError


class Counting:
    """WeCom's token endpoint: counts, takes its time, fails when told."""

    def __init__(self, valid_s: int = 7200) -> None:
        self.count = 0
        self.valid_s = valid_s
        self.failure: Exception | None = None

    async def __call__(self) -> Fetched:
        self.count += 1
        count = self.count
        await asyncio.sleep(0)
        if self.failure:
            raise self.failure
        return Fetched(f"token-{count}", self.valid_s)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


async def test_two_processes_fetch_once(redis: Redis) -> None:
    wecom, clock = Counting(), ManualClock()
    processes = [SharedToken("school:t", wecom, clock, redis) for _ in range(3)]
    values = await asyncio.gather(*(process.get() for process in processes for _ in range(20)))
    assert set(values) == {"token-1"}
    assert wecom.count == 1
    assert 6000 < await redis.ttl("school:t") <= 6900


async def test_a_stale_token_is_replaced_once(redis: Redis) -> None:
    wecom, clock = Counting(), ManualClock()
    processes = [SharedToken("school:t", wecom, clock, redis) for _ in range(2)]

    async def learns_it_is_stale(process: SharedToken) -> str:
        await process.forget("token-1")
        return await process.get()

    await asyncio.gather(*(process.get() for process in processes))
    values = await asyncio.gather(*(learns_it_is_stale(process) for process in processes * 5))
    assert set(values) == {"token-2"}
    assert wecom.count == 2


@pytest.mark.pure
async def test_without_redis_each_process_keeps_its_own_until_it_ends() -> None:
    wecom, clock = Counting(valid_s=7200), ManualClock()
    token = SharedToken("t", wecom, clock, None)
    assert await asyncio.gather(*(token.get() for _ in range(10))) == ["token-1"] * 10
    clock.offset_s = 6800
    assert await token.get() == "token-1"
    clock.offset_s = 6901
    assert await token.get() == "token-2"
    await token.forget("token-1")  # an old caller's news
    assert await token.get() == "token-2"
    await token.forget("token-2")
    assert await token.get() == "token-3"


async def test_a_lost_redis_costs_a_fetch_and_nothing_else() -> None:
    wecom = Counting()
    async with Redis.from_url("redis://127.0.0.1:9") as nobody:
        token = SharedToken("t", wecom, ManualClock(), nobody)
        assert await token.get() == "token-1"
        assert await token.get() == "token-1"
        await token.forget("token-1")
        assert await token.get() == "token-2"


async def test_a_redis_lost_while_fetching_costs_no_second_fetch(redis: Redis) -> None:
    wecom = Counting()

    async def fetch_and_lose_redis() -> Fetched:
        fetched = await wecom()
        monkey.setattr(redis, "set", lost)
        monkey.setattr(redis, "get", lost)
        return fetched

    async def lost(*_: object, **__: object) -> None:
        raise RedisError

    token = SharedToken("school:t", fetch_and_lose_redis, ManualClock(), redis)
    with pytest.MonkeyPatch.context() as monkey:
        assert await token.get() == "token-1"
        assert await token.get() == "token-1"
    assert wecom.count == 1


async def test_a_failed_fetch_lets_the_next_one_try(redis: Redis) -> None:
    wecom = Counting()
    token = SharedToken("school:t", wecom, ManualClock(), redis)
    wecom.failure = ProviderUnavailable("down")
    with pytest.raises(ProviderUnavailable):
        await token.get()
    wecom.failure = None
    assert await token.get() == "token-2"


async def test_who_waits_for_a_fetch_that_fails_waits_for_no_other(redis: Redis) -> None:
    """Else the last of fifty logins would wait fifty time-outs."""
    wecom = Counting()
    token = SharedToken("school:t", wecom, ManualClock(), redis)
    wecom.failure = ProviderUnavailable("down")
    answers = await asyncio.gather(*(token.get() for _ in range(50)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {ProviderUnavailable}
    assert wecom.count == 1
    wecom.failure = None
    assert await token.get() == "token-2"


async def test_an_ended_access_token_is_replaced_without_the_caller_knowing(
    sandbox: Sandbox, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, tokens = [], sandbox.world.tokens
    plain = tokens.access_token
    monkeypatch.setattr(tokens, "access_token", lambda: asked.append(1) or plain())
    config, clock = WecomConfig.from_settings(sandbox.settings()), ManualClock()
    async with AsyncExitStack() as stack:
        replicas = [await stack.enter_async_context(WecomHttp(config, clock, redis)) for _ in range(2)]
        await asyncio.gather(*(wecom.openid_of("2002001") for wecom in replicas for _ in range(5)))
        assert len(asked) == 1
        await sandbox.control("faults", {"token": "expired"})
        await asyncio.gather(*(wecom.openid_of("2002001") for wecom in replicas for _ in range(5)))
        assert len(asked) == 2
        assert len({await wecom.jsapi_ticket() for wecom in replicas}) == 1


async def test_no_token_and_no_secret_is_logged(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    config = WecomConfig.from_settings(sandbox.settings())
    async with WecomHttp(config, ManualClock()) as wecom:
        caplog.set_level("INFO")
        ticket = await wecom.jsapi_ticket()
        openid = await wecom.openid_of("2002001")
        token = sandbox.world.tokens.access_token()
    school = [row.getMessage() for row in caplog.records if not row.name.startswith("uvicorn")]
    for secret in (ticket, token, openid, config.corp_secret):
        assert secret not in "".join(school)


async def test_a_wrong_secret_is_final_and_stays_out_of_the_message(sandbox: Sandbox) -> None:
    settings = sandbox.settings()
    config = WecomConfig(
        settings.wechat.open_base, settings.wechat.qyapi_base, settings.wechat.corp_id, "1", "s3cret", "k"
    )
    async with WecomHttp(config, ManualClock()) as wecom:
        with pytest.raises(ProviderRefused) as refused:
            await wecom.openid_of("2002001")
    assert "s3cret" not in str(refused.value) + repr(config)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, text="bad gateway"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"errcode": "0"}),
        httpx.Response(200, json={"errcode": 0}),
        httpx.Response(200, json={"errcode": 0, "access_token": "t", "expires_in": "7200"}),
        httpx.Response(200, json={"errcode": -1, "errmsg": "system busy"}),
        httpx.Response(200, json={"errcode": 45009, "errmsg": "api freq out of limit"}),
        httpx.ConnectError("https://qyapi/cgi-bin/gettoken?corpsecret=s3cret"),
    ],
)
async def test_an_odd_answer_is_transient_and_tells_no_secret(answer: httpx.Response | Exception) -> None:
    def reply(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    config = WecomConfig("http://open", "http://qyapi", "ww", "1", "s3cret", "k")
    async with WecomHttp(config, ManualClock()) as wecom:
        await wecom._http.aclose()
        wecom._http = httpx.AsyncClient(base_url="http://qyapi", transport=httpx.MockTransport(reply))
        with pytest.raises(ProviderUnavailable) as told:
            await wecom.openid_of("2002001")
    assert "s3cret" not in str(told.value)
    assert told.value.__suppress_context__ or told.value.__context__ is None


def _answering(wecom: WecomHttp, *rows: dict[str, object]) -> None:
    """WeCom says these, one after the other."""
    left = [httpx.Response(200, json=row) for row in rows]
    transport = httpx.MockTransport(lambda _: left.pop(0))
    wecom._http = httpx.AsyncClient(base_url="http://qyapi", transport=transport)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (50001, "50001"),  # the trusted domain is another application's: waiting mends nothing
        (60020, "60020"),  # our address is not on the list
        (81013, "UNKNOWN_USER"),
        (43004, "NO_WECHAT"),
    ],
)
async def test_what_waiting_does_not_mend_is_final(number: int, code: str) -> None:
    config = WecomConfig("http://open", "http://qyapi", "ww", "1", "s3cret", "k")
    async with WecomHttp(config, ManualClock()) as wecom:
        await wecom._http.aclose()
        token = {"errcode": 0, "access_token": "t", "expires_in": 7200}
        _answering(wecom, token, {"errcode": number, "errmsg": "no"})
        with pytest.raises(ProviderRefused) as refused:
            await wecom.openid_of("2002001")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "code"), [("invaliduser", "UNKNOWN_USER"), ("unlicenseduser", "UNLICENSED_USER")]
)
async def test_a_message_that_was_taken_and_reaches_nobody_is_refused(name: str, code: str) -> None:
    config = WecomConfig("http://open", "http://qyapi", "ww", "1", "s3cret", "k")
    async with WecomHttp(config, ManualClock()) as wecom:
        await wecom._http.aclose()
        token = {"errcode": 0, "access_token": "t", "expires_in": 7200}
        _answering(wecom, token, {"errcode": 0, "errmsg": "ok", name: "2002001"})
        with pytest.raises(ProviderRefused) as refused:
            await wecom.send_message("2002001", "充值到账")
    assert refused.value.code == code


def test_an_application_has_a_number(sandbox: Sandbox) -> None:
    settings = sandbox.settings()
    odd = dataclasses.replace(settings, wechat=dataclasses.replace(settings.wechat, agent_id="一卡通"))
    with pytest.raises(SettingsError, match="AGENT_ID"):
        WecomConfig.from_settings(odd)


@pytest.mark.pure
def test_the_page_signature_is_the_one_of_wechats_example() -> None:
    """The worked example of WeChat's JSSDK guide, appendix 1."""
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    url = "http://mp.weixin.qq.com?params=value#ignored"
    signature = jssdk_signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, url)
    assert signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
