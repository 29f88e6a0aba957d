"""WeChat as a card: its orders, refunds and messages, and what it will do wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sandbox.campus.model import SHANGHAI
from sandbox.playground.card import CardError, Json, Verb, need_choice, need_text
from sandbox.wechat import World
from sandbox.wechat.faults import CHOICES

ORDERS_SHOWN = 20
MESSAGES_SHOWN = 30
_OUTCOMES = ("SUCCESS", "ABNORMAL")
_WILL = {"drop": "已丢失", "late": "会迟到"}


class WechatCard:
    name = "wechat"

    def __init__(self, world: World) -> None:
        self._world = world
        self.verbs: Mapping[str, Verb] = {
            "pay": self._pay,
            "notify": self._notify,
            "refund": self._finish_refund,
            "next": self._choose,
            "well": self._make_well,
        }

    async def start(self, changed: Callable[[], None]) -> None:
        self._world.on_change(changed)

    async def aclose(self) -> None:
        """The world is its owner's to close."""

    def state(self) -> Json:
        faults = self._world.faults.as_json()
        orders = self._world.trades.newest(ORDERS_SHOWN)
        return {
            "next": {name: faults[name] for name in CHOICES},
            "choices": {name: list(choices) for name, choices in CHOICES.items()},
            "orders": [self._order(row) for row in orders],
            "refunds": [
                self._refund(row)
                for order in orders
                for row in self._world.trades.refunds_of(order["out_trade_no"])
            ],
            "inbox": [self._message(row) for row in self._world.inbox.newest(limit=MESSAGES_SHOWN)],
        }

    async def _pay(self, body: Mapping[str, Any]) -> Json:
        """支付 in the sheet, with whatever the payment fault says. The page is told only a hint."""
        number = need_text(body, "outTradeNo")
        outcome = self._world.trades.press_pay(number)
        self._world.announce()
        return {"outcome": outcome}

    async def _notify(self, body: Mapping[str, Any]) -> None:
        if not self._world.trades.notify_again(need_text(body, "outTradeNo")):
            raise CardError("这笔订单还没有可以重发的通知")
        self._world.announce()

    async def _finish_refund(self, body: Mapping[str, Any]) -> None:
        outcome = need_choice(body, "outcome", _OUTCOMES)
        if not self._world.trades.finish_refund(need_text(body, "outRefundNo"), outcome):
            raise CardError("这笔退款已经结束")
        self._world.announce()

    async def _choose(self, body: Mapping[str, Any]) -> None:
        knob = need_choice(body, "knob", tuple(CHOICES))
        self._world.set_faults({knob: need_choice(body, "choice", CHOICES[knob])})

    async def _make_well(self, _: Mapping[str, Any]) -> None:
        self._world.faults.clear()
        self._world.announce()

    def _order(self, row: Mapping[str, Any]) -> Json:
        number = row["out_trade_no"]
        payer = self._world.people.find_openid(row["openid"])
        paid = row["paid_at"] is not None
        return {
            "outTradeNo": number,
            "description": row["description"],
            "amountFen": row["total_fen"],
            "payer": payer.number if payer else "",
            "state": row["state"],
            "at": _time(row["created_at"]),
            "notifications": _told(self._world.trades.notices_of(number)),
            "canPay": row["state"] == "NOTPAY" and row["expires_at"] > self._world.clock(),
            "canNotify": paid,
        }

    def _refund(self, row: Mapping[str, Any]) -> Json:
        return {
            "outRefundNo": row["out_refund_no"],
            "outTradeNo": row["out_trade_no"],
            "amountFen": row["refund_fen"],
            "state": row["state"],
            "at": _time(row["created_at"]),
            "byHand": row["state"] == "PROCESSING" and row["due_at"] is None,
        }

    def _message(self, row: Mapping[str, Any]) -> Json:
        return {"n": row["id"], "to": row["userid"], "text": row["text"], "at": _time(row["at"])}


def _told(notices: list[dict[str, Any]]) -> str:
    """What became of the notifications: how often sent, and whether the school took one."""
    if not notices:
        return ""
    sent = sum(notice["attempts"] for notice in notices)
    if any(notice["delivered_at"] for notice in notices):
        return f"{sent} 次，已收"
    waiting = _WILL.get(notices[0]["mode"]) if not sent else None
    return waiting or f"{sent} 次，未收"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="seconds")
