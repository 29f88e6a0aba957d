"""The trade bill (交易账单) of a calendar day in Shanghai, as WeChat Pay hands it out.

UTF-8 with a byte order mark, CRLF, cells begin with `, amounts in yuan, rows in no order, two summary lines.
A payment is in the bill of the day it was paid, a refund in that of the day it was asked for; both as they
stood when the bill was made, at 10:00 on the next day. The hash is over this text, also when it goes gzipped.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from sandbox.money import yuan
from sandbox.wechat.faults import Faults
from sandbox.wechat.store import Row, Store
from sandbox.wechat.trades import SHANGHAI, TradeError, Trades, another_amount
from sandbox.wechat_keys import Names

DOWNLOAD_S = 300
READY_AT = time(10)
KEPT_DAYS = 92  # 三个月
FEE_PER_MILLE = 6
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_WHO = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态"
_PAID = f"{_WHO},付款银行,货币种类,应结订单金额,代金券金额"
_REFUNDED = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态"
_GOODS = "商品名称,商户数据包,手续费,费率,订单金额"
HEADERS = {
    "ALL": f"{_PAID},{_REFUNDED},{_GOODS},申请退款金额,费率备注",
    "SUCCESS": f"{_PAID},{_GOODS},费率备注",
    "REFUND": f"{_PAID},退款申请时间,退款成功时间,{_REFUNDED},{_GOODS},申请退款金额,费率备注",
}
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"

_PAYMENTS = """SELECT trade.*, codepay.code IS NOT NULL AS by_code
    FROM trade LEFT JOIN codepay USING (out_trade_no) WHERE paid_at >= ? AND paid_at < ? ORDER BY paid_at"""
_REFUNDS = """SELECT trade.*, codepay.code IS NOT NULL AS by_code, refund_id, out_refund_no, refund_fen,
        refund.state AS refund_state, refund.created_at AS asked_at, finished_at, 'REFUND' AS kind
    FROM refund JOIN trade USING (out_trade_no) LEFT JOIN codepay USING (out_trade_no)
    WHERE refund.created_at >= ? AND refund.created_at < ? ORDER BY refund.created_at"""
_REVOKED = """SELECT trade.*, 1 AS by_code, '0' AS refund_id, '0' AS out_refund_no, total_fen AS refund_fen,
        'SUCCESS' AS refund_state, revoked_at AS asked_at, revoked_at AS finished_at, 'REVOKED' AS kind
    FROM codepay JOIN trade USING (out_trade_no)
    WHERE paid_at IS NOT NULL AND revoked_at >= ? AND revoked_at < ? ORDER BY revoked_at"""


class Bills:
    def __init__(
        self, store: Store, faults: Faults, trades: Trades, names: Names, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._faults = faults
        self._trades = trades
        self._names = names
        self._clock = clock

    def make(self, bill_date: str, bill_type: str, tar_type: str) -> tuple[str, str]:
        """The text's SHA1 in hex, and the token to download it with. TradeError."""
        if bill_type not in HEADERS or tar_type not in ("", "GZIP"):
            raise TradeError(400, "PARAM_ERROR", "bill_type 或 tar_type 不正确")
        day = _parse_day(bill_date)
        made_at = self._made_at(day)
        things = self._things(day, bill_type)
        if not things:
            raise TradeError(400, "NO_STATEMENT_EXIST", "账单文件不存在，当日没有交易或退款")
        text = self._text(things, bill_type, made_at)
        named = text + b"\r\n" if self._faults["bill"] == "bad_hash" else text
        token = secrets.token_urlsafe(48)
        now = self._clock()
        self._store.do("DELETE FROM bill WHERE expires_at < ?", now)
        self._store.do(
            "INSERT INTO bill VALUES (?, ?, ?)",
            token,
            gzip.compress(text, mtime=0) if tar_type else text,
            now + DOWNLOAD_S,
        )
        return hashlib.sha1(named, usedforsecurity=False).hexdigest(), token

    def content(self, token: str) -> bytes:
        row = self._store.find(
            "SELECT content FROM bill WHERE token = ? AND expires_at >= ?", token, self._clock()
        )
        if row is None:
            raise TradeError(400, "INVALID_REQUEST", "账单地址已失效，请重新申请")
        return bytes(row["content"])

    def _made_at(self, day: date) -> float:
        """When the bill's facts were taken. TradeError when there is none yet, or none any more."""
        now = self._clock()
        today = datetime.fromtimestamp(now, SHANGHAI).date()
        ready_at = datetime.combine(day + timedelta(days=1), READY_AT, SHANGHAI).timestamp()
        at_once = self._faults["bill_time"] == "at_once"
        if not today - timedelta(days=KEPT_DAYS) <= day <= today or (day == today and not at_once):
            raise TradeError(400, "INVALID_REQUEST", "bill_date 不在可下载的范围内")
        if now < ready_at and not at_once:
            raise TradeError(400, "STATEMENT_CREATING", "账单生成中，请在10点后下载")
        return min(now, ready_at)

    def _things(self, day: date, bill_type: str) -> list[Row]:
        """The day's payments (without `kind`) and refunds, the payments first, and what the fault does to them."""
        start = datetime.combine(day, time(), SHANGHAI)
        within = start.timestamp(), (start + timedelta(days=1)).timestamp()
        payments = self._store.all(_PAYMENTS, *within)
        fault = self._faults["bill"]
        if fault == "extra_row" and payments:
            self._pay_stray(day, payments[0])
            payments = self._store.all(_PAYMENTS, *within)
        things = payments if bill_type != "REFUND" else []
        if bill_type != "SUCCESS":
            things += self._store.all(_REFUNDS, *within) + self._store.all(_REVOKED, *within)
        if fault == "missing_row":
            things = things[1:]
        elif fault == "wrong_amount" and things:
            amount = "refund_fen" if "kind" in things[0] else "total_fen"
            things[0][amount] = another_amount(things[0][amount])
        return things

    def _pay_stray(self, day: date, like: Row) -> None:
        """Money for an order nobody made; one a day. It was really paid, so it can be refunded."""
        number = f"STRAY{day:%Y%m%d}"
        with self._store.together():
            if self._trades.find(number) is None:
                self._trades.record(
                    number, like["openid"], like["description"], like["total_fen"], "", like["expires_at"]
                )
                self._trades.mark_paid(number, like["paid_at"])

    def _text(self, things: list[Row], bill_type: str, made_at: float) -> bytes:
        rows = [self._row(thing, bill_type, made_at) for thing in things]
        rows.sort(key=lambda row: (row["微信订单号"], row["微信退款单号"]))  # which is random
        header = HEADERS[bill_type]
        refunded = sum(thing["refund_fen"] for thing in things if "kind" in thing)
        paid = sum(thing["total_fen"] for thing in things if "kind" not in thing)
        fees = sum(_fee(thing) for thing in things)
        summary = (len(rows), yuan(paid), yuan(refunded), "0.00", f"{yuan(fees)}000", yuan(paid))
        lines = [header, *(_cells(row[name] for name in header.split(",")) for row in rows)]
        lines += [SUMMARY, _cells((*summary, yuan(refunded)))]
        return ("\ufeff" + "".join(f"{line}\r\n" for line in lines)).encode()

    def _row(self, thing: Row, bill_type: str, made_at: float) -> dict[str, str]:
        back = "kind" in thing
        paid = "0.00" if back else yuan(thing["total_fen"])
        refunded = yuan(thing["refund_fen"]) if back else "0.00"
        done_at: float | None = thing["finished_at"] if back else None
        if done_at is not None and done_at > made_at:
            done_at = None
        state = thing["refund_state"] if done_at is not None else "PROCESSING"
        asked_at = thing["asked_at"] if back else thing["paid_at"]
        return {
            "交易时间": _moment(thing["paid_at"] if bill_type == "REFUND" else asked_at),
            "公众账号ID": self._names.corp_id,
            "商户号": self._names.mch_id,
            "特约商户号": "0",
            "设备号": "",
            "微信订单号": thing["transaction_id"],
            "商户订单号": thing["out_trade_no"],
            "用户标识": thing["openid"],
            "交易类型": "MICROPAY" if thing["by_code"] else "JSAPI",
            "交易状态": thing["kind"] if back else "SUCCESS",
            "付款银行": "OTHERS",
            "货币种类": "CNY",
            "应结订单金额": paid,
            "代金券金额": "0.00",
            "退款申请时间": _moment(asked_at),
            "退款成功时间": _moment(done_at) if done_at is not None and state == "SUCCESS" else "",
            "微信退款单号": thing["refund_id"] if back else "0",
            "商户退款单号": thing["out_refund_no"] if back else "0",
            "退款金额": refunded,
            "充值券退款金额": "0.00",
            "退款类型": "ORIGINAL" if back else "",
            "退款状态": state if back else "",
            "商品名称": " ".join(thing["description"].split()),
            "商户数据包": "",
            "手续费": f"{yuan(_fee(thing))}000",
            "费率": f"0.{FEE_PER_MILLE}0%",
            "订单金额": paid,
            "申请退款金额": refunded,
            "费率备注": "",
        }


def _parse_day(text: str) -> date:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as problem:
        raise TradeError(400, "PARAM_ERROR", "bill_date 格式应为 yyyy-MM-dd") from problem


def _fee(thing: Row) -> int:
    """Fen, rounded half up; given back with a refund."""
    fen = thing["refund_fen"] if "kind" in thing else thing["total_fen"]
    fee = (fen * FEE_PER_MILLE + 500) // 1000
    return -fee if "kind" in thing else int(fee)


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _cells(values: Iterable[object]) -> str:
    return ",".join(f"`{value}" for value in values)
