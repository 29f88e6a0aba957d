"""Code payment in the sandbox: scanned, asked for the password, refused, reversed; asked by WeChat's library."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.waiting import until
from support.wechat import ManualClock, Sandbox, prepare_home, running_sandbox
from wechatpayv3.async_ import AsyncWeChatPay, WeChatPayType

NUMBER = "CODE000001"
Answer = tuple[int, dict[str, Any]]


@dataclass
class Till:
    sandbox: Sandbox
    client: AsyncWeChatPay
    clock: ManualClock

    async def show_code(self, number: str = "2002001") -> str:
        return str((await self.sandbox.control("codes", {"number": number}))["code"])

    async def pay(self, code: str, number: str = NUMBER, fen: int = 350, **changes: Any) -> Answer:
        asked: dict[str, Any] = {
            "description": "第一食堂",
            "out_trade_no": number,
            "amount": {"total": fen, "currency": "CNY"},
            "payer": {"auth_code": code},
            "scene_info": {"store_info": {"id": "0001"}},
            "pay_type": WeChatPayType.CODEPAY,
        }
        return _read(await self.client.pay(**asked | changes))

    async def query(self, number: str = NUMBER) -> Answer:
        return _read(await self.client.query(out_trade_no=number))

    async def reverse(self, number: str = NUMBER) -> Answer:
        return _read(await self.client.codepay_reverse(number))


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    clock = ManualClock()
    async with (
        running_sandbox(prepare_home(tmp_path), clock=clock.seconds) as sandbox,
        sandbox.client() as client,
    ):
        yield Till(sandbox, client, clock)


def _read(answer: tuple[int, str | bytes]) -> Answer:
    return answer[0], json.loads(answer[1])


def _code(answer: Answer) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


async def test_a_scanned_code_pays_once(till: Till) -> None:
    code = await till.show_code()
    assert len(code) == 18
    assert 10 <= int(code[:2]) <= 15
    status, paid = await till.pay(code)
    assert (status, paid["trade_type"], paid["trade_state"]) == (200, "MICROPAY", "SUCCESS")
    assert (paid["amount"]["total"], paid["payer"]["openid"]) == (350, till.sandbox.openid())
    assert await till.query() == (200, paid)
    assert (await till.sandbox.order(NUMBER))["notices"] == []  # nobody is told; the answer was the news
    assert _code(await till.pay(code)) == (400, "ORDERPAID")
    assert _code(await till.pay(code, "CODE000002")) == (400, "AUTH_CODE_ERROR")
    assert (await till.query("CODE000002"))[0] == 404


async def test_the_password_is_asked_for_and_entered(till: Till) -> None:
    await till.sandbox.control("faults", {"codepay": "password", "password_s": 0.3})
    code = await till.show_code()
    status, row = await till.pay(code)
    assert (status, row["trade_state"], "transaction_id" in row) == (202, "USERPAYING", False)
    await until(lambda: _state(till) == "SUCCESS", "the password")
    assert (await till.query())[1]["success_time"]


async def test_nobody_enters_the_password(till: Till) -> None:
    await till.sandbox.control("faults", {"codepay": "timeout", "timeout_s": 0.3})
    assert (await till.pay(await till.show_code()))[0] == 202
    await until(lambda: _state(till) == "PAYERROR", "giving up")
    assert (await till.query())[1]["trade_state"] == "PAYERROR"
    assert (await till.reverse())[0] == 200
    status, row = await till.query()
    assert (status, row["trade_state"], "amount" in row) == (200, "REVOKED", False)


@pytest.mark.parametrize(
    ("verb", "state"), [("pay", "SUCCESS"), ("cancel", "PAYERROR"), ("fail", "PAYERROR")]
)
async def test_the_customer_is_played_by_hand(till: Till, verb: str, state: str) -> None:
    await till.sandbox.control("faults", {"codepay": "password", "password_s": 3600})
    code = await till.show_code()
    first = await till.pay(code)
    assert first[0] == 202
    assert await till.pay(code) == first  # the same again is the same payment
    await till.sandbox.control(f"orders/{NUMBER}/{verb}")
    assert (await till.query())[1]["trade_state"] == state


async def test_who_has_not_enough_pays_nothing(till: Till) -> None:
    await till.sandbox.control("faults", {"codepay": "not_enough"})
    code = await till.show_code()
    assert _code(await till.pay(code)) == (403, "NOT_ENOUGH")
    _, row = await till.query()
    assert (row["trade_state"], "transaction_id" in row) == ("PAYERROR", False)
    await till.sandbox.control("faults", {"codepay": "ok"})
    assert _code(await till.pay(code)) == (400, "ORDER_CLOSED")
    assert _code(await till.pay(await till.show_code())) == (403, "OUT_TRADE_NO_USED")
    assert (await till.pay(await till.show_code(), "CODE000002"))[0] == 200


async def test_a_code_holds_a_minute(till: Till) -> None:
    code = await till.show_code()
    till.clock.offset_s = 61
    assert _code(await till.pay(code)) == (400, "AUTHCODEEXPIRE")
    assert (await till.query())[0] == 404


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"payer": {"auth_code": "161234567890123456"}}, "AUTH_CODE_INVALID"),
        ({"payer": {"auth_code": "13123456789012345"}}, "AUTH_CODE_INVALID"),
        ({"payer": {"auth_code": "131234567890123456"}}, "AUTH_CODE_INVALID"),  # on nobody's screen
        ({"payer": {}}, "PARAM_ERROR"),
        ({"scene_info": {"store_info": {}}}, "PARAM_ERROR"),
        ({"amount": {"total": 0, "currency": "CNY"}}, "PARAM_ERROR"),
        ({"out_trade_no": "x"}, "PARAM_ERROR"),
        ({"appid": "ww0"}, "APPID_MCHID_NOT_MATCH"),
    ],
)
async def test_what_wechat_does_not_take(till: Till, changes: dict[str, Any], refused: str) -> None:
    assert _code(await till.pay(await till.show_code(), **changes)) == (400, refused)
    assert till.sandbox.world.trades.newest(1) == []


async def test_a_reversal_gives_back_and_may_be_repeated(till: Till) -> None:
    await till.pay(await till.show_code())
    names = till.sandbox.world.keys.names
    done = (200, {"appid": names.corp_id, "mchid": names.mch_id, "out_trade_no": NUMBER})
    assert await till.reverse() == done
    assert await till.reverse() == done
    assert (await till.query())[1]["trade_state"] == "REVOKED"
    refund = await till.client.refund(
        "RFD01", {"refund": 350, "total": 350, "currency": "CNY"}, out_trade_no=NUMBER
    )
    assert _code(_read(refund)) == (400, "INVALID_REQUEST")  # it went back already


async def test_while_the_password_is_entered_nothing_is_reversed(till: Till) -> None:
    await till.sandbox.control("faults", {"codepay": "password", "password_s": 3600})
    await till.pay(await till.show_code())
    assert _code(await till.reverse()) == (400, "USERPAYING")
    till.clock.offset_s = 16
    assert (await till.reverse())[0] == 200
    assert not till.sandbox.world.codepay.finish(NUMBER, "SUCCESS")  # too late for the password
    assert (await till.query())[1]["trade_state"] == "REVOKED"


async def test_what_cannot_be_reversed(till: Till) -> None:
    assert _code(await till.reverse()) == (404, "ORDER_NOT_EXIST")
    trades = till.sandbox.world.trades
    sheet = {"openid": till.sandbox.openid(), "description": "充值", "total_fen": 5000, "expires": ""}
    trades.prepay(out_trade_no="RCH0000001", notify_url="http://127.0.0.1:9/", **sheet)
    assert _code(await till.reverse("RCH0000001")) == (400, "INVALID_REQUEST")
    assert _code(await till.pay(await till.show_code(), "RCH0000001", 5000)) == (403, "OUT_TRADE_NO_USED")
    await till.pay(await till.show_code())
    assert _read(await till.client.close(NUMBER))[1]["code"] == "ORDERPAID"
    paid = {"refund": 350, "total": 350, "currency": "CNY"}
    assert (await till.client.refund("RFD01", paid, out_trade_no=NUMBER))[0] == 200
    assert _code(await till.reverse()) == (400, "INVALID_REQUEST")
    await till.pay(await till.show_code(), "CODE000002")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.wechat.codepay.REVERSIBLE_S", -1)
        assert _code(await till.reverse("CODE000002")) == (400, "INVALID_REQUEST")
    assert (await till.query("CODE000002"))[1]["trade_state"] == "SUCCESS"


async def test_an_answer_that_got_lost_is_found_by_asking(till: Till) -> None:
    await till.sandbox.control("faults", {"prepay": "unavailable"})
    assert _code(await till.pay(await till.show_code())) == (500, "SYSTEM_ERROR")
    assert (await till.query())[0] == 404
    await till.sandbox.control("faults", {"prepay": "slow", "slow_s": 2})
    code = await till.show_code()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await till.pay(code)
    assert (await till.query())[1]["trade_state"] == "SUCCESS"


async def test_a_restart_forgets_no_code_and_no_payment(tmp_path: Path) -> None:
    home = prepare_home(tmp_path)
    async with running_sandbox(home) as sandbox, sandbox.client() as client:
        till = Till(sandbox, client, ManualClock())
        await sandbox.control("faults", {"codepay": "password", "password_s": 1})
        kept = await till.show_code()
        await till.pay(await till.show_code())
    async with running_sandbox(home) as sandbox, sandbox.client() as client:
        till = Till(sandbox, client, ManualClock())
        await until(lambda: _state(till) == "SUCCESS", "the password that was due")
        assert (await till.pay(kept, "CODE000002"))[0] == 202


def _state(till: Till) -> str:
    row = till.sandbox.world.trades.find(NUMBER)
    assert row is not None
    return str(row["state"])


async def test_a_code_is_somebodys(till: Till) -> None:
    codes, kind = f"{till.sandbox.base}/sandbox/wechat/codes", {"content-type": "application/json"}
    for body, status in ((b'{"number": "0000000"}', 404), (b"[]", 422), (b"{", 422)):
        answer = await till.sandbox.http.post(codes, content=body, headers=kind)
        assert answer.status_code == status
