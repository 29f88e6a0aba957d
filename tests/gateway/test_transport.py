"""Documents against the committed schema, the token, and what each failure of a call is called."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from graphql import GraphQLSchema, OperationType, build_schema, get_operation_ast, validate
from support.stub_api import StubApi
from support.waiting import until

from devices_gateway.sessions.pos_answers import DE39
from devices_gateway.transport.api import (
    ApiError,
    BadRequest,
    Failed,
    GraphQLApi,
    NoAnswer,
    TooFast,
    Unauthorized,
    Unreachable,
)
from devices_gateway.transport.documents import documents
from devices_gateway.transport.token import LIFETIME_S, RENEW_S, TokenSource

SCHEMA = Path(__file__).parents[2] / "schema" / "schema.graphql"
SEEN = {"input": {"terminals": ["10000001"], "at": "2026-11-23T12:00:00+08:00"}}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text("utf-8"))


@pytest.mark.pure
@pytest.mark.parametrize("name", sorted(documents()))
def test_every_document_is_valid_in_the_committed_schema(name: str, schema: GraphQLSchema) -> None:
    assert validate(schema, documents()[name].parsed) == []


@pytest.mark.pure
def test_there_are_exactly_the_documents_that_are_used() -> None:
    kinds = {name: get_operation_ast(document.parsed).operation for name, document in documents().items()}
    assert kinds == {
        "payment_code_charge": OperationType.MUTATION,
        "charge_reverse": OperationType.MUTATION,
        "device_command_report": OperationType.MUTATION,
        "terminals_seen": OperationType.MUTATION,
        "meter_readings_record": OperationType.MUTATION,
        "pending_commands": OperationType.QUERY,
        "device_commands": OperationType.SUBSCRIPTION,
    }


@pytest.mark.pure
def test_every_refusal_of_a_charge_has_its_code(schema: GraphQLSchema) -> None:
    """A refusal that joins the union must get its row in the table of docs/devices/pos.md."""
    types = {kind.name for kind in schema.get_type("PaymentCodeChargeResult").types} - {"PaymentCodeCharged"}
    in_table = {"".join(word.capitalize() for word in code.split("_")) for code in DE39}
    assert types == in_table


@pytest.mark.pure
def test_every_outcome_of_a_reversal_is_known(schema: GraphQLSchema) -> None:
    types = {kind.name for kind in schema.get_type("ChargeReverseResult").types}
    settled = {"ChargeReversed", "ReversalKept", "ChargeNeverPosted", "AlreadyReversed"}
    for_a_person = {"TerminalUnknown", "IdempotencyConflict", "NotAllowed"}
    assert types == settled | for_a_person


@pytest.mark.pure
def test_the_token_is_short_lived_and_renewed_early() -> None:
    key = Ed25519PrivateKey.generate()
    now = 1_800_000_000.0
    source = TokenSource("gw_1", key, lambda: now)
    first = source.bearer()
    claims = jwt.decode(
        first.removeprefix("Bearer "),
        key.public_key(),
        algorithms=["EdDSA"],
        audience="onecard",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert (claims["iss"], claims["sub"], claims["typ"]) == ("gw_1", "gw_1", "gateway")
    assert claims["exp"] - claims["iat"] == LIFETIME_S <= 900
    now += LIFETIME_S - RENEW_S - 1
    assert source.bearer() == first
    now += 2
    assert source.bearer() != first


@pytest.fixture
async def client(api: StubApi, enrolment_key: Ed25519PrivateKey):
    url = f"{api.url}/graphql"
    async with GraphQLApi(url, url.replace("http", "ws"), TokenSource("gw_test", enrolment_key)) as client:
        yield client


async def failure(client: GraphQLApi, timeout_s: float = 5.0) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await client.call("terminals_seen", SEEN, timeout_s)
    return caught.value


async def test_an_answer(client: GraphQLApi, api: StubApi) -> None:
    data = await client.call("terminals_seen", SEEN, 5.0)
    assert data["terminalsSeen"]["count"] == 1
    assert client.successes == 1


@pytest.mark.parametrize(
    ("status", "kind", "may_have_acted"),
    [
        (301, BadRequest, False),
        (308, BadRequest, False),
        (400, BadRequest, False),
        (401, Unauthorized, False),
        (403, Unauthorized, False),
        (404, BadRequest, False),
        (408, NoAnswer, True),
        (429, TooFast, False),
        (500, NoAnswer, True),
        (502, NoAnswer, True),
        (503, NoAnswer, True),
    ],
)
async def test_a_status_says_whether_it_may_have_acted(
    client: GraphQLApi, api: StubApi, status: int, kind: type[ApiError], may_have_acted: bool
) -> None:
    api.faults.status = status
    error = await failure(client)
    assert type(error) is kind
    assert error.may_have_acted is may_have_acted
    assert client.successes == 0


async def test_a_redirection_is_not_followed(api: StubApi, enrolment_key: Ed25519PrivateKey) -> None:
    """Whoever answers 307 would get the payment code."""

    async def send_on(_: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(f"{api.url}/graphql")

    app = web.Application()
    app.add_routes([web.post("/graphql", send_on)])
    server = TestServer(app)
    async with (
        server,
        GraphQLApi(str(server.make_url("/graphql")), "", TokenSource("gw_test", enrolment_key)) as client,
    ):
        assert type(await failure(client)) is BadRequest
    assert api.calls == []


async def test_a_time_out_may_have_acted(client: GraphQLApi, api: StubApi) -> None:
    api.faults.hang_before = True
    error = await failure(client, 0.1)
    assert type(error) is NoAnswer
    assert error.may_have_acted


async def test_nobody_there_has_done_nothing(client: GraphQLApi, api: StubApi) -> None:
    await api.stop()
    error = await failure(client)
    assert type(error) is Unreachable
    assert not error.may_have_acted


@pytest.mark.parametrize(
    ("code", "kind", "may_have_acted", "is_about_this_call"),
    [
        ("INTERNAL", Failed, True, True),
        ("BORN_TOMORROW", Failed, True, True),
        ("UNAVAILABLE", NoAnswer, True, False),
        ("RATE_LIMITED", TooFast, False, False),
        ("UNAUTHENTICATED", Unauthorized, False, False),
        ("FORBIDDEN", Unauthorized, False, False),
        ("BAD_USER_INPUT", BadRequest, False, True),
        ("DOCUMENT_UNKNOWN", BadRequest, False, True),
    ],
)
async def test_a_graphql_error_says_so_by_its_code(
    client: GraphQLApi,
    api: StubApi,
    code: str,
    kind: type[ApiError],
    may_have_acted: bool,
    is_about_this_call: bool,
) -> None:
    api.faults.errors, api.faults.error_code = 1, code
    error = await failure(client)
    assert type(error) is kind
    assert (error.may_have_acted, error.is_about_this_call) == (may_have_acted, is_about_this_call)
    assert str(error) == code


@pytest.mark.parametrize(
    "body",
    [
        *("", "{", "[]", "5", "null", "{}", '{"data":5}', '{"data":[]}', '{"data":null}', '{"errors":5}'),
        *('{"data":null,"errors":["x"]}', '{"data":null,"errors":[{"extensions":5}]}', "[" * 100_000),
        '{"data":{"a":1},"errors":{"a":1}}',
    ],
)
async def test_whatever_is_answered_is_an_answer_or_none(client: GraphQLApi, api: StubApi, body: str) -> None:
    api.faults.body = body or " "
    error = await failure(client)
    assert error.may_have_acted
    api.faults.body = ""
    await client.call("terminals_seen", SEEN, 5.0)


async def test_a_key_that_is_not_enrolled(api: StubApi) -> None:
    url = f"{api.url}/graphql"
    stranger = TokenSource("gw_test", Ed25519PrivateKey.generate())
    async with GraphQLApi(url, url.replace("http", "ws"), stranger) as client:
        assert type(await failure(client)) is Unauthorized


@pytest.mark.parametrize(
    ("off_s", "said"), [(3600, "3600 s ahead of the API's"), (-7200, "7200 s behind the API's")]
)
async def test_a_clock_that_is_off_is_named(
    api: StubApi, enrolment_key: Ed25519PrivateKey, off_s: int, said: str
) -> None:
    """The API's Date has whole seconds, so it is held still here."""
    api.now = lambda: 1_800_000_000
    clock = [1_800_000_000 + off_s]
    url = f"{api.url}/graphql"
    token = TokenSource("gw_test", enrolment_key, lambda: clock[0])
    async with GraphQLApi(url, url.replace("http", "ws"), token) as client:
        refused = await failure(client)
        assert type(refused) is Unauthorized
        assert said in str(refused)
        assert client.clock_ahead_s == off_s
        clock[0] -= off_s
        await client.call("terminals_seen", SEEN, 5.0)
        assert client.clock_ahead_s == 0


async def test_a_refusal_for_another_reason_does_not_blame_the_clock(api: StubApi) -> None:
    url = f"{api.url}/graphql"
    stranger = TokenSource("gw_test", Ed25519PrivateKey.generate())
    async with GraphQLApi(url, url.replace("http", "ws"), stranger) as client:
        assert "clock" not in str(await failure(client))
        assert client.clock_ahead_s == 0


async def test_a_subscription_to_nobody(client: GraphQLApi, api: StubApi) -> None:
    await api.stop()
    with pytest.raises(NoAnswer):
        await anext(client.subscribe("device_commands", {"afterSequence": 0}))


async def test_no_proxy_of_the_machine_is_taken(
    client: GraphQLApi, api: StubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls and subscription go the same way: straight to the address in gateway.json."""
    for name in ("http_proxy", "https_proxy", "socks_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    await client.call("terminals_seen", SEEN, 5.0)
    async with aclosing(client.subscribe("device_commands", {"afterSequence": 7})) as events:
        hearing = asyncio.ensure_future(anext(events))
        await until(lambda: api.subscriptions == [7] or hearing.done(), "the subscription")
        assert not hearing.done()
        hearing.cancel()
        await asyncio.wait([hearing])
