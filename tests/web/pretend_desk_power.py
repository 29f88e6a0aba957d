"""What the desk of the utility office asks, answered: thirty meters, and purchases that wait for two persons."""

from __future__ import annotations

from typing import Any

from web.pretend_api import SCHOOL, Answer, Variables, at

UTILITY = {"id": "per_8", "name": "孙力", "number": "9003001"}
COLLEAGUE = {"id": "per_7", "name": "赵平", "number": "9003002"}
CAMPUSES = {
    "campuses": [
        {
            "id": "cam_1",
            "name": "温泉校区",
            "buildings": [
                {"id": "bld_1", "name": "南苑 3 栋", "floors": 6},
                {"id": "bld_2", "name": "北苑 1 栋", "floors": 5},
            ],
        }
    ]
}
COMMAND_STATES = ("VERIFIED", "PENDING", "SENT", "ACKNOWLEDGED", "REJECTED", "UNKNOWN", "EXPIRED")


def meter(place: int) -> dict[str, Any]:
    silent = place % 11 == 4
    return {
        "id": f"met_{place}",
        "number": f"2026110003{place:02}",
        "model": "dlt645-plain",
        "bus": "line-03",
        "way": "SERVER_CREDIT",
        "room": {
            "id": f"rom_{place}",
            "name": f"南苑 3 栋 {100 * (1 + place // 10) + place % 10 + 1}",
            "energy": {"remaining": f"{20 + 7 * place}.870", "stale": silent},
        },
        "state": {
            "readAt": at(minutes=180 if silent else 2),
            "total": f"{1000 + place}.120",
            "powerW": 40 * place,
            "relay": "OPEN" if place % 7 == 5 else "CLOSED",
            "flags": ["TAMPERED"] if place == 6 else [],
            "heardAt": at(minutes=180 if silent else 2),
            "silentSince": at(minutes=178) if silent else None,
        },
        "commands": [
            {
                "id": f"cmd_{place}",
                "operation": "RELAY_CLOSE",
                "state": COMMAND_STATES[place % len(COMMAND_STATES)],
                "issuedAt": at(minutes=9),
                "reason": "隐患已排除",
            }
        ]
        if place % 2
        else [],
    }


def order(place: int, state: str, explanation: str) -> dict[str, Any]:
    return {
        "id": f"ele_{place}",
        "number": f"2026112600000{place}",
        "amount": "30.00",
        "energy": "53.734" if state in ("DELIVERED", "DISPUTED") else None,
        "method": "WECHAT",
        "state": state,
        "orderedAt": at(minutes=40 * place),
        "explanation": explanation,
        "room": {"id": f"rom_{place}", "name": f"南苑 3 栋 10{place}"},
        "payer": {"id": "per_1", "name": "张晓雨", "number": "2002001"},
    }


def proposal(place: int, by: dict[str, str], **changes: Any) -> dict[str, Any]:
    return {
        "id": f"pro_{place}",
        "kind": "REFUND",
        "state": "OPEN",
        "reason": "电表坏了，读不回来",
        "energy": None,
        "proposedAt": at(minutes=12),
        "decidedAt": None,
        "decision": None,
        "toRoom": None,
        "proposedBy": by,
        "decidedBy": None,
        "order": order(place, "UNKNOWN", "还不知道电表收下没有，钱在中间账户。"),
    } | changes


ORDERS = [
    order(1, "UNKNOWN", "还不知道电表收下没有，钱在中间账户。"),
    order(2, "UNMAPPED", "宿舍没有电表，钱在中间账户，等水电中心处理。"),
    order(3, "REFUNDING", "电表没有收下，正在退回。"),
    order(4, "DISPUTED", "已退款，但电表后来收下了。"),
    order(5, "UNKNOWN", "还不知道电表收下没有，钱在中间账户。"),
]
PROPOSALS = [
    proposal(5, COLLEAGUE),
    proposal(6, UTILITY, kind="MOVE", energy="20.000", toRoom={"id": "rom_9", "name": "南苑 3 栋 109"}),
    proposal(7, UTILITY, state="APPROVED", decidedAt=at(minutes=3), decidedBy=COLLEAGUE, decision="核对过"),
]


def incident(place: int, state: str, **changes: Any) -> dict[str, Any]:
    applicant = {"id": "per_1", "name": "张晓雨", "number": "2002001"}
    steps = [
        {"kind": "LOCKED", "at": at(minutes=90), "note": None, "by": None},
        {"kind": "APPLIED", "at": at(minutes=60), "note": "是热得快，已经带回家。", "by": applicant},
        {"kind": "APPROVED", "at": at(minutes=5), "note": "已当面核实", "by": COLLEAGUE},
    ]
    reached = {"LOCKED": 1, "APPLIED": 2, "APPROVED": 3}.get(state, 1)
    return {
        "id": f"inc_{place}",
        "state": state,
        "watts": 1850,
        "openedAt": at(minutes=90),
        "dueAt": None if state == "LOCKED" else at(hours=-3),
        "overdue": False,
        "room": {"id": f"rom_{place}", "name": f"南苑 3 栋 10{place}"},
        "applicant": applicant if reached > 1 else None,
        "steps": steps[:reached],
    } | changes


INCIDENTS = [
    incident(1, "LOCKED"),
    incident(2, "APPLIED"),
    incident(3, "APPROVED", overdue=True),
    incident(4, "CUT", watts=None, dueAt=at(minutes=-2)),
]


def desk_power_answers(roles: tuple[str, ...] = ("UTILITY_STAFF",)) -> dict[str, Answer]:
    rooms = [{"id": f"rom_{place}", "name": f"北苑 1 栋 10{place}"} for place in range(1, 4)]

    def meters(variables: Variables) -> dict[str, Any]:
        found = [meter(place) for place in range(30)]
        if variables.get("silent"):
            found = [one for one in found if one["state"]["silentSince"]]
        info = {"hasNextPage": False, "endCursor": None}
        return {"meters": {"edges": [{"node": one} for one in found], "pageInfo": info}}

    return {
        "DeskMe": lambda _: {"school": SCHOOL, "me": UTILITY | {"roles": list(roles)}},
        "DeskBuildings": lambda _: CAMPUSES,
        "DeskRooms": lambda _: {"rooms": rooms},
        "DeskMeters": meters,
        "DeskMeterCommand": lambda _: {"meterCommand": {"__typename": "MeterCommanded", "replayed": False}},
        "DeskElectricity": lambda _: {
            "electricityOrders": ORDERS,
            "electricityProposals": {"edges": [{"node": one} for one in PROPOSALS]},
        },
        "DeskIncidents": lambda variables: {
            "powerIncidents": {"edges": [{"node": one} for one in INCIDENTS if variables["open"]]}
        },
        "DeskPowerRestoreDecide": lambda _: {"powerRestoreDecide": {"__typename": "PowerRestoreDecided"}},
        "DeskPowerRestore": lambda _: {"powerRestore": {"__typename": "PowerRestoring"}},
        "DeskOrderNumbered": lambda variables: {
            "electricityOrder": order(8, "DELIVERED", "30.00 元的电已经到表。")
            if variables["number"] == "20261126000008"
            else None
        },
        "DeskPropose": lambda _: {
            "electricityPropose": {"__typename": "ElectricityProposed", "replayed": False}
        },
        "DeskDecide": lambda _: {
            "electricityDecide": {
                "__typename": "ElectricityDecided",
                "order": {"id": "ele_5", "state": "REFUNDED"},
            }
        },
    }
