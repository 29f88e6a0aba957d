"""How many SQL statements each committed document costs, counted on the wire's side of asyncpg: a bound for each,
and the same number for three bills as for thirty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.campus import OWN_TERMINAL, Campus
from support.dormitory import build_dormitory

from onecard.rules.kinds import MeterWay
from schema.documents import gateway_documents, page_documents

ROOT = Path(__file__).parents[2]
ASKED = page_documents(ROOT / "webapp" / "src" / "graphql" / "persisted.json") + gateway_documents(
    ROOT / "devices_gateway" / "documents"
)
NAME = re.compile(r"\b(query|mutation|subscription)\s+(\w+)")

# Document → (who asks, the most statements). The caller's login or gateway is kept for seconds and not counted.
BOUNDS = {
    "AccountChanged": ("student", None),  # a subscription: told, not asked
    "AlertSet": ("student", 2),
    "AlertSettings": ("student", 1),
    "BankCardBind": ("student", None),  # once in a while, as is
    "BankCardConfirm": ("student", 1),
    "BankCardPage": ("student", 2),
    "BankCardUnbind": ("student", None),
    "BillDetail": ("student", 3),
    "Bills": ("student", 3),
    "CardBind": ("unbound", None),  # once in a person's life
    "DeskBuildings": ("utility", 2),
    "DeskCases": ("operator", 1),
    "DeskDecide": ("operator", None),  # two persons, once in a while
    "DeskElectricity": ("utility", 2),
    "DeskIncidents": ("utility", 5),
    "DeskMe": ("operator", 1),
    "DeskMeterCommand": ("utility", 9),
    "DeskMeters": ("utility", 7),
    "DeskOrderNumbered": ("utility", 3),
    "DeskPerson": ("operator", 8),
    "DeskPowerRestore": ("utility", None),  # with what it tells the meter; once in a while
    "DeskPowerRestoreDecide": ("utility", None),
    "DeskPropose": ("utility", None),
    "DeskRooms": ("utility", 1),
    "DeskTerminals": ("operator", 2),
    "ElectricityConfirm": ("student", 7),
    "ElectricityDesk": ("student", 9),
    "ElectricityFollow": ("student", 5),
    "ElectricityPurchase": ("student", 15),
    "ElectricityPurchaseMany": ("student", None),  # as many as rooms; a counselor, once in a while
    "ElectricityQuote": ("student", 2),
    "ElectricityRoom": ("student", 5),
    "Home": ("student", 5),
    "JssdkConfig": ("student", 0),
    "MonthTotals": ("student", 2),
    "Obstacles": ("student", 3),
    "OwnUsage": ("student", 2),
    "PayLinkConfirm": ("guest", None),  # of guests: a few a day
    "PayLinkEnd": ("student", None),  # once in a while, as is
    "PayLinkMake": ("student", None),
    "PayLinkFollow": ("guest", None),
    "PayLinkPage": ("guest", None),
    "PayLinkPay": ("guest", None),
    "PayLinks": ("student", 1),
    "PaymentCodeIssue": ("student", 6),
    "PaymentCodeWatch": ("student", 3),
    "Places": ("student", 2),
    "Profile": ("student", 2),
    "PowerRestoreApply": ("student", None),
    "RechargeConfirm": ("student", 3),
    "RechargeCreate": ("student", 14),
    "RechargeDesk": ("student", 2),
    "RechargeFollow": ("student", 2),
    "RechargeRefund": ("operator", None),  # an operator's act; asks WeChat
    "RoomPage": ("student", 10),
    "RoomPurchases": ("student", 6),
    "RoomsInCare": ("student", 4),
    "RoomUsage": ("student", 2),
    "RoomsOfFloor": ("student", 1),
    "TerminalSetState": ("operator", 12),
    "ChargeReverse": ("gateway", 3),
    "DeviceCommandReport": ("gateway", None),
    "DeviceCommands": ("gateway", None),
    "MeterReadingsRecord": ("gateway", 4),
    "PaymentCodeCharge": ("gateway", 2),
    "PendingCommands": ("gateway", 1),
    "TerminalsSeen": ("gateway", 3),
}


def name_of(text: str) -> str:
    found = NAME.search(text)
    assert found
    return found[2]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements sent to PostgreSQL meanwhile."""
    seen: list[str] = []
    whole, simple = asyncpg.Connection._execute, asyncpg.Connection.execute

    async def _execute(self: Any, query: str, *values: Any, **more: Any) -> Any:
        seen.append(query)
        return await whole(self, query, *values, **more)

    async def execute(self: Any, query: str, *values: Any, **more: Any) -> Any:
        if not values:  # with values it comes through _execute
            seen.append(query)
        return await simple(self, query, *values, **more)

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "_execute", _execute)
        patch.setattr(asyncpg.Connection, "execute", execute)
        yield seen


@pytest.mark.pure
def test_every_committed_document_has_a_bound() -> None:
    assert {name_of(text) for _, text in ASKED} == set(BOUNDS)


async def month(campus: Campus, lunches: int) -> str:
    """Money in, lunches out; the last bill's id."""
    await campus.top_up("student", 30_000)
    paid = [await campus.pay("1.00") for _ in range(lunches)]
    return paid[-1]["bill"]["id"]


async def electricity(campus: Campus) -> dict[str, Any]:
    """Two rooms with a meter each, and what was bought for the first: the variables its documents ask with."""
    rooms = await build_dormitory(
        campus,
        {
            "101": ("202611000101", MeterWay.SERVER_CREDIT),
            "102": ("202611000102", MeterWay.METER_CREDIT),
        },
    )
    room = rooms["101"]
    given = {"id": "count-0006", "room": room["room"], "amount": "5.00", "method": "CARD_ACCOUNT"}
    bought = await campus.data(
        """mutation ($input: ElectricityPurchaseInput!) { electricityPurchase(input: $input) {
        ... on ElectricityPurchased { order { id number } } } }""",
        {"input": given},
        who="student",
    )
    order = bought["electricityPurchase"]["order"]
    return room | {"order": order["id"], "number": order["number"], "other": rooms["102"]["room"]}


async def test_statements_per_document(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    bill = await month(campus, 4)
    power = await electricity(campus)
    created = await campus.data(
        'mutation { rechargeCreate(input: { id: "count-0001", amount: "5.00" }) {'
        " ... on RechargeCreated { recharge { id } } } }",
        who="student",
    )
    recharge = created["rechargeCreate"]["recharge"]["id"]
    now = campus.clock().isoformat()
    inputs: dict[str, dict[str, Any]] = {
        "RechargeCreate": {"id": "count-0002", "amount": "5.00"},
        "AlertSet": {"kind": "LOW_ENERGY", "on": True, "threshold": "20"},
        "RechargeConfirm": {"recharge": recharge},
        "TerminalSetState": {
            "id": "count-0003",
            "terminal": campus.other_gateway.terminal_id,
            "state": "STOPPED",
            "reason": "坏",
        },
        "PaymentCodeCharge": campus.charge_input(await campus.code(), "1.00"),
        "ChargeReverse": {
            "id": "count-0005",
            "charge": "count-0004",
            "terminal": OWN_TERMINAL,
            "occurredAt": now,
        },
        "TerminalsSeen": {"terminals": [OWN_TERMINAL], "at": now},
        "DeskMeterCommand": {
            "id": "count-0007",
            "meter": power["meter"],
            "operation": "READ_NOW",
            "reason": "看看",
        },
        "ElectricityPurchase": {
            "id": "count-0008",
            "room": power["other"],
            "amount": "5.00",
            "method": "CARD_ACCOUNT",
        },
        "ElectricityConfirm": {"order": power["order"]},
        "MeterReadingsRecord": {
            "readings": [{"meter": power["meter"], "readAt": now, "total": "1.00", "heard": True}]
        },
    }
    ids = {"BillDetail": bill, "ElectricityFollow": power["order"]}
    ids |= dict.fromkeys(("ElectricityRoom", "RoomPage", "RoomPurchases", "RoomUsage"), power["room"])
    for _, text in ASKED:
        name = name_of(text)
        who, bound = BOUNDS[name]
        if bound is None:
            continue
        declared = set(re.findall(r"\$(\w+):", text))
        variables: dict[str, Any] = {
            "id": ids.get(name, recharge),
            "input": inputs.get(name),
            "language": "ZH",
            "first": 20,
            "number": power["number"] if name == "DeskOrderNumbered" else "2002001",
            "url": "http://campus.test/",
            "afterSequence": 0,
            "building": power["building"],
            "floor": 1,
            "room": power["room"],
            "amount": "30.00",
            "interval": "DAY",
            "from": (campus.clock() - timedelta(days=7)).date().isoformat(),
            "to": campus.clock().date().isoformat(),
            "states": ["UNKNOWN"],
            "open": True,
        }
        body = {
            "query": text,
            "variables": {key: value for key, value in variables.items() if key in declared},
        }
        caller = campus.gateway if who == "gateway" else who
        await campus.post({"query": "{ __typename }"}, who=caller)  # so that the caller is known
        with counted(monkeypatch) as seen:
            response = await campus.post(body, who=caller)
        answer = response.json()
        assert "errors" not in answer, (name, answer)
        assert len(seen) <= bound, f"{name}: {len(seen)} statements\n" + "\n".join(seen)


async def test_more_bills_cost_no_more_statements(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = """{ account { bills(first: 100) { edges { node {
        id title amount balanceAfter merchant { name } terminal { number merchant { name } }
        changes { card } reverses { id } reversedBy { id } } } } } }"""
    costs = []
    for lunches in (3, 20):
        await month(campus, lunches)
        campus.parts.registry.forget_all()  # merchants are kept a while, and would be cheaper the second time
        await campus.post({"query": "{ __typename }"}, who="student")
        with counted(monkeypatch) as seen:
            data = await campus.data(everything, who="student")
        assert len(data["account"]["bills"]["edges"]) > lunches
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 6


async def test_more_meters_cost_no_more_statements(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {name_of(text): text for _, text in ASKED}["DeskMeters"]
    await build_dormitory(
        campus, {f"{101 + at}": (f"2026110001{at:02}", MeterWay.SERVER_CREDIT) for at in range(12)}
    )
    costs = []
    for first in (2, 12):
        campus.parts.registry.forget_all()
        await campus.post({"query": "{ __typename }"}, who="utility")
        with counted(monkeypatch) as seen:
            response = await campus.post({"query": asked, "variables": {"first": first}}, who="utility")
        assert len(response.json()["data"]["meters"]["edges"]) == first
        costs.append(len(seen))
    assert costs[0] == costs[1]
