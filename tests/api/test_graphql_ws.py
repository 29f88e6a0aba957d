"""graphql-transport-ws on a real socket: greeting, subscriptions, limits, and every way it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import websockets
from starlette.websockets import WebSocketState
from support.campus import OWN_TERMINAL, Campus, Device, trust
from support.serving import serving
from support.waiting import until
from websockets.asyncio.client import ClientConnection

from api import graphql_ws, throttle
from api.throttle import Pace

BALANCE = "subscription { accountChanged { balance transitionBalance } }"
COMMANDS = (
    "subscription ($after: Int! = 0) { deviceCommands(afterSequence: $after) { sequence device operation } }"
)
PATIENCE_S = 10


class Client:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        """The next message that is no ping."""
        while True:
            async with asyncio.timeout(PATIENCE_S):
                message = json.loads(await self.socket.recv())
            if message["type"] != "ping":
                return message

    async def closed(self) -> tuple[int | None, str | None]:
        async with asyncio.timeout(PATIENCE_S):
            await self.socket.wait_closed()
        return self.socket.close_code, self.socket.close_reason

    async def greet(self, authorization: str) -> None:
        await self.say(type="connection_init", payload={"authorization": authorization})
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, id: str, query: str, **variables: Any) -> None:
        await self.say(type="subscribe", id=id, payload={"query": query, "variables": variables})


@asynccontextmanager
async def dial(
    address: str, *, protocol: str = "graphql-transport-ws", origin: str | None = None
) -> AsyncIterator[Client]:
    async with websockets.connect(
        f"ws://{address}/graphql", subprotocols=[protocol], origin=origin, proxy=None
    ) as socket:
        yield Client(socket)


@pytest.fixture
async def address(campus: Campus) -> AsyncIterator[str]:
    async with serving(campus.app) as served:
        yield served


def bearer(campus: Campus, who: str | Device) -> str:
    return campus.bearer(who)["authorization"]


async def test_a_change_of_the_account_is_told(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        await client.subscribe("1", BALANCE)
        first = await client.hear()
        assert first == {
            "type": "next",
            "id": "1",
            "payload": {"data": {"accountChanged": {"balance": "0.00", "transitionBalance": "0.00"}}},
        }
        await campus.top_up("student", 5000)
        campus.parts.events.account_changed(campus.people["student"].account_id)
        assert (await client.hear())["payload"]["data"]["accountChanged"]["balance"] == "50.00"
        await campus.pay("12.50")
        assert (await client.hear())["payload"]["data"]["accountChanged"]["balance"] == "37.50"


async def test_nobody_hears_of_another_s_account(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "other"))
        await client.subscribe("1", BALANCE)
        await client.hear()
        await campus.top_up("student", 5000)
        campus.parts.events.account_changed(campus.people["student"].account_id)
        await campus.top_up("other", 100)
        campus.parts.events.account_changed(campus.people["other"].account_id)
        assert (await client.hear())["payload"]["data"]["accountChanged"]["balance"] == "1.00"


async def test_a_gateway_gets_its_commands_missed_and_new(campus: Campus, address: str) -> None:
    async def stop(state: str) -> None:
        data = await campus.data(
            """mutation ($input: TerminalSetStateInput!) { terminalSetState(input: $input) { __typename } }""",
            {
                "input": {
                    "id": f"set-{state}-0001",
                    "terminal": campus.gateway.terminal_id,
                    "state": state,
                    "reason": "坏了",
                }
            },
            who="operator",
        )
        assert data["terminalSetState"]["__typename"] == "TerminalStateSet"

    await stop("STOPPED")
    async with dial(address) as client, dial(address) as other:
        await client.greet(bearer(campus, campus.gateway))
        await other.greet(bearer(campus, campus.other_gateway))
        await client.subscribe("1", COMMANDS)
        await other.subscribe("1", COMMANDS)
        first = (await client.hear())["payload"]["data"]["deviceCommands"]
        assert first == {"sequence": 1, "device": OWN_TERMINAL, "operation": "TERMINAL_STOP"}
        await stop("IN_SERVICE")
        second = (await client.hear())["payload"]["data"]["deviceCommands"]
        assert (second["sequence"], second["operation"]) == (2, "TERMINAL_START")
        async with dial(address) as again:
            await again.greet(bearer(campus, campus.gateway))
            await again.subscribe("1", COMMANDS, after=1)
            assert (await again.hear())["payload"]["data"]["deviceCommands"]["sequence"] == 2
        await other.say(type="ping")
        assert await other.hear() == {"type": "pong"}, "another gateway's commands are not told"


@pytest.mark.parametrize(
    ("who", "query", "code"),
    [
        ("unbound", BALANCE, "FORBIDDEN"),
        ("gateway", BALANCE, "FORBIDDEN"),
        ("student", COMMANDS, "FORBIDDEN"),
        ("operator", COMMANDS, "FORBIDDEN"),
        ("student", "subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_is_not_theirs_is_an_error(
    campus: Campus, address: str, who: str, query: str, code: str
) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, campus.gateway if who == "gateway" else who))
        await client.subscribe("1", query)
        message = await client.hear()
        assert (message["type"], message["id"]) == ("error", "1")
        assert message["payload"][0]["extensions"]["code"] == code


async def test_queries_and_mutations_too(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        await client.subscribe("q", "{ me { number } }")
        assert (await client.hear())["payload"] == {"data": {"me": {"number": "2002001"}}}
        assert await client.hear() == {"type": "complete", "id": "q"}
        await client.subscribe("m", "mutation { paymentCodeIssue { __typename } }")
        assert (await client.hear())["payload"]["data"]["paymentCodeIssue"][
            "__typename"
        ] == "PaymentCodeIssued"


async def test_trusted_documents_only_in_production(production: Campus) -> None:
    document_id = trust(production, BALANCE)
    async with serving(production.app) as address, dial(address) as client:
        await client.greet(bearer(production, "student"))
        await client.subscribe("1", BALANCE)
        assert (await client.hear())["payload"][0]["extensions"]["code"] == "DOCUMENT_REQUIRED"
        await client.say(type="subscribe", id="2", payload={"documentId": document_id})
        assert (await client.hear())["payload"]["data"]["accountChanged"]["balance"] == "0.00"


async def test_the_token_comes_in_the_greeting(campus: Campus, address: str) -> None:
    for payload in (None, {}, {"authorization": 5}, {"authorization": "Bearer x"}, {"authorization": ""}):
        async with dial(address) as client:
            await client.say(type="connection_init", payload=payload)
            assert (await client.closed())[0] == 4403


async def test_nothing_before_the_greeting(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.subscribe("1", BALANCE)
        assert (await client.closed())[0] == 4401


async def test_whoever_does_not_greet_is_closed(
    campus: Campus, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphql_ws, "INIT_WITHIN_S", 0.05)
    async with dial(address) as client:
        assert (await client.closed())[0] == 4408


async def test_greeting_twice_ends_it(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        await client.say(type="connection_init", payload={})
        assert (await client.closed())[0] == 4429


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "5", '{"type": "start"}', '{"type": "subscribe", "payload": {}}']
)
async def test_what_is_no_message_ends_it(campus: Campus, address: str, text: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        await client.socket.send(text)
        assert (await client.closed())[0] == 4400


async def test_one_id_one_operation(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        await client.subscribe("1", BALANCE)
        await client.hear()
        await client.subscribe("1", BALANCE)
        assert (await client.closed())[0] == 4409


@pytest.mark.parametrize("id", ["x" * 100, "码" * 100])
async def test_a_long_id_twice_is_told_as_far_as_a_close_frame_goes(
    campus: Campus, address: str, id: str
) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        await client.subscribe(id, BALANCE)
        await client.subscribe(id, BALANCE)
        code, reason = await client.closed()
        assert code == 4409
        assert reason is not None
        assert reason.startswith(f"Subscriber for {id[:30]}")


async def test_a_completed_id_is_free_again(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        for _ in range(3):
            await client.subscribe("1", BALANCE)
            assert (await client.hear())["type"] == "next"
            await client.say(type="complete", id="1")


async def test_subscriptions_have_a_bound(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        for number in range(graphql_ws.MOST_SUBSCRIPTIONS):
            await client.subscribe(str(number), BALANCE)
            assert (await client.hear())["type"] == "next"
        await client.subscribe("one more", BALANCE)
        message = await client.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")


async def test_a_person_s_connections_have_a_bound(
    campus: Campus, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphql_ws, "MOST_CONNECTIONS", 2)
    async with dial(address) as one, dial(address) as two, dial(address) as three:
        await one.greet(bearer(campus, "student"))
        await two.greet(bearer(campus, "student"))
        await three.say(type="connection_init", payload={"authorization": bearer(campus, "student")})
        assert await three.closed() == (4429, "Too many connections")
        async with dial(address) as other:
            await other.greet(bearer(campus, "other"))


class Stalled:
    """A socket whose other side says hello and a thing or two, and then reads nothing any more."""

    def __init__(self, *said: dict[str, Any]) -> None:
        self.application_state = WebSocketState.CONNECTED
        self.headers: dict[str, str] = {}
        self.scope = {"subprotocols": ["graphql-transport-ws"]}
        self._said = [json.dumps(message) for message in said]
        self._sent = 0

    async def accept(self, protocol: str) -> None:
        pass

    async def receive_text(self) -> str:
        if self._said:
            return self._said.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send_text(self, text: str) -> None:
        self._sent += 1
        if self._sent > 1:  # the ack still went into the buffers
            await asyncio.Event().wait()

    async def close(self, code: int, reason: str) -> None:
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    "said",
    [
        [],
        [{"type": "subscribe", "id": "1", "payload": {"query": "{ me { number } }"}}],
        [{"type": "ping"}],
        [{"type": "connection_init"}],
    ],
    ids=["our ping", "an answer", "our pong", "our goodbye"],
)
async def test_a_reader_that_stops_reading_is_left_and_does_not_outlive_its_token(
    campus: Campus, monkeypatch: pytest.MonkeyPatch, said: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(graphql_ws, "PING_EVERY_S", 0.05)
    monkeypatch.setattr(graphql_ws, "SEND_WITHIN_S", 0.1)
    hello = {"type": "connection_init", "payload": {"authorization": bearer(campus, "student")}}
    async with asyncio.timeout(PATIENCE_S):
        await campus.house.socket(Stalled(hello, *said))
    assert not campus.house.socket._open


async def test_the_socket_ends_with_its_token(
    campus: Campus, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    campus.clock.offset = -timedelta(minutes=10) + timedelta(seconds=1)
    token = bearer(campus, "student")
    async with dial(address) as client:
        await client.greet(token)
        assert await client.closed() == (4401, "Token expired")


async def test_too_many_operations_are_told_the_seconds_to_wait(
    campus: Campus, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "PEOPLE", Pace("few", 1, 60))
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        await client.subscribe("1", "{ me { number } }")
        assert [(await client.hear())["type"] for _ in range(2)] == ["next", "complete"]
        await client.subscribe("2", "{ me { number } }")
        message = await client.hear()
        assert (message["type"], message["id"]) == ("error", "2")
        (told,) = message["payload"]
        assert told["extensions"]["code"] == "RATE_LIMITED"
        assert 0 < told["extensions"]["retryAfterSeconds"] <= 60


async def shut_out(campus: Campus) -> None:
    await campus.parts.database.execute_query(
        "UPDATE gateway SET revoked_at = now() WHERE id = $1", [campus.gateway.gateway_id]
    )
    campus.parts.registry._gateways.clear()  # what it kept for three seconds


async def test_a_gateway_that_is_revoked_is_cut_off_while_it_listens(
    campus: Campus, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphql_ws, "PING_EVERY_S", 0.05)
    async with dial(address) as client:
        await client.greet(bearer(campus, campus.gateway))
        await client.subscribe("1", COMMANDS)
        await shut_out(campus)
        assert await client.closed() == (4401, "Unauthorized")


async def test_a_gateway_that_is_revoked_asks_nothing_more(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, campus.gateway))
        await shut_out(campus)
        await client.subscribe("1", "{ terminals { number } }")
        assert await client.closed() == (4401, "Unauthorized")


async def test_a_role_ends_on_an_open_socket_too(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "operator"))
        await client.subscribe("1", "{ terminals { number } }")
        assert "errors" not in (await client.hear())["payload"]
        assert (await client.hear())["type"] == "complete"
        await campus.parts.database.execute_query(
            "UPDATE person SET roles = '{}' WHERE id = $1", [campus.people["operator"].person_id]
        )
        campus.parts.registry._callers.clear()
        await client.subscribe("2", "{ terminals { number } }")
        (told,) = (await client.hear())["payload"]["errors"]
        assert told["extensions"]["code"] == "FORBIDDEN"


async def test_it_pings_and_answers_pings(
    campus: Campus, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphql_ws, "PING_EVERY_S", 0.05)
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        async with asyncio.timeout(PATIENCE_S):
            assert json.loads(await client.socket.recv()) == {"type": "ping"}
        await client.say(type="ping")
        assert await client.hear() == {"type": "pong"}


async def test_another_protocol_is_not_spoken(campus: Campus, address: str) -> None:
    async with dial(address, protocol="graphql-ws") as client:
        assert (await client.closed())[0] == 4406


async def test_another_site_s_page_is_turned_away(campus: Campus, address: str) -> None:
    for origin in ("https://evil.example", "null", "http://["):
        with pytest.raises(websockets.InvalidStatus) as turned_away:
            async with dial(address, origin=origin):
                pass
        assert turned_away.value.response.status_code == 403, origin
    async with dial(address, origin=f"http://{address}") as client:
        await client.greet(bearer(campus, "student"))


async def test_a_reader_that_leaves_leaves_nothing_behind(campus: Campus, address: str) -> None:
    before = len(asyncio.all_tasks())
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        await client.subscribe("1", BALANCE)
        await client.hear()
    await until(lambda: not campus.house.socket._open, "the connection to be forgotten")
    await until(lambda: len(asyncio.all_tasks()) <= before, "its tasks to end")


async def test_a_restart_is_told(campus: Campus, address: str) -> None:
    async with dial(address) as client:
        await client.greet(bearer(campus, "student"))
        await campus.house.aclose()
        assert (await client.closed())[0] == 1012
