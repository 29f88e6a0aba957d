"""What the desk asks, answered: one student, three cases, forty tills."""

from __future__ import annotations

from typing import Any

from web.pretend_api import ME, SCHOOL, WALLETS, Answer, Variables, at, bill, recharge


def desk_answers(roles: tuple[str, ...] = ("OPERATOR",)) -> dict[str, Answer]:
    bills = [
        bill(number)
        | {
            "reference": f"1123-{9000 - number}",
            "changes": {"card": "0.00", "transition": "-12.50", "electronic": "0.00"},
            "terminal": None if number % 9 == 4 else {"number": f"1000000{number % 5}", "place": "丹枫"},
            "reversedBy": {"id": "bil_1"} if number == 3 else None,
        }
        for number in range(30)
    ]
    recharges = [
        recharge("CREDITED", id="rch_1", amount="100.00"),
        recharge("CREDITED", id="rch_2", amount="50.00", refunded="20.00") | {"state": "PARTLY_REFUNDED"},
        recharge("CLOSED", id="rch_3", amount="30.00"),
    ]
    account = WALLETS | {
        "obstacles": [],
        "bills": {"edges": [{"node": b} for b in bills], "pageInfo": {"hasNextPage": True}},
        "recharges": {"edges": [{"node": r} for r in recharges]},
    }
    person = ME | {
        "roles": ["STUDENT"],
        "department": "信息工程学院",
        "className": "软件技术 2001 班",
        "boundAt": at(days=70),
        "account": account,
    }
    cases = [
        (
            "PAID_UNKNOWN_ORDER",
            "OPEN",
            "50.00",
            "4200002026112300000001",
            40,
            "微信收到 50.00 元，找不到对应的充值订单。",
        ),
        (
            "PAID_OTHER_AMOUNT",
            "REFUNDING",
            "30.00",
            "4200002026112200000007",
            1500,
            "订单 50.00 元，收到 30.00 元，正在退回。",
        ),
        (
            "REFUND_FAILED",
            "OPEN",
            "20.00",
            "4200002026112000000003",
            4400,
            "退款没有成功：付款的微信账户已注销。",
        ),
    ]
    terminals = [
        {
            "id": f"ter_{number}",
            "number": f"{10000001 + number}",
            "place": f"丹枫美食城{'一二'[number % 2]}楼 {number % 12 + 1} 号窗口",
            "state": "STOPPED" if number == 4 else "IN_SERVICE",
            "lastSeenAt": None if number == 9 else at(seconds=40 + 90 * (number % 6)),
            "merchant": {
                "id": "mer_1",
                "name": ("丹枫美食城", "竹园食堂", "学子超市")[number % 3],
                "place": None,
            },
        }
        for number in range(40)
    ]

    def find_person(variables: Variables) -> dict[str, Any]:
        return {"person": person if variables["number"] == ME["number"] else None}

    def find_cases(variables: Variables) -> dict[str, Any]:
        edges = [
            {
                "node": {
                    "id": f"cas_{place}",
                    "kind": kind,
                    "state": state,
                    "amount": amount,
                    "reference": reference,
                    "openedAt": at(minutes=minutes),
                    "closedAt": None,
                    "explanation": explanation,
                }
            }
            for place, (kind, state, amount, reference, minutes, explanation) in enumerate(cases)
        ]
        return {"cases": {"edges": edges, "pageInfo": {"hasNextPage": False, "endCursor": None}}}

    operator = {"id": "per_9", "name": "周敏", "number": "9001001", "roles": list(roles)}
    return {
        "DeskMe": lambda _: {"school": SCHOOL, "me": operator},
        "DeskPerson": find_person,
        "DeskCases": find_cases,
        "DeskTerminals": lambda _: {"terminals": terminals},
        "RechargeRefund": lambda _: {
            "rechargeRefund": {
                "__typename": "RechargeRefunded",
                "replayed": False,
                "recharge": recharge("REFUNDED"),
            }
        },
        "TerminalSetState": lambda variables: {
            "terminalSetState": {
                "__typename": "TerminalStateSet",
                "replayed": False,
                "terminal": {"id": variables["input"]["terminal"], "state": variables["input"]["state"]},
                "command": {"id": "cmd_1", "state": "PENDING"},
            }
        },
    }
