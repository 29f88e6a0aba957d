"""The API as the page sees it, at the network's edge of one browser page: for looks, errors and offline.

The story against the real processes is told elsewhere; here a test says exactly what comes back.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, WebSocketRoute

SHANGHAI = timezone(timedelta(hours=8))
DIST = Path(__file__).parents[2] / "webapp" / "dist"
Variables = dict[str, Any]
Answer = Callable[[Variables], Any]

REFUSAL = {"message": "余额不足，这次没有扣钱。", "remedy": "先充值，再打开付款码。"}


class Fail(Exception):
    """Answer with an HTTP status instead of data; 0 cuts the connection."""

    def __init__(self, status: int) -> None:
        self.status = status


def token(login: str = "usr_0000000000000000000000zhang") -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'EdDSA'})}.{part({'sub': login, 'typ': 'person'})}.c2ln"


def at(**back: float) -> str:
    return (datetime.now(SHANGHAI) - timedelta(**back)).isoformat(timespec="seconds")


@dataclass
class PretendApi:
    """`answers[operation]` decides; `asked` keeps (operation, variables) in order."""

    page: Page
    logged_in: bool = True
    login: str = "usr_0000000000000000000000zhang"
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, Variables]] = field(default_factory=list)
    refreshed: int = 0
    sockets: list[WebSocketRoute] = field(default_factory=list)
    live: bool = True

    def __post_init__(self) -> None:
        documents = json.loads((DIST / "persisted.json").read_text())
        self.operations = {
            f"sha256:{key}": re.search(r"(?:query|mutation|subscription) (\w+)", text)[1]
            for key, text in documents.items()
        }
        self.answers = {**default_answers(), **self.answers}
        self.page.route("**/auth/refresh", self._refresh)
        self.page.route("**/auth/guest", self._refresh)
        self.page.route("**/auth/logout", lambda route: route.fulfill(status=204))
        self.page.route(
            "**/auth/login**", lambda route: route.fulfill(body="login", content_type="text/plain")
        )
        self.page.route("**/graphql", self.answer)
        self.page.route("**/bridge.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        self.page.route_web_socket("**/graphql", self._connect)

    def times(self, operation: str) -> int:
        return sum(name == operation for name, _ in self.asked)

    def cut(self, operation: str, times: int) -> None:
        """The connection, the next so many times; then it is answered as before."""
        answer, left = self.answers[operation], times

        def shaky(variables: Variables) -> Any:
            nonlocal left
            if left:
                left -= 1
                raise Fail(0)
            return answer(variables)

        self.answers[operation] = shaky

    def push_account(self, account: dict[str, Any]) -> None:
        self.await_live()
        for socket in self.sockets:
            data = {"accountChanged": account}
            socket.send(json.dumps({"id": "1", "type": "next", "payload": {"data": data}}))

    def await_live(self) -> None:
        """Until the page has taken up the live line; a new document starts without one."""
        for _ in range(250):
            if self.sockets:
                return
            self.page.wait_for_timeout(20)
        raise AssertionError("the page never subscribed")

    def _refresh(self, route: Route) -> None:
        self.refreshed += 1
        if not self.logged_in:
            route.fulfill(status=401, json={})
        else:
            route.fulfill(json={"accessToken": token(self.login), "expiresIn": 600})

    def answer(self, route: Route) -> None:
        body = route.request.post_data_json
        operation = self.operations[body["documentId"]]
        self.asked.append((operation, body["variables"]))
        try:
            route.fulfill(json={"data": self.answers[operation](body["variables"])})
        except Fail as fail:
            if fail.status:
                route.fulfill(status=fail.status, json={})
            else:
                route.abort()

    def _connect(self, socket: WebSocketRoute) -> None:
        if not self.live:
            socket.close()
            return

        def listen(text: str | bytes) -> None:
            message = json.loads(text)
            if message["type"] == "connection_init":
                assert message["payload"]["authorization"].startswith("Bearer ")
                socket.send(json.dumps({"type": "connection_ack"}))
            elif message["type"] == "subscribe":
                self.asked.append((self.operations[message["payload"]["documentId"]], {}))
                self.sockets.append(socket)

        socket.on_message(listen)


WALLETS = {
    "id": "acc_1",
    "balance": "128.46",
    "available": "128.46",
    "cardBalance": "133.50",
    "transitionBalance": "-5.04",
    "electronicAccount": "0.00",
    "held": "0.00",
}

MEALS = [
    ("丹枫美食城 一楼", "-12.50", "丹枫美食城一楼 3 号窗口"),
    ("学子超市", "-6.80", "17 栋楼下"),
    ("丹枫美食城 二楼", "-9.00", "丹枫美食城二楼 8 号窗口"),
    ("图书馆文印室", "-0.60", "图书馆一楼"),
    ("竹园食堂", "-14.20", "竹园食堂 1 号窗口"),
]


def bill(number: int, **changes: Any) -> dict[str, Any]:
    title, amount, _ = MEALS[number % len(MEALS)]
    line = {
        "id": f"bil_{9000 - number}",
        "kind": "PAYMENT",
        "title": title,
        "amount": amount,
        "balanceAfter": f"{128 + number}.46",
        "occurredAt": at(hours=1 + number * 9),
    }
    if number % 9 == 4:
        line |= {"kind": "RECHARGE", "title": "微信充值", "amount": "100.00"}
    if number % 17 == 6:
        line |= {"kind": "REVERSAL", "title": "退回：学子超市", "amount": "6.80"}
    return line | changes


def page_of_bills(variables: Variables) -> dict[str, Any]:
    first, start = variables["first"], int(variables.get("after") or 0)
    lines = [bill(number) for number in range(50)]
    if variables.get("kind"):
        lines = [line for line in lines if line["kind"] in variables["kind"]]
    shown = lines[start : start + first]
    info = {"hasNextPage": start + first < len(lines), "endCursor": str(start + first)}
    return {"account": {"id": "acc_1", "bills": {"edges": [{"node": b} for b in shown], "pageInfo": info}}}


def month_totals(_: Variables) -> dict[str, Any]:
    now = datetime.now(SHANGHAI)
    months = []
    for back, spent in enumerate(("286.40", "512.90", "468.30", "120.00", "0.00", "533.75")):
        index = now.year * 12 + now.month - 1 - back
        month = f"{index // 12}-{index % 12 + 1:02d}"
        months.append({"month": month, "spent": spent, "recharged": "300.00", "count": 31 - back})
    return {"account": {"id": "acc_1", "monthTotals": months}}


def bill_detail(variables: Variables) -> dict[str, Any]:
    node = bill(0, id=variables["id"]) | {
        "__typename": "Bill",
        "changes": {"card": "0.00", "transition": "-12.50", "electronic": "0.00"},
        "merchant": {"name": "丹枫美食城 一楼", "place": "丹枫美食城"},
        "terminal": {"number": "10000001", "place": MEALS[0][2]},
        "recordedAt": at(hours=1),
        "accountingDay": at()[:10],
        "late": False,
        "reference": "1123-9000",
        "electricity": None,
        "reverses": None,
        "reversedBy": None,
    }
    return {"node": node}


def policy() -> dict[str, Any]:
    return {
        "rechargeHours": {"opensAt": "05:00", "closesAt": "22:55", "openNow": True},
        "rechargeMinimum": "0.01",
        "rechargeMaximum": "500.00",
        "rechargePresets": ["30.00", "50.00", "100.00", "200.00", "300.00", "500.00"],
        "walletTypes": ["CARD_ACCOUNT", "ELECTRONIC"],
        "defaultWalletType": "CARD_ACCOUNT",
        "rechargeMethods": ["WECHAT", "BANK_CARD", "ONLINE_PAYMENT"],
    }


def recharge(state: str = "ORDERED", **changes: Any) -> dict[str, Any]:
    reached = {"ORDERED": 1, "PAID": 2, "FAILED": 2, "CREDITED": 4}.get(state, 1)
    steps = ["ORDERED", "FAILED"] if state == "FAILED" else ["ORDERED", "PAID", "CREDITING", "CREDITED"]
    payment = {
        "appId": "wx0",
        "timeStamp": "1",
        "nonceStr": "n",
        "package": "prepay_id=wx1",
        "signType": "RSA",
        "paySign": "s",
    }
    return {
        "id": "rch_1",
        "amount": "50.00",
        "walletType": "CARD_ACCOUNT",
        "method": "WECHAT",
        "state": state,
        "orderedAt": at(),
        "outTradeNo": "OC20261123120000000001",
        "refunded": "0.00",
        "declined": None,
        "payUrl": None,
        "timeline": [
            {"kind": kind, "at": at(seconds=9 - 3 * place) if place < reached else None}
            for place, kind in enumerate(steps)
        ],
        "bill": {"id": "bil_9001", "balanceAfter": "178.46"} if state == "CREDITED" else None,
        "payment": payment if state == "ORDERED" else None,
    } | changes


def paid_from(newest: dict[str, Any], **changes: Any) -> dict[str, Any]:
    merchant = {"name": "丹枫美食城 一楼", "place": "丹枫美食城"}
    edges = [{"node": newest | {"merchant": merchant}}]
    return {
        "id": "acc_1",
        "available": "128.46",
        "balance": "128.46",
        "bills": {"edges": edges},
    } | changes


def issued_code(
    _: Variables | None = None, *, code: str = "91123456789012345678", seconds: int = 60
) -> dict[str, Any]:
    payment_code = {
        "code": code,
        "expiresAt": at(seconds=-seconds),
        "renewAt": at(seconds=-seconds * 0.75),
        "serverTime": at(),
    }
    issued = {
        "__typename": "PaymentCodeIssued",
        "paymentCode": payment_code,
        "account": paid_from(bill(0)),
    }
    return {"paymentCodeIssue": issued}


def bank_card(state: str = "BOUND") -> dict[str, Any]:
    bound = state == "BOUND"
    return {
        "id": "bcd_1",
        "state": state,
        "bankName": "工商银行" if bound else None,
        "lastFour": "0001" if bound else None,
        "onceLimit": "1000.00" if bound else None,
        "dayLimit": "5000.00" if bound else None,
        "boundAt": at(days=30) if bound else None,
    }


SCHOOL = {"name": "咸宁职业技术学院", "sandbox": True}
ME = {"id": "per_1", "name": "张晓雨", "number": "2002001", "roles": ["STUDENT"]}


def default_answers() -> dict[str, Answer]:
    recent = {"edges": [{"node": bill(number)} for number in range(3)]}
    account = WALLETS | {"obstacles": [], "bills": recent}
    return {
        "Home": lambda _: {"school": SCHOOL, "me": ME | {"account": account}},
        "Bills": page_of_bills,
        "MonthTotals": month_totals,
        "BillDetail": bill_detail,
        "RechargeDesk": lambda _: {
            "school": {"wechatBridgeUrl": "/bridge.js", "policy": policy()},
            "account": {"id": "acc_1", "balance": "128.46"},
            "bankCard": bank_card(),
        },
        "BankCardPage": lambda _: {"account": {"id": "acc_1"}, "bankCard": bank_card()},
        "RechargeCreate": lambda _: {
            "rechargeCreate": {
                "__typename": "RechargeCreated",
                "replayed": False,
                "recharge": recharge(),
            }
        },
        "RechargeFollow": lambda _: {
            "school": {"wechatBridgeUrl": "/bridge.js"},
            "recharge": recharge(),
        },
        "RechargeConfirm": lambda _: {
            "rechargeConfirm": {"__typename": "RechargeConfirmed", "recharge": recharge()}
        },
        "PaymentCodeIssue": issued_code,
        "PaymentCodeWatch": lambda _: {"account": paid_from(bill(0))},
        "Obstacles": lambda _: {
            "account": WALLETS | {"phone": [], "card": []},
            "school": {"policy": {"paymentLimitOnce": "500.00", "paymentLimitDay": "1000.00"}},
        },
        "Profile": lambda _: {
            "school": {"name": SCHOOL["name"], "policy": policy()},
            "bankCard": bank_card(),
            "me": ME
            | {
                "roles": ["STUDENT"],
                "department": "信息工程学院",
                "className": "软件技术 2001 班",
                "boundAt": at(days=70),
            },
        },
        "CardBind": lambda _: {"cardBind": {"__typename": "CardBound", "person": ME}},
    }
