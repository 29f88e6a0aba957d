"""Parts that do not answer, limits, time-outs, bugs: what the caller is told, and that it recovers by itself."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
from support.campus import CHARGE, Campus, open_campus

from api import engine, throttle
from api.errors import is_unavailable
from api.throttle import Pace
from onecard.actions.outages import DATABASE_AWAY
from onecard.outside.rate_limits import LimitsUnavailable

BALANCE = "{ account { balance } }"


def code_of(response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


async def cut(dsn: str) -> None:
    """End every connection to this database but our own, as a restart of PostgreSQL does."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


async def test_a_restart_of_the_database_is_unavailable_at_worst_and_heals(
    campus: Campus, database: str
) -> None:
    await campus.top_up("student", 5000)
    body = {"query": CHARGE, "variables": {"input": campus.charge_input(await campus.code())}}
    await cut(database)
    for _ in range(20):
        response = await campus.post(body, who=campus.gateway)
        answer = response.json()
        if "errors" not in answer:
            break
        assert code_of(response) == "UNAVAILABLE", answer
    assert answer["data"]["paymentCodeCharge"]["__typename"] == "PaymentCodeCharged"
    again = (await campus.post(body, who=campus.gateway)).json()["data"]["paymentCodeCharge"]
    assert (again["replayed"], again["bill"]) == (True, answer["data"]["paymentCodeCharge"]["bill"])
    assert await campus.data(BALANCE, who="student") == {"account": {"balance": "37.50"}}


@pytest.fixture
async def without_redis(database: str) -> AsyncIterator[Campus]:
    async with open_campus(database, "redis://127.0.0.1:1/0") as opened:
        yield opened


async def test_it_starts_and_reads_without_redis(without_redis: Campus) -> None:
    campus = without_redis
    assert await campus.data(BALANCE, who="student") == {"account": {"balance": "0.00"}}
    ready = await campus.http.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["parts"] == {"database": "ok", "migrations": "ok", "redis": "does not answer"}
    assert (await campus.http.get("/healthz")).status_code == 200


async def test_without_redis_no_code_is_believed_and_nothing_is_stored(without_redis: Campus) -> None:
    campus = without_redis
    await campus.top_up("student", 5000)
    response = await campus.post(
        {"query": CHARGE, "variables": {"input": campus.charge_input("91" + "0" * 18)}}, who=campus.gateway
    )
    assert response.json()["data"] is None
    assert code_of(response) == "UNAVAILABLE"
    assert await campus.data(BALANCE, who="student") == {"account": {"balance": "50.00"}}


async def test_ready_names_every_part(campus: Campus) -> None:
    response = await campus.http.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "parts": {"database": "ok", "migrations": "ok", "redis": "ok"},
    }


async def test_too_many_requests_are_429_with_the_seconds(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "PEOPLE", Pace("few", 2, 60))
    for _ in range(2):
        assert (await campus.post({"query": BALANCE}, who="student")).status_code == 200
    response = await campus.post({"query": BALANCE}, who="student")
    assert response.status_code == 429
    assert code_of(response) == "RATE_LIMITED"
    assert 0 < int(response.headers["retry-after"]) <= 60
    assert (await campus.post({"query": BALANCE}, who="other")).status_code == 200


async def test_a_gateway_is_counted_in_strides(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "GATEWAYS", Pace("strides", 20, 60, stride=10))
    asked = {"query": "{ pendingCommands { id } }"}
    statuses = [(await campus.post(asked, who=campus.gateway)).status_code for _ in range(25)]
    assert statuses[:20] == [200] * 20
    assert statuses[20:] == [429] * 5


async def test_limits_that_do_not_answer_let_everybody_pass(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(self, limit, subject):
        raise LimitsUnavailable

    monkeypatch.setattr(type(campus.parts.limits), "take", away)
    assert (await campus.post({"query": BALANCE}, who="student")).status_code == 200


async def test_an_operation_has_a_time(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "TIMEOUT_S", 0.05)

    async def forever(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(type(campus.parts.registry), "access_terminals", forever)
    response = await campus.post({"query": "{ terminals { id } }"}, who="operator")
    assert (response.status_code, code_of(response)) == (503, "UNAVAILABLE")


async def test_a_bug_is_masked_and_found_by_its_request_id(
    campus: Campus, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object) -> None:
        raise KeyError("hunter2 in /etc/onecard")

    monkeypatch.setattr(type(campus.parts.registry), "access_terminals", broken)
    response = await campus.post({"query": "{ terminals { id } }"}, who="operator")
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "hunter2" not in response.text
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    assert response.headers["x-request-id"] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("0", "AmountInvalid"),
        ("0.00", "AmountInvalid"),
        ("-1", "AmountInvalid"),
        ("-12.50", "AmountInvalid"),
        ("1.234", "BAD_USER_INPUT"),
        ("x", "BAD_USER_INPUT"),
        ("1e3", "BAD_USER_INPUT"),
        (12.5, "BAD_USER_INPUT"),
        (12, "BAD_USER_INPUT"),
        (None, "BAD_USER_INPUT"),
    ],
)
async def test_odd_amounts_end_in_a_refusal_or_a_mistake(campus: Campus, amount: object, told: str) -> None:
    await campus.top_up("student", 5000)
    for document, body, who in (
        (CHARGE, campus.charge_input(await campus.code(), amount), campus.gateway),
        (
            "mutation ($input: RechargeCreateInput!) { rechargeCreate(input: $input) { __typename } }",
            {"id": str(uuid.uuid4()), "amount": amount},
            "student",
        ),
    ):
        response = await campus.post({"query": document, "variables": {"input": body}}, who=who)
        if told == "BAD_USER_INPUT":
            assert (response.status_code, code_of(response)) == (400, told)
        else:
            assert next(iter(response.json()["data"].values()))["__typename"] == told
    assert await campus.data(BALANCE, who="student") == {"account": {"balance": "50.00"}}


@pytest.mark.parametrize("id", ["", "short", "x" * 65, "with blanks", "名字名字名字名字", "a\nb-aaaaaaa"])
async def test_a_caller_s_id_has_a_form(campus: Campus, id: str) -> None:
    response = await campus.post(
        {"query": CHARGE, "variables": {"input": campus.charge_input("1", id=id)}}, who=campus.gateway
    )
    assert code_of(response) == "BAD_USER_INPUT"


async def test_numbers_are_counted(campus: Campus) -> None:
    await campus.top_up("student", 5000)
    await campus.pay("12.50")
    text = (await campus.http.get("/metrics")).text
    assert 'onecard_mutations_total{mutation="paymentCodeCharge",outcome="PaymentCodeCharged"}' in text
    assert 'onecard_operation_seconds_bucket{le="0.1",operation="open"}' in text
    assert "onecard_ledger_queue 0.0" in text
    assert "onecard_ledger_batch_count" in text


async def test_a_browser_is_told_in_a_page(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody on the way to the login reads sentences, whatever is away."""

    async def away(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(campus.wecom, "find_user", away)
    page = {"accept": "text/html"}
    start = await campus.http.get("/auth/login", headers=page)
    state = start.headers["location"].split("state=")[1].split("&")[0].split("#")[0]
    told = await campus.http.get("/auth/callback", params={"state": state, "code": "x"}, headers=page)
    assert told.status_code == 503
    assert told.headers["content-type"].startswith("text/html")
    assert "没有动用任何款项" in told.text
    assert "Traceback" not in told.text


def test_a_connection_dropped_in_the_middle_is_an_outage() -> None:
    """asyncpg says so in a class of its own, which is no child of its other errors."""
    dropped = asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress")
    assert is_unavailable(dropped)
    assert isinstance(dropped, DATABASE_AWAY)
    assert not is_unavailable(ValueError())
