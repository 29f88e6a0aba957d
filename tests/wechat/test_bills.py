"""The sandbox's trade bill: its text to the byte, its days, its faults, and who may have it."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.wechat import Sandbox, prepare_home
from wechatpayv3.async_ import AsyncWeChatPay

from sandbox.wechat import World
from sandbox.wechat.trades import SHANGHAI, TradeError

Cells = dict[str, str]


@dataclass
class Wall:
    """A clock that stands where it is put; Shanghai's time."""

    now: datetime

    def __call__(self) -> float:
        return self.now.timestamp()

    def put(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def wall() -> Wall:
    return Wall(datetime(2026, 3, 2, 12, 0, tzinfo=SHANGHAI))


@pytest.fixture
async def world(tmp_path: Path, wall: Wall) -> AsyncIterator[World]:
    world = World(prepare_home(tmp_path), clock=wall)
    async with world.running():
        yield world


def _pay(world: World, number: str, fen: int = 5000) -> None:
    person = world.people.find_number("2002001")
    assert person is not None
    world.trades.prepay(
        out_trade_no=number,
        openid=person.openid,
        description="校园卡充值",
        total_fen=fen,
        notify_url="http://127.0.0.1:9/",
        expires="",
    )
    assert world.trades.press_pay(number) == "ok"


def _pay_code(world: World, number: str, fen: int) -> None:
    person = world.people.find_number("2002002")
    assert person is not None
    code, _ = world.codepay.show_code(person.openid)
    world.codepay.pay(out_trade_no=number, code=code, description="第一食堂", total_fen=fen)


def _refund(world: World, number: str, of: str, fen: int, total: int = 5000) -> None:
    asked = {"out_refund_no": number, "out_trade_no": of, "transaction_id": None, "refund_fen": fen}
    world.trades.refund(asked | {"total_fen": total, "reason": "", "notify_url": "http://127.0.0.1:9/"})


def _bill(world: World, day: str, kind: str = "ALL") -> bytes:
    sha1, token = world.bills.make(day, kind, "")
    text = world.bills.content(token)
    assert hashlib.sha1(text, usedforsecurity=False).hexdigest() == sha1
    return text


def _read(text: bytes) -> tuple[dict[str, Cells], Cells]:
    """Rows by their refund's or else their order's number, and the summary."""
    header, *rows, summary_header, summary, end = text.decode("utf-8-sig").split("\r\n")
    assert end == ""
    read = [_cells(header, row) for row in rows]
    return {row.get("商户退款单号", "0").strip("0") or row["商户订单号"]: row for row in read}, _cells(
        summary_header, summary
    )


def _cells(header: str, row: str) -> Cells:
    cells = row.split(",")
    assert all(cell.startswith("`") for cell in cells)
    return dict(zip(header.split(","), (cell[1:] for cell in cells), strict=True))


def _refused(world: World, *asked: str) -> str:
    with pytest.raises(TradeError) as refused:
        world.bills.make(*asked)
    assert refused.value.status == 400
    return refused.value.code


async def test_a_day_of_one_payment_to_the_byte(world: World, wall: Wall) -> None:
    _pay(world, "RCH0000001", 5005)
    wall.put("2026-03-03T10:00")
    trade, names = world.trades.find("RCH0000001"), world.keys.names
    assert trade is not None
    assert (
        _bill(world, "2026-03-02")
        == (
            "\ufeff交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
            "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,"
            "订单金额,申请退款金额,费率备注\r\n"
            f"`2026-03-02 12:00:00,`{names.corp_id},`{names.mch_id},`0,`,`{trade['transaction_id']},`RCH0000001,"
            f"`{trade['openid']},`JSAPI,`SUCCESS,`OTHERS,`CNY,`50.05,`0.00,`0,`0,`0.00,`0.00,`,`,`校园卡充值,`,"
            "`0.30000,`0.60%,`50.05,`0.00,`\r\n"
            "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
            "`1,`50.05,`0.00,`0.00,`0.30000,`50.05,`0.00\r\n"
        ).encode()
    )


async def test_payments_refunds_and_reversals_of_a_day(world: World, wall: Wall) -> None:
    _pay(world, "RCH0000001")
    wall.put("2026-03-03T00:00")  # the first moment of the next day
    _pay(world, "RCH0000002", 1)
    _refund(world, "RFD01", "RCH0000001", 2000)
    world.trades.finish_refund("RFD01", "SUCCESS")
    _refund(world, "RFD02", "RCH0000001", 1000)
    _pay_code(world, "CODE000001", 350)
    world.codepay.reverse("CODE000001")
    world.set_faults({"codepay": "not_enough"})
    with pytest.raises(TradeError):
        _pay_code(world, "CODE000002", 700)
    wall.put("2026-03-04T11:00")
    world.trades.finish_refund("RFD02", "ABNORMAL")  # after the bill was made: it stays as it was

    rows, summary = _read(_bill(world, "2026-03-02"))
    assert list(rows) == ["RCH0000001"]
    text = _bill(world, "2026-03-03")
    rows, summary = _read(text)
    assert {
        number: (
            row["交易状态"],
            row["交易类型"],
            row["订单金额"],
            row["申请退款金额"],
            row["退款状态"],
            row["手续费"],
        )
        for number, row in rows.items()
        if number != "CODE000001"
    } == {
        "RCH0000002": ("SUCCESS", "JSAPI", "0.01", "0.00", "", "0.00000"),
        "RFD01": ("REFUND", "JSAPI", "0.00", "20.00", "SUCCESS", "-0.12000"),
        "RFD02": ("REFUND", "JSAPI", "0.00", "10.00", "PROCESSING", "-0.06000"),
    }
    assert rows["RFD01"]["商户订单号"] == "RCH0000001"
    assert rows["RFD01"]["微信退款单号"].startswith("5030")
    # Paid and reversed: one row each, under the one number.
    lines = [line for line in text.decode().split("\r\n") if "`CODE000001" in line]
    assert sorted("`REVOKED," in line for line in lines) == [False, True]
    assert all(",`MICROPAY,`" in line for line in lines)
    assert list(summary.values()) == ["5", "3.51", "33.50", "0.00", "-0.18000", "3.51", "33.50"]

    rows, summary = _read(_bill(world, "2026-03-03", "SUCCESS"))
    assert (set(rows), "退款金额" in rows["RCH0000002"]) == ({"RCH0000002", "CODE000001"}, False)
    assert (summary["总交易单数"], summary["退款总金额"]) == ("2", "0.00")
    rows, summary = _read(_bill(world, "2026-03-03", "REFUND"))
    assert set(rows) == {"RFD01", "RFD02", "CODE000001"}
    assert (rows["RFD01"]["交易时间"], rows["RFD01"]["退款申请时间"], rows["RFD02"]["退款成功时间"]) == (
        "2026-03-02 12:00:00",
        "2026-03-03 00:00:00",
        "",
    )


async def test_a_bill_has_its_time(world: World, wall: Wall) -> None:
    _pay(world, "RCH0000001")
    assert _refused(world, "2026-03-02", "ALL", "") == "INVALID_REQUEST"  # today
    wall.put("2026-03-03T09:59:59")
    assert _refused(world, "2026-03-02", "ALL", "") == "STATEMENT_CREATING"
    wall.put("2026-03-03T10:00")
    assert _bill(world, "2026-03-02")
    wall.put("2026-06-03T10:00")
    assert _refused(world, "2026-03-02", "ALL", "") == "INVALID_REQUEST"  # three months are over
    wall.put("2026-06-02T10:00")
    assert _bill(world, "2026-03-02")
    assert _refused(world, "2026-06-01", "ALL", "") == "NO_STATEMENT_EXIST"
    _pay(world, "RCH0000002")
    world.set_faults({"bill_time": "at_once"})
    assert set(_read(_bill(world, "2026-06-02"))[0]) == {"RCH0000002"}
    assert _refused(world, "2026-06-03", "ALL", "") == "INVALID_REQUEST"


@pytest.mark.parametrize(
    "asked",
    [
        ("2026-3-1", "ALL", ""),
        ("20260301", "ALL", ""),
        ("2026-02-30", "ALL", ""),
        ("", "ALL", ""),
        ("2026-03-01", "SOME", ""),
        ("2026-03-01", "ALL", "ZIP"),
    ],
)
async def test_what_is_no_bill(world: World, asked: tuple[str, str, str]) -> None:
    assert _refused(world, *asked) == "PARAM_ERROR"


async def test_a_bill_that_differs(world: World, wall: Wall) -> None:
    _pay(world, "RCH0000001")
    wall.now += timedelta(minutes=1)
    _pay(world, "RCH0000002", 100)
    wall.put("2026-03-03T10:00")

    def made(fault: str) -> tuple[dict[str, str], str]:
        world.set_faults({"bill": fault})
        rows, summary = _read(_bill(world, "2026-03-02"))
        assert summary["总交易单数"] == str(len(rows))
        return {number: row["订单金额"] for number, row in rows.items()}, summary["订单总金额"]

    right = ({"RCH0000001": "50.00", "RCH0000002": "1.00"}, "51.00")
    assert made("ok") == right
    assert made("missing_row") == ({"RCH0000002": "1.00"}, "1.00")
    assert made("wrong_amount") == ({"RCH0000001": "49.99", "RCH0000002": "1.00"}, "50.99")
    assert made("ok") == right
    world.set_faults({"bill": "bad_hash"})
    sha1, token = world.bills.make("2026-03-02", "ALL", "")
    text = world.bills.content(token)
    assert set(_read(text)[0]) == set(right[0])
    assert hashlib.sha1(text, usedforsecurity=False).hexdigest() != sha1
    # The row too many is money: it stays, is told alike by query, and can be given back.
    rows, total = made("extra_row")
    assert (rows, total) == (right[0] | {"STRAY20260302": "50.00"}, "101.00")
    assert made("extra_row") == (rows, total) == made("ok")
    assert world.trades.query("STRAY20260302")["amount"]["total"] == 5000
    _refund(world, "RFD01", "STRAY20260302", 5000)


async def test_rows_come_in_no_order(world: World, wall: Wall) -> None:
    for at in range(12):
        wall.now += timedelta(minutes=1)
        _pay(world, f"RCH00000{at:02}")
    wall.put("2026-03-03T10:00")
    rows, _ = _read(_bill(world, "2026-03-02"))
    assert [row["微信订单号"] for row in rows.values()] == sorted(row["微信订单号"] for row in rows.values())
    assert len(rows) == 12


async def test_a_token_holds_five_minutes(world: World, wall: Wall) -> None:
    _pay(world, "RCH0000001")
    wall.put("2026-03-03T10:00")
    _, token = world.bills.make("2026-03-02", "ALL", "")
    assert world.bills.content(token) == world.bills.content(token)
    wall.put("2026-03-03T10:05:01")
    for odd in (token, "", "x"):
        with pytest.raises(TradeError):
            world.bills.content(odd)


async def _ask(client: AsyncWeChatPay, day: str, tar_type: str) -> dict[str, Any]:
    status, text = await client.trade_bill(day, tar_type=tar_type)
    assert status == 200, text
    answer: dict[str, Any] = json.loads(text)
    return answer


@pytest.mark.parametrize("tar_type", ["", "GZIP"])
async def test_wechats_library_downloads_it(sandbox: Sandbox, tar_type: str) -> None:
    await sandbox.control("faults", {"bill_time": "at_once"})
    _pay(sandbox.world, "RCH0000001")
    day = f"{datetime.fromtimestamp(sandbox.world.clock(), SHANGHAI):%Y-%m-%d}"
    async with sandbox.client() as client:
        answer = await _ask(client, day, tar_type)
        assert answer["hash_type"] == "SHA1"
        status, file = await client.download_bill(answer["download_url"])
        assert status == 200
        text = gzip.decompress(file) if tar_type else file
        assert hashlib.sha1(text, usedforsecurity=False).hexdigest() == answer["hash_value"]
        assert list(_read(text)[0]) == ["RCH0000001"]
        lost = await client.download_bill(f"{sandbox.base}/v3/billdownload/file?token=x")
        assert (lost[0], json.loads(lost[1])["code"]) == (400, "INVALID_REQUEST")
        early = await client.trade_bill("2020-01-01", tar_type=tar_type)
        assert (early[0], json.loads(early[1])["code"]) == (400, "INVALID_REQUEST")


async def test_only_the_school_gets_it(sandbox: Sandbox) -> None:
    await sandbox.control("faults", {"bill_time": "at_once"})
    _pay(sandbox.world, "RCH0000001")
    day = f"{datetime.fromtimestamp(sandbox.world.clock(), SHANGHAI):%Y-%m-%d}"
    async with sandbox.client() as client:
        address = (await _ask(client, day, ""))["download_url"]
    for unsigned in (address, f"{sandbox.base}/v3/bill/tradebill?bill_date={day}"):
        answer = await sandbox.http.get(unsigned)
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
