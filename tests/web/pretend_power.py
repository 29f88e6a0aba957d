"""What the screens of electricity ask, answered: one's own room, a friend's, a month of usage, a purchase."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from web.pretend_api import ME, SHANGHAI, Answer, Variables, at, bank_card

OWN = "南苑 3 栋 305"
FRIENDS = "北苑 1 栋 101"


def room(number: int = 305, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"rom_{number}",
        "number": str(number),
        "name": OWN if number == 305 else FRIENDS,
        "energy": {"remaining": "2476.870", "asOf": at(minutes=3), "stale": False},
        "meter": {"id": f"met_{number}"},
    } | changes


def order(state: str = "ORDERED", **changes: Any) -> dict[str, Any]:
    reached = {"ORDERED": 1, "PAID": 2, "DELIVERING": 2, "UNKNOWN": 2, "DELIVERED": 3}.get(state, 2)
    payment = {
        "appId": "wx0",
        "timeStamp": "1",
        "nonceStr": "n",
        "package": "prepay_id=wx1",
        "signType": "RSA",
        "paySign": "s",
    }
    return {
        "id": "ele_1",
        "number": "20261126000001",
        "amount": "30.00",
        "energy": "53.734" if state == "DELIVERED" else None,
        "method": "WECHAT",
        "state": state,
        "orderedAt": at(seconds=40),
        "paidAt": at(seconds=20) if reached > 1 else None,
        "deliveredAt": at(seconds=5) if reached > 2 else None,
        "endedAt": None,
        "refunded": "0.00",
        "declined": None,
        "explanation": {
            "ORDERED": "还没有付款，钱没有动。",
            "DELIVERED": "30.00 元的电已经到表。",
            "REFUNDED": "电表没有收下，30.00 元已原路退回。",
        }.get(state, "钱已收到，正在送电。"),
        "remedy": "不用做什么，会自动完成。" if reached == 2 else "",
        "room": room(101),
        "payment": payment if state == "ORDERED" else None,
        "payUrl": None,
    } | changes


def quote(variables: Variables) -> dict[str, Any]:
    fen = round(float(variables["amount"]) * 100)
    wh = fen * 1_000_000 // 55_830
    kwh = f"{wh // 1000}.{wh % 1000:03d}"
    return {
        "electricityQuote": {
            "amount": variables["amount"],
            "energy": kwh,
            "repays": "0.00",
            "methods": ["CARD_ACCOUNT", "WECHAT", "BANK_CARD", "ONLINE_PAYMENT"],
            "minimum": "0.01",
            "maximum": "500.00",
            "presets": ["10.00", "20.00", "30.00", "50.00", "100.00", "200.00"],
            "steps": [{"price": "0.5583", "energy": kwh, "amount": variables["amount"]}],
        }
    }


def usage(variables: Variables) -> dict[str, Any]:
    first = datetime.fromisoformat(variables["from"]).replace(tzinfo=SHANGHAI)
    count = {"HOUR": 24, "DAY": 30, "MONTH": 12}[variables["interval"]]
    step = {"HOUR": timedelta(hours=1), "DAY": timedelta(days=1), "MONTH": timedelta(days=31)}[
        variables["interval"]
    ]
    points = [
        {
            "from": (first + step * n).isoformat(),
            "energy": f"{1 + n * 7 % 5}.{n % 10}00",
            "complete": n < count - 1,
        }
        for n in range(count)
    ]
    return {"room": {"id": variables["id"], "usage": points}}


NORMAL = {"state": "NORMAL", "explanation": "供电正常。", "remedy": "", "restoresAt": None, "incident": None}


def cut(seconds: int) -> dict[str, Any]:
    """For a forbidden appliance; back by itself in so many seconds."""
    return {
        "state": "CUT",
        "explanation": "用了违规电器，电表自动断电。",
        "remedy": "请拔掉电吹风、热得快等发热电器，稍后会自动恢复；再次发现将不再自动恢复。",
        "restoresAt": at(seconds=-seconds),
        "incident": {
            "id": "inc_1",
            "watts": 1850,
            "mayApply": False,
            "steps": [{"kind": "CUT", "at": at(seconds=30), "note": None}],
        },
    }


def locked(*more: dict[str, Any]) -> dict[str, Any]:
    """The same again; `more`: the steps that followed."""
    steps = [{"kind": "CUT", "at": at(minutes=20), "note": None}]
    steps += [{"kind": "LOCKED", "at": at(minutes=9), "note": None}, *more]
    return {
        "state": "LOCKED",
        "explanation": "再次发现违规电器，已断电，不会自动恢复。",
        "remedy": "请先拔掉违规电器，再由住在这间的同学在这里提交申请；院部同意后，水电中心恢复供电。",
        "restoresAt": None,
        "incident": {"id": "inc_1", "watts": 1850, "mayApply": not more, "steps": steps},
    }


def whole_room(**changes: Any) -> dict[str, Any]:
    night = {"off": at(hours=-8), "on": at(hours=-15)}
    found = room() | {"daysLeft": 41.3, "power": NORMAL, "building": {"id": "bld_3", "nextNight": night}}
    found["energy"] |= {"bought": "2466.870", "quota": "10.000", "owed": "0.00"}
    found["meter"] |= {
        "number": "202611000305",
        "state": {
            "readAt": at(minutes=3),
            "total": "10873.120",
            "powerW": 212,
            "relay": "CLOSED",
            "silentSince": None,
        },
    }
    return found | changes


LEFT_OUT = ("energy", "method", "refunded", "declined", "room", "payUrl")


def linked(state: str = "ORDERED") -> dict[str, Any]:
    """An order as who holds a pay link sees it."""
    return {name: value for name, value in order(state).items() if name not in LEFT_OUT}


LINK = {"id": "lnk_1", "label": "妈妈", "url": "https://card.example/pay/abc", "expiresAt": at(days=-300)}


def link_answers() -> dict[str, Answer]:
    return {
        "PayLinks": lambda _: {"payLinks": [LINK]},
        "PayLinkPage": lambda _: {
            "school": {"name": "临江职业技术学院", "wechatBridgeUrl": "/bridge.js"},
            "linkedRoom": {
                "name": OWN,
                "minimum": "0.01",
                "maximum": "500.00",
                "presets": ["10.00", "20.00", "30.00", "50.00", "100.00", "200.00"],
            },
        },
        "PayLinkFollow": lambda _: {"school": {"wechatBridgeUrl": "/bridge.js"}, "linkedOrder": linked()},
        "PayLinkConfirm": lambda _: {"payLinkConfirm": {"__typename": "PayLinkConfirmed", "order": linked()}},
    }


def power_answers() -> dict[str, Answer]:
    return {
        **link_answers(),
        "RoomsInCare": lambda _: {
            "me": {"id": "per_1", "account": {"id": "acc_1", "available": "128.46"}},
            "roomsInCare": [
                room(101) | {"energy": {"remaining": "-0.400", "asOf": at(minutes=3), "stale": False}},
                room(305),
                room(102) | {"name": "北苑 1 栋 102", "energy": None},
            ],
        },
        "AlertSettings": lambda _: {
            "alertSubscriptions": [
                {"kind": "LOW_ENERGY", "on": True, "threshold": "10.000"},
                {"kind": "NIGHT_CUT", "on": False, "threshold": None},
                {"kind": "POWER_CUT", "on": False, "threshold": None},
                {"kind": "POWER_RESTORED", "on": False, "threshold": None},
            ]
        },
        "AlertSet": lambda _: {"alertSet": {"__typename": "AlertSet"}},
        "ElectricityDesk": lambda _: {
            "school": {"wechatBridgeUrl": "/bridge.js"},
            "me": ME | {"account": {"id": "acc_1", "available": "128.46"}, "room": room()},
            "recentRooms": [room(101)],
            "bankCard": bank_card(),
        },
        "Places": lambda _: {
            "campuses": [
                {
                    "id": "cam_1",
                    "name": "温泉校区",
                    "buildings": [
                        {"id": f"bld_{n}", "name": f"{side}苑 {n} 栋", "floors": 6}
                        for n, side in ((1, "北"), (2, "北"), (3, "南"), (4, "南"))
                    ],
                }
            ]
        },
        "RoomsOfFloor": lambda asked: {
            "rooms": [
                {
                    "id": f"rom_{asked['floor']}{n:02d}",
                    "number": f"{asked['floor']}{n:02d}",
                    "name": f"{asked['floor']}{n:02d}",
                }
                for n in range(1, 19)
            ]
        },
        "ElectricityRoom": lambda asked: {"room": room(int(asked["id"].removeprefix("rom_")))},
        "ElectricityQuote": quote,
        "ElectricityPurchase": lambda _: {
            "electricityPurchase": {
                "__typename": "ElectricityPurchased",
                "replayed": False,
                "order": order("ORDERED"),
            }
        },
        "ElectricityConfirm": lambda _: {
            "electricityConfirm": {"__typename": "ElectricityConfirmed", "order": order("ORDERED")}
        },
        "ElectricityFollow": lambda _: {
            "school": {"wechatBridgeUrl": "/bridge.js"},
            "electricityOrder": order("ORDERED"),
        },
        "RoomPage": lambda _: {
            "me": {"id": "per_1", "room": {"id": "rom_305"}, "stays": [{"since": at(days=20)}]},
            "room": whole_room(),
        },
        "RoomUsage": usage,
        "RoomPurchases": lambda _: {
            "room": {
                "id": "rom_305",
                "purchases": {
                    "edges": [{"node": order("DELIVERED", id=f"ele_{n}")} for n in range(3)],
                    "pageInfo": {"hasNextPage": False, "endCursor": None},
                },
            }
        },
    }
