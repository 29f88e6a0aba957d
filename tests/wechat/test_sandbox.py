"""The sandbox itself: it repeats, it remembers, it checks the school as WeChat does."""

from __future__ import annotations

import json
import stat
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from support.waiting import until
from support.wechat import (
    ManualClock,
    Sandbox,
    School,
    prepare_home,
    running_sandbox,
)
from wechatpayv3.async_.utils import build_authorization, load_private_key

from sandbox.wechat.people import People
from sandbox.wechat_keys import environment, load_keys


async def _paid(sandbox: Sandbox, school: School, number: str = "RCH0000001") -> None:
    async with sandbox.pay(school) as pay:
        await pay.prepay(number, 5000, sandbox.openid(), "充值", ManualClock()() + timedelta(hours=2))
    await sandbox.control(f"orders/{number}/pay")


async def test_a_notification_is_repeated_until_it_is_taken(sandbox: Sandbox, school: School) -> None:
    school.status = 500
    await _paid(sandbox, school)
    await until(lambda: len(school.received) >= 3, "three attempts")
    school.status = 204
    done = sandbox.world.trades
    await until(lambda: done.notices_of("RCH0000001")[0]["delivered_at"], "delivery")
    taken = len(school.received)
    ids = {json.loads(body)["id"] for _, body in school.about("pay")}
    signatures = {dict(headers)["wechatpay-signature"] for headers, _ in school.about("pay")}
    assert len(ids) == 1
    assert len(signatures) == taken  # each freshly signed
    [notice] = (await sandbox.order("RCH0000001"))["notices"]
    assert (notice["attempts"], notice["nextAt"], notice["answer"]) == (taken, None, "204")


async def test_a_notification_is_given_up_after_wechats_schedule(sandbox: Sandbox, school: School) -> None:
    sandbox.world.clockwork._scale = 0
    school.status = 500
    await _paid(sandbox, school)
    trades = sandbox.world.trades
    await until(lambda: trades.notices_of("RCH0000001")[0]["next_at"] is None, "giving up")
    assert len(school.received) == 16  # the first, and fifteen repeats within 24 h 4 min


async def test_faults_of_notifications(sandbox: Sandbox, school: School) -> None:
    await sandbox.control("faults", {"notify": "double"})
    await _paid(sandbox, school, "RCH0000001")
    await until(lambda: len(school.received) == 2, "two of them")
    assert school.received[0][2][:40] == school.received[1][2][:40]

    await sandbox.control("faults", {"notify": "late", "late_s": 3600})
    await _paid(sandbox, school, "RCH0000002")
    [late] = (await sandbox.order("RCH0000002"))["notices"]
    assert (late["attempts"], late["nextAt"] > time.time() + 3000) == (0, True)

    await sandbox.control("faults", {"notify": "drop"})
    await _paid(sandbox, school, "RCH0000003")
    [lost] = (await sandbox.order("RCH0000003"))["notices"]
    assert (lost["attempts"], lost["nextAt"]) == (0, None)
    assert len(school.received) == 2


@pytest.mark.parametrize("outcome", ["cancel", "fail"])
async def test_who_does_not_pay_is_not_charged(sandbox: Sandbox, school: School, outcome: str) -> None:
    async with sandbox.pay(school) as pay:
        await pay.prepay("RCH0000001", 5000, sandbox.openid(), "充值", ManualClock()() + timedelta(hours=2))
        assert await sandbox.control(f"orders/RCH0000001/{outcome}") == {"result": outcome}
        await sandbox.control("faults", {"payment": outcome})
        assert await sandbox.control("orders/RCH0000001/pay") == {"result": outcome}
        assert (await sandbox.order("RCH0000001"))["state"] == "NOTPAY"
        await sandbox.control("faults", {"payment": "ok"})
        assert await sandbox.control("orders/RCH0000001/pay") == {"result": "ok"}
        assert await sandbox.control("orders/RCH0000001/pay") == {"result": "fail"}  # paid once


async def test_refunds_end_by_themselves(sandbox: Sandbox, school: School) -> None:
    await sandbox.control("faults", {"refund_s": 0})
    await _paid(sandbox, school)
    async with sandbox.pay(school) as pay:
        asked = {"refund_fen": 2000, "total_fen": 5000, "reason": "退", "out_trade_no": "RCH0000001"}
        await pay.refund("RFD01", **asked)
        await sandbox.control("faults", {"refund": "fail"})
        await pay.refund("RFD02", **asked)
        await until(lambda: len(school.about("refund")) == 2, "both notified")
        order = await sandbox.order("RCH0000001")
    assert [(row["outRefundNo"], row["state"]) for row in order["refunds"]] == [
        ("RFD01", "SUCCESS"),
        ("RFD02", "ABNORMAL"),
    ]


async def test_a_restart_forgets_nothing(tmp_path: Path, school: School) -> None:
    home = prepare_home(tmp_path)
    async with running_sandbox(home) as sandbox:
        await sandbox.control("faults", {"notify": "late", "late_s": 1, "refund": "late"})
        await _paid(sandbox, school)
        code = sandbox.world.tokens.new_code("2002001", sandbox.world.keys.names.corp_id)
        sandbox.world.inbox.put("2002001", "到账 50.00 元")
        names = sandbox.world.keys.names
    async with running_sandbox(home) as sandbox:
        assert sandbox.world.keys.names == names
        assert sandbox.world.faults["refund"] == "late"
        assert (await sandbox.order("RCH0000001"))["state"] == "SUCCESS"
        assert [row["text"] for row in sandbox.world.inbox.newest()] == ["到账 50.00 元"]
        assert sandbox.world.tokens.use_code(code, names.corp_id) == "2002001"
        assert sandbox.world.tokens.use_code(code, names.corp_id) is None
        await until(lambda: school.received, "the notification that was due")


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({"notify": "never"}, False),
        ({"weather": "rain"}, False),
        ({"late_s": -1}, False),
        ({"late_s": True}, False),
        ({"query": "unavailable", "late_s": "soon"}, False),
        ({"late_s": 0.5, "query": "unavailable"}, True),
    ],
)
async def test_unknown_faults_change_nothing(sandbox: Sandbox, changes: dict[str, Any], known: bool) -> None:
    before = sandbox.world.faults.as_json()
    answer = await sandbox.http.post(f"{sandbox.base}/sandbox/wechat/faults", json=changes)
    assert (answer.status_code == 200) is known
    assert (sandbox.world.faults.as_json() == before) is not known
    cleared = await sandbox.http.delete(f"{sandbox.base}/sandbox/wechat/faults")
    assert cleared.json()["query"] == "ok"


@pytest.mark.parametrize("path", ["faults", "codes", "orders/RCH0000001/pay", "refunds/RFD01/success"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
async def test_a_foreign_page_s_form_plays_nobody(
    sandbox: Sandbox, school: School, path: str, kind: str
) -> None:
    await _paid(sandbox, school)
    told = {"content": b'{"number": "2002001"}', "headers": {"content-type": kind}}
    answer = await sandbox.http.post(f"{sandbox.base}/sandbox/wechat/{path}", **told)
    assert answer.status_code == 415


QUERY = "/v3/pay/transactions/out-trade-no/RCH0000001"


def _authorization(sandbox: Sandbox, path: str, serial: str | None = None) -> str:
    keys = sandbox.world.keys
    private = load_private_key(keys.read("merchant_key.pem").decode())
    names = keys.names
    return str(build_authorization(path, "GET", names.mch_id, serial or names.mch_serial_no, private))


async def test_the_school_must_sign_what_it_asks(sandbox: Sandbox, school: School) -> None:
    await _paid(sandbox, school)
    target = f"{QUERY}?mchid={sandbox.world.keys.names.mch_id}"
    good = _authorization(sandbox, target)
    answer = await sandbox.http.get(sandbox.base + target, headers={"Authorization": good})
    assert answer.status_code == 200
    assert answer.headers["Wechatpay-Serial"] == sandbox.world.keys.names.public_key_id
    for odd in (
        "",
        "Bearer x",
        good.replace("WECHATPAY2-SHA256-RSA2048", "WECHATPAY2-SM2"),
        good.replace('signature="', 'signature="A'),
        _authorization(sandbox, target + "0"),
        _authorization(sandbox, target, "0000"),
    ):
        refused = await sandbox.http.get(sandbox.base + target, headers={"Authorization": odd})
        assert (refused.status_code, refused.json()["code"]) == (401, "SIGN_ERROR")
        assert "Wechatpay-Signature" not in refused.headers


@pytest.mark.parametrize(("offset_s", "status"), [(-290, 404), (290, 404), (-310, 401), (310, 401)])
async def test_a_request_holds_five_minutes(tmp_path: Path, offset_s: int, status: int) -> None:
    clock = ManualClock()
    clock.offset_s = offset_s
    async with running_sandbox(prepare_home(tmp_path), clock=clock.seconds) as sandbox:
        target = f"{QUERY}?mchid={sandbox.world.keys.names.mch_id}"
        headers = {"Authorization": _authorization(sandbox, target)}
        assert (await sandbox.http.get(sandbox.base + target, headers=headers)).status_code == status


def _choose(sandbox: Sandbox, **changes: str) -> str:
    asked = {
        "appid": sandbox.world.keys.names.corp_id,
        "redirect_uri": "http://127.0.0.1:8000/auth/callback",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s",
        "number": "2002002",
    }
    return f"{sandbox.base}/connect/oauth2/choose?{httpx.QueryParams(asked | changes)}"


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/auth/callback"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": ""},
        {"appid": "ww0"},
        {"response_type": "token"},
        {"state": "x" * 129},
        {"number": "0000000"},
    ],
)
async def test_nobody_is_sent_where_wechat_would_not(sandbox: Sandbox, changes: dict[str, str]) -> None:
    assert (await sandbox.http.get(_choose(sandbox, **changes))).status_code == 400


async def test_the_official_account_path_marks_a_snapshot_user(sandbox: Sandbox) -> None:
    names = sandbox.world.keys.names

    async def log_in(**changes: str) -> dict[str, Any]:
        back = (await sandbox.http.get(_choose(sandbox, appid=names.app_id))).headers["location"]
        asked = {
            "appid": names.app_id,
            "secret": names.app_secret,
            "code": parse_qs(urlsplit(back).query)["code"][0],
            "grant_type": "authorization_code",
        }
        answer = await sandbox.http.get(f"{sandbox.base}/sns/oauth2/access_token", params=asked | changes)
        result: dict[str, Any] = answer.json()
        return result

    assert (await log_in())["openid"] == sandbox.openid("2002002")
    assert "is_snapshotuser" not in await log_in()
    assert (await log_in(secret="x"))["errcode"] == 40001
    assert (await log_in(code="x"))["errcode"] == 40029
    await sandbox.control("faults", {"login": "snapshot"})
    snapshot = await log_in()
    assert (snapshot["is_snapshotuser"], snapshot["openid"] == sandbox.openid("2002002")) == (1, False)


async def test_messages_are_judged_as_wecom_does(sandbox: Sandbox) -> None:
    names, inbox = sandbox.world.keys.names, sandbox.world.inbox
    address = f"{sandbox.base}/cgi-bin/message/send?access_token={sandbox.world.tokens.access_token()}"

    async def send(text: str = "到账", escaped: bool = False, **changes: Any) -> dict[str, Any]:
        body = {
            "touser": "2002001",
            "msgtype": "text",
            "agentid": int(names.agent_id),
            "text": {"content": text},
        }
        written = json.dumps(body | changes, ensure_ascii=escaped)
        result: dict[str, Any] = (await sandbox.http.post(address, content=written.encode())).json()
        return result

    assert (await send(touser="2002001|nobody"))["invaliduser"] == "nobody"
    assert (await send(touser="nobody"))["errcode"] == 81013
    assert (await send(touser=""))["errcode"] == 81013
    assert (await send(agentid=7))["errcode"] == 40056
    assert (await send(escaped=True))["errcode"] == 40033  # no \\uXXXX
    for index in range(40):
        assert (await send(f"第 {index} 条"))["errcode"] == 0
    assert len(inbox.newest("2002001")) == 30  # the others were taken, and dropped


async def test_a_code_belongs_to_one_app(sandbox: Sandbox) -> None:
    names = sandbox.world.keys.names
    code = sandbox.world.tokens.new_code("2002001", names.app_id)
    assert sandbox.world.tokens.use_code(code, names.corp_id) is None
    assert sandbox.world.tokens.use_code(code, names.app_id) == "2002001"


async def test_the_picker_searches_and_escapes(sandbox: Sandbox) -> None:
    address = _choose(sandbox).replace("/choose?", "/authorize?")
    page = (await sandbox.http.get(address)).text
    assert page.index("2002001") < page.index("2002002") < page.index("1005001")
    assert "周一鸣" in (await sandbox.http.get(address, params=httpx.URL(address).params.set("q", "周"))).text
    assert "没有这样的人" in (await sandbox.http.get(address + "&q=nobody")).text
    page = (await sandbox.http.get(address + "&q=%3Cscript%3Ealert(1)%3C/script%3E")).text
    assert "<script>" not in page


@pytest.mark.pure
def test_keys_are_made_once_and_stay_private(tmp_path: Path) -> None:
    first = environment(tmp_path, "127.0.0.1", 8001, 8000)
    assert environment(tmp_path, "127.0.0.1", 8001, 8000) == first
    assert first["ONECARD_WECHAT_BRIDGE_URL"] == "http://127.0.0.1:8001/jweixin.js"
    assert first["ONECARD_PUBLIC_URL"] == "http://127.0.0.1:8000"
    folder = load_keys(tmp_path).folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    private = (folder / "platform_key.pem").read_text()
    assert private not in first.values()
    assert str(folder / "platform_key.pem") not in first.values()


@pytest.mark.pure
def test_people_who_have_not_bound_the_card_have_a_wechat_too(tmp_path: Path) -> None:
    people = People.load(prepare_home(tmp_path) / "sandbox" / "rows" / "people.jsonl")
    unbound = people.find_number("2002002")
    assert unbound is not None
    assert (unbound.userid, unbound.masked, len(unbound.openid)) == ("2002002", "周**", 28)
    assert people.find_openid(unbound.openid) == unbound
    assert [user.number for user in people.search("2002")] == ["2002001", "2002002"]
