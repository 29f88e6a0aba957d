"""Code payment (付款码支付): the merchant scans the code a customer's WeChat shows. No sheet, no notification.

SUCCESS | USERPAYING → SUCCESS, PAYERROR | PAYERROR; all of them → REVOKED by a reversal, which gives back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from sandbox.wechat.faults import Faults
from sandbox.wechat.store import Row, Store
from sandbox.wechat.trades import TradeError, Trades, check_order

CODE_S = 60
ENTERING_S = 15  # so long after the scan a payment in progress cannot be reversed
REVERSIBLE_S = 7 * 86_400
_CODE = re.compile(r"1[0-5][0-9]{16}")


class CodePay:
    def __init__(self, store: Store, faults: Faults, trades: Trades, clock: Callable[[], float]) -> None:
        self._store = store
        self._faults = faults
        self._trades = trades
        self._clock = clock

    # What the customer does.

    def show_code(self, openid: str) -> tuple[str, float]:
        """A code for one payment, and until when it holds."""
        code = f"{10 + secrets.randbelow(6)}{secrets.randbelow(10**16):016}"
        expires_at = self._clock() + CODE_S
        self._store.do("DELETE FROM paycode WHERE expires_at < ?", self._clock() - 86_400)
        self._store.do(
            "INSERT INTO paycode (code, openid, expires_at) VALUES (?, ?, ?)", code, openid, expires_at
        )
        return code, expires_at

    def finish(self, out_trade_no: str, outcome: str) -> bool:
        """SUCCESS: the password was entered; PAYERROR: it was not. False when nobody is paying."""
        assert outcome in ("SUCCESS", "PAYERROR")
        with self._store.together():
            row = self._trades.find(out_trade_no)
            if row is None or row["state"] != "USERPAYING":
                return False
            self._settle(out_trade_no, outcome)
        return True

    def finish_due(self) -> int:
        """How many ended by themselves."""
        due = self._store.all(
            "SELECT out_trade_no, outcome FROM codepay JOIN trade USING (out_trade_no)"
            " WHERE state = 'USERPAYING' AND due_at <= ?",
            self._clock(),
        )
        return sum(self.finish(row["out_trade_no"], row["outcome"]) for row in due)

    def next_at(self) -> float | None:
        row = self._store.find(
            "SELECT min(due_at) AS at FROM codepay JOIN trade USING (out_trade_no) WHERE state = 'USERPAYING'"
        )
        return row["at"] if row else None

    # What the school asks.

    def pay(self, *, out_trade_no: str, code: str, description: str, total_fen: int) -> Row:
        """The payment as WeChat tells it, SUCCESS or USERPAYING; TradeError else."""
        check_order(out_trade_no, total_fen)
        if not _CODE.fullmatch(code):
            raise TradeError(400, "AUTH_CODE_INVALID", "请扫描微信支付付款码")
        with self._store.together():
            if self._trades.find(out_trade_no) is None:
                self._take(out_trade_no, code, description, total_fen)
                fresh = True
            else:
                self._check_same(out_trade_no, code, description, total_fen)
                fresh = False
            row = self._trades.find(out_trade_no)
            assert row is not None
        if row["state"] == "PAYERROR" and fresh:  # the order stays: it was tried
            raise TradeError(403, "NOT_ENOUGH", "余额不足，请更换支付方式")
        return self._trades.as_wechat(row)

    def reverse(self, out_trade_no: str) -> None:
        """Nobody pays this any more, and what was paid goes back at once. Again: nothing more."""
        with self._store.together():
            row = self._trades.find(out_trade_no)
            if row is None:
                raise TradeError(404, "ORDER_NOT_EXIST", "订单不存在")
            now = self._clock()
            if not row["by_code"]:
                raise TradeError(400, "INVALID_REQUEST", "订单的支付场景不支持撤销")
            if row["state"] == "REVOKED":
                return
            if row["state"] == "REFUND":
                raise TradeError(400, "INVALID_REQUEST", "订单已转入退款，不能撤销")
            if row["state"] == "USERPAYING" and now < row["created_at"] + ENTERING_S:
                raise TradeError(400, "USERPAYING", "正在支付中，不能发起撤销")
            if now > row["created_at"] + REVERSIBLE_S:
                raise TradeError(400, "INVALID_REQUEST", "订单超过可撤销的期限")
            self._store.do("UPDATE trade SET state = 'REVOKED' WHERE out_trade_no = ?", out_trade_no)
            self._store.do("UPDATE codepay SET revoked_at = ? WHERE out_trade_no = ?", now, out_trade_no)

    def _take(self, out_trade_no: str, code: str, description: str, total_fen: int) -> None:
        now = self._clock()
        shown = self._store.find("SELECT * FROM paycode WHERE code = ?", code)
        if shown is None:
            raise TradeError(400, "AUTH_CODE_INVALID", "请扫描微信支付付款码")
        if shown["used_by"] is not None:
            raise TradeError(400, "AUTH_CODE_ERROR", "付款码已使用，请刷新后再试")
        if shown["expires_at"] <= now:
            raise TradeError(400, "AUTHCODEEXPIRE", "付款码已过期，请刷新后再试")
        fault = self._faults["codepay"]
        wait_s = self._faults.seconds("timeout_s" if fault == "timeout" else "password_s")
        outcome = "SUCCESS" if fault in ("ok", "password") else "PAYERROR"
        self._store.do("UPDATE paycode SET used_by = ? WHERE code = ?", out_trade_no, code)
        self._trades.record(
            out_trade_no, shown["openid"], description, total_fen, "", now + REVERSIBLE_S, "USERPAYING"
        )
        self._store.do(
            "INSERT INTO codepay (out_trade_no, code, due_at, outcome) VALUES (?, ?, ?, ?)",
            out_trade_no,
            code,
            now + wait_s,
            outcome,
        )
        if fault in ("ok", "not_enough"):
            self._settle(out_trade_no, outcome)

    def _check_same(self, out_trade_no: str, code: str, description: str, total_fen: int) -> None:
        """Asked again: only while it is the same payment and still open."""
        row = self._store.find(
            "SELECT code, description, asked_fen, state FROM trade LEFT JOIN codepay USING (out_trade_no)"
            " WHERE out_trade_no = ?",
            out_trade_no,
        )
        assert row is not None
        if (row["code"], row["description"], row["asked_fen"]) != (code, description, total_fen):
            raise TradeError(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        if row["state"] in ("SUCCESS", "REFUND"):
            raise TradeError(400, "ORDERPAID", "该订单已支付")
        if row["state"] != "USERPAYING":
            raise TradeError(400, "ORDER_CLOSED", "该订单已关闭，请更换商户订单号")

    def _settle(self, out_trade_no: str, outcome: str) -> None:
        if outcome == "SUCCESS":
            self._trades.mark_paid(out_trade_no, self._clock())
        else:
            self._store.do("UPDATE trade SET state = ? WHERE out_trade_no = ?", outcome, out_trade_no)
