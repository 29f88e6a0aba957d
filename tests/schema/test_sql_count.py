"""How many SQL statements each committed document costs, counted on the wire's side of asyncpg: a bound for each,
and the same number for three bills as for thirty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.campus import OWN_TERMINAL, Campus

from schema.documents import gateway_documents, page_documents

ROOT = Path(__file__).parents[2]
ASKED = page_documents(ROOT / "webapp" / "src" / "graphql" / "persisted.json") + gateway_documents(
    ROOT / "devices_gateway" / "documents"
)
NAME = re.compile(r"\b(query|mutation|subscription)\s+(\w+)")

# Document → (who asks, the most statements). The caller's login or gateway is kept for seconds and not counted.
BOUNDS = {
    "AccountChanged": ("student", None),  # a subscription: told, not asked
    "BillDetail": ("student", 3),
    "Bills": ("student", 3),
    "CardBind": ("unbound", None),  # once in a person's life
    "DeskCases": ("operator", 1),
    "DeskMe": ("operator", 1),
    "DeskPerson": ("operator", 8),
    "DeskTerminals": ("operator", 2),
    "Home": ("student", 5),
    "JssdkConfig": ("student", 0),
    "MonthTotals": ("student", 2),
    "Obstacles": ("student", 3),
    "PaymentCodeIssue": ("student", 6),
    "PaymentCodeWatch": ("student", 3),
    "Profile": ("student", 1),
    "RechargeConfirm": ("student", 3),
    "RechargeCreate": ("student", 14),
    "RechargeDesk": ("student", 1),
    "RechargeFollow": ("student", 2),
    "RechargeRefund": ("operator", None),  # an operator's act; asks WeChat
    "TerminalSetState": ("operator", 12),
    "ChargeReverse": ("gateway", 3),
    "DeviceCommandReport": ("gateway", None),
    "DeviceCommands": ("gateway", None),
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


async def test_statements_per_document(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    bill = await month(campus, 4)
    created = await campus.data(
        'mutation { rechargeCreate(input: { id: "count-0001", amount: "5.00" }) {'
        " ... on RechargeCreated { recharge { id } } } }",
        who="student",
    )
    recharge = created["rechargeCreate"]["recharge"]["id"]
    now = campus.clock().isoformat()
    inputs: dict[str, dict[str, Any]] = {
        "RechargeCreate": {"id": "count-0002", "amount": "5.00"},
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
    }
    for _, text in ASKED:
        name = name_of(text)
        who, bound = BOUNDS[name]
        if bound is None:
            continue
        declared = set(re.findall(r"\$(\w+):", text))
        variables: dict[str, Any] = {
            "id": bill if name == "BillDetail" else recharge,
            "input": inputs.get(name),
            "language": "ZH",
            "first": 20,
            "number": "2002001",
            "url": "http://campus.test/",
            "afterSequence": 0,
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
