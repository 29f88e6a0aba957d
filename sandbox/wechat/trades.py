"""Orders, payments and refunds as WeChat Pay keeps them; each method is one thing that happens."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.wechat.faults import Faults
from sandbox.wechat.store import Row, Store
from sandbox.wechat_keys import Names

SHANGHAI = timezone(timedelta(hours=8))
PREPAY_S = 7200
_ORDER_NUMBER = re.compile(r"[0-9A-Za-z_*-]{6,32}")
_REFUND_NUMBER = re.compile(r"[0-9A-Za-z_|*@-]{1,64}")
_DESCRIPTIONS = {
    "SUCCESS": "支付成功",
    "NOTPAY": "订单未支付",
    "REFUND": "转入退款",
    "CLOSED": "订单已关闭",
    # Of code payments alone:
    "USERPAYING": "用户支付中，需要输入密码",
    "PAYERROR": "支付失败，请撤销订单",
    "REVOKED": "订单已撤销",
}


class TradeError(Exception):
    """WeChat's refusal: status, code, sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def wechat_time(at: float) -> str:
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="seconds")


def check_order(out_trade_no: str, total_fen: int) -> None:
    if not _ORDER_NUMBER.fullmatch(out_trade_no):
        raise TradeError(400, "PARAM_ERROR", "商户订单号格式不正确")
    if total_fen < 1:
        raise TradeError(400, "PARAM_ERROR", "金额应大于0")


def another_amount(fen: int) -> int:
    return fen - 1 if fen > 1 else 2


class Trades:
    def __init__(self, store: Store, faults: Faults, names: Names, clock: Callable[[], float]) -> None:
        self._store = store
        self._faults = faults
        self._names = names
        self._clock = clock

    # What the school asks.

    def prepay(
        self,
        *,
        out_trade_no: str,
        openid: str,
        description: str,
        total_fen: int,
        notify_url: str,
        expires: str,
    ) -> str:
        """A new prepay_id. The same number again with another content is refused."""
        check_order(out_trade_no, total_fen)
        now = self._clock()
        expires_at = _parse_time(expires) if expires else now + PREPAY_S
        if expires_at <= now:
            raise TradeError(400, "PARAM_ERROR", "订单失效时间早于当前时间")
        with self._store.together():
            row = self.find(out_trade_no)
            if row is None:
                self.record(out_trade_no, openid, description, total_fen, notify_url, expires_at)
            elif row["state"] in ("SUCCESS", "REFUND"):
                raise TradeError(400, "ORDERPAID", "该订单已支付")
            elif row["state"] == "CLOSED":
                raise TradeError(400, "ORDER_CLOSED", "该订单已关闭")
            elif (row["state"], row["openid"], row["asked_fen"], row["description"]) != (
                "NOTPAY",
                openid,
                total_fen,
                description,
            ):
                raise TradeError(400, "INVALID_REQUEST", "201 商户订单号重复")
            prepay_id = f"wx{datetime.fromtimestamp(now, SHANGHAI):%Y%m%d%H%M%S}{secrets.token_hex(10)}"
            self._store.do(
                "INSERT INTO prepay (prepay_id, out_trade_no, expires_at) VALUES (?, ?, ?)",
                prepay_id,
                out_trade_no,
                min(now + PREPAY_S, expires_at),
            )
        return prepay_id

    def query(self, out_trade_no: str) -> Row:
        row = self.find(out_trade_no)
        if row is None:
            raise TradeError(404, "ORDER_NOT_EXIST", "订单不存在")
        return self.as_wechat(row)

    def close(self, out_trade_no: str) -> None:
        row = self.find(out_trade_no)
        if row is None:
            raise TradeError(404, "ORDER_NOT_EXIST", "订单不存在")
        if row["state"] in ("SUCCESS", "REFUND"):
            raise TradeError(400, "ORDERPAID", "该订单已支付")
        if row["by_code"]:
            raise TradeError(400, "INVALID_REQUEST", "付款码支付的订单请调用撤销")
        self._store.do("UPDATE trade SET state = 'CLOSED' WHERE out_trade_no = ?", out_trade_no)

    def refund(self, asked: Mapping[str, Any]) -> Row:
        """Accepted, which is not refunded. The same number again answers the same refund."""
        number, refund_fen, total_fen = asked["out_refund_no"], asked["refund_fen"], asked["total_fen"]
        if not _REFUND_NUMBER.fullmatch(number):
            raise TradeError(400, "PARAM_ERROR", "商户退款单号格式不正确")
        with self._store.together():
            trade = self._store.find(
                "SELECT * FROM trade WHERE out_trade_no = ? OR transaction_id = ?",
                asked["out_trade_no"],
                asked["transaction_id"],
            )
            if trade is None:
                raise TradeError(404, "RESOURCE_NOT_EXISTS", "订单不存在")
            if trade["transaction_id"] is None:
                raise TradeError(400, "INVALID_REQUEST", "订单状态不正确，未支付")
            if trade["state"] == "REVOKED":
                raise TradeError(400, "INVALID_REQUEST", "订单已撤销，款项已退还")
            known = self.find_refund(number)
            if known is not None:
                if (known["out_trade_no"], known["refund_fen"]) != (trade["out_trade_no"], refund_fen):
                    raise TradeError(400, "INVALID_REQUEST", "退款单号已用于其他退款")
                return self._refund_as_wechat(known)
            before = self._store.find(
                "SELECT coalesce(sum(refund_fen), 0) AS fen FROM refund"
                " WHERE out_trade_no = ? AND state IN ('PROCESSING', 'SUCCESS')",
                trade["out_trade_no"],
            )
            assert before is not None
            if total_fen != trade["total_fen"]:
                raise TradeError(400, "INVALID_REQUEST", "订单金额与原订单不一致")
            if not 0 < refund_fen <= trade["total_fen"] - before["fen"]:
                raise TradeError(400, "INVALID_REQUEST", "申请退款金额超过可退金额")
            by_hand = self._faults["refund"] == "late"
            self._store.do(
                "INSERT INTO refund VALUES (?, ?, ?, ?, ?, ?, 'PROCESSING', ?, NULL, ?, ?)",
                number,
                f"5030{secrets.randbelow(10**24):024}",
                trade["out_trade_no"],
                refund_fen,
                asked["reason"],
                asked["notify_url"],
                self._clock(),
                None if by_hand else self._clock() + self._faults.seconds("refund_s"),
                "ABNORMAL" if self._faults["refund"] == "fail" else "SUCCESS",
            )
            self._store.do("UPDATE trade SET state = 'REFUND' WHERE out_trade_no = ?", trade["out_trade_no"])
        row = self.find_refund(number)
        assert row is not None
        return self._refund_as_wechat(row)

    def query_refund(self, out_refund_no: str) -> Row:
        row = self.find_refund(out_refund_no)
        if row is None:
            raise TradeError(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return self._refund_as_wechat(row)

    # What the payer does, and WeChat by itself.

    def press_pay(self, out_trade_no: str) -> str:
        """支付 in the sheet. "ok", "cancel" or "fail": what the page is told, and only a hint to it."""
        if self._faults["payment"] != "ok":
            return self._faults["payment"]
        with self._store.together():
            row = self.find(out_trade_no)
            if row is None or row["state"] != "NOTPAY" or row["expires_at"] <= self._clock():
                return "fail"
            mode = self._faults["notify"]
            if mode == "unknown_order":
                # The money came for an order nobody knows; the one that was asked for stays unpaid.
                out_trade_no = self._stray(row)
            elif mode == "wrong_amount":
                self._store.do(
                    "UPDATE trade SET total_fen = ? WHERE out_trade_no = ?",
                    another_amount(row["asked_fen"]),
                    out_trade_no,
                )
            self.mark_paid(out_trade_no, self._clock())
            self._notify_payment(out_trade_no, mode)
        return "ok"

    def notify_again(self, out_trade_no: str) -> bool:
        """A good notification of a paid order and of its refunds that ended. False: nothing to say."""
        with self._store.together():
            row = self.find(out_trade_no)
            if row is None or row["paid_at"] is None:
                return False
            again = self._store.do(
                "UPDATE notice SET mode = 'send', attempts = 0, next_at = ?, delivered_at = NULL"
                " WHERE about IN (SELECT ? UNION SELECT out_refund_no FROM refund WHERE out_trade_no = ?)",
                self._clock(),
                out_trade_no,
                out_trade_no,
            )
        return again > 0

    def due_refunds(self) -> list[Row]:
        return self._store.all(
            "SELECT * FROM refund WHERE state = 'PROCESSING' AND due_at <= ?", self._clock()
        )

    def next_refund_at(self) -> float | None:
        row = self._store.find("SELECT min(due_at) AS at FROM refund WHERE state = 'PROCESSING'")
        return row["at"] if row else None

    def finish_refund(self, out_refund_no: str, outcome: str) -> bool:
        """SUCCESS, ABNORMAL or CLOSED, once; False when it is not in progress."""
        assert outcome in ("SUCCESS", "ABNORMAL", "CLOSED")
        with self._store.together():
            ended = self._store.do(
                "UPDATE refund SET state = ?, finished_at = ?, due_at = NULL"
                " WHERE out_refund_no = ? AND state = 'PROCESSING'",
                outcome,
                self._clock(),
                out_refund_no,
            )
            if not ended:
                return False
            row = self.find_refund(out_refund_no)
            assert row is not None
            plain = self._refund_as_wechat(row)
            plain |= {"mchid": self._names.mch_id, "refund_status": plain["status"]}
            for name in ("status", "channel", "create_time"):  # a notification has fewer fields
                del plain[name]
            del plain["amount"]["currency"]
            self._queue(out_refund_no, f"REFUND.{outcome}", row["notify_url"], plain, "send")
        return True

    # Looking.

    def find(self, out_trade_no: str) -> Row | None:
        """`by_code`: whether it is a code payment, which has no sheet and no notification."""
        return self._store.find(
            "SELECT trade.*, codepay.out_trade_no IS NOT NULL AS by_code"
            " FROM trade LEFT JOIN codepay USING (out_trade_no) WHERE out_trade_no = ?",
            out_trade_no,
        )

    def find_prepay(self, prepay_id: str) -> Row | None:
        """The order a living prepay_id belongs to."""
        return self._store.find(
            "SELECT trade.* FROM prepay JOIN trade USING (out_trade_no)"
            " WHERE prepay_id = ? AND prepay.expires_at > ?",
            prepay_id,
            self._clock(),
        )

    def find_refund(self, out_refund_no: str) -> Row | None:
        return self._store.find(
            "SELECT refund.*, transaction_id, total_fen FROM refund JOIN trade USING (out_trade_no)"
            " WHERE out_refund_no = ?",
            out_refund_no,
        )

    def newest(self, limit: int) -> list[Row]:
        return self._store.all("SELECT * FROM trade ORDER BY created_at DESC, rowid DESC LIMIT ?", limit)

    def refunds_of(self, out_trade_no: str) -> list[Row]:
        return self._store.all(
            "SELECT * FROM refund WHERE out_trade_no = ? ORDER BY created_at", out_trade_no
        )

    def notices_of(self, about: str) -> list[Row]:
        return self._store.all(
            "SELECT id, event, mode, attempts, next_at, delivered_at, answer FROM notice WHERE about = ?",
            about,
        )

    # For the other kinds of payment.

    def record(
        self,
        out_trade_no: str,
        openid: str,
        description: str,
        total_fen: int,
        notify_url: str,
        expires_at: float,
        state: str = "NOTPAY",
    ) -> None:
        self._store.do(
            "INSERT INTO trade (out_trade_no, openid, description, asked_fen, total_fen, notify_url, state,"
            " created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            out_trade_no,
            openid,
            description,
            total_fen,
            total_fen,
            notify_url,
            state,
            self._clock(),
            expires_at,
        )

    def mark_paid(self, out_trade_no: str, at: float) -> None:
        self._store.do(
            "UPDATE trade SET state = 'SUCCESS', paid_at = ?, transaction_id = ? WHERE out_trade_no = ?",
            at,
            f"42000{secrets.randbelow(10**23):023}",
            out_trade_no,
        )

    def _stray(self, row: Row) -> str:
        number = f"STRAY{secrets.token_hex(8).upper()}"
        self.record(
            number, row["openid"], row["description"], row["asked_fen"], row["notify_url"], row["expires_at"]
        )
        return number

    def _notify_payment(self, out_trade_no: str, mode: str) -> None:
        row = self.find(out_trade_no)
        assert row is not None
        sent = {"wrong_amount": "send", "unknown_order": "send"}.get(mode, mode)
        self._queue(out_trade_no, "TRANSACTION.SUCCESS", row["notify_url"], self.as_wechat(row), sent)

    def _queue(self, about: str, event: str, url: str, plain: Row, mode: str) -> None:
        now = self._clock()
        next_at = {"drop": None, "late": now + self._faults.seconds("late_s")}.get(mode, now)
        self._store.do(
            "INSERT INTO notice (id, about, event, url, plain, mode, next_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            secrets.token_hex(16),
            about,
            event,
            url,
            json.dumps(plain, ensure_ascii=False),
            mode,
            next_at,
        )

    def as_wechat(self, row: Row) -> Row:
        state = row["state"]
        shown: Row = {
            "appid": self._names.corp_id,
            "mchid": self._names.mch_id,
            "out_trade_no": row["out_trade_no"],
            "trade_type": "MICROPAY" if row["by_code"] else "JSAPI",
            "trade_state": state,
            "trade_state_desc": _DESCRIPTIONS[state],
            "payer": {"openid": row["openid"]},
            "attach": "",
        }
        if row["paid_at"] is not None:
            shown |= {
                "transaction_id": row["transaction_id"],
                "bank_type": "OTHERS",
                "success_time": wechat_time(row["paid_at"]),
                "amount": {
                    "total": row["total_fen"],
                    "payer_total": row["total_fen"],
                    "currency": "CNY",
                    "payer_currency": "CNY",
                },
            }
        return shown

    def _refund_as_wechat(self, row: Row) -> Row:
        shown: Row = {
            "refund_id": row["refund_id"],
            "out_refund_no": row["out_refund_no"],
            "transaction_id": row["transaction_id"],
            "out_trade_no": row["out_trade_no"],
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": wechat_time(row["created_at"]),
            "status": row["state"],
            "amount": {
                "total": row["total_fen"],
                "refund": row["refund_fen"],
                "payer_total": row["total_fen"],
                "payer_refund": row["refund_fen"],
                "currency": "CNY",
            },
        }
        if row["state"] == "SUCCESS":
            shown["success_time"] = wechat_time(row["finished_at"])
        return shown


def _parse_time(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise TradeError(400, "PARAM_ERROR", "time_expire 格式不正确") from problem
    if moment.tzinfo is None:
        raise TradeError(400, "PARAM_ERROR", "time_expire 没有时区")
    return moment.timestamp()
