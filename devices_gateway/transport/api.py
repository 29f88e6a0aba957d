"""Asks the API by document id. Every failure says whether the request may have acted."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import aiohttp
from gql import GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError, TransportServerError
from gql.transport.websockets import WebsocketsTransport
from graphql import ExecutionResult

from devices_gateway.transport.documents import Document, documents
from devices_gateway.transport.token import TokenSource

MAX_CONNECTIONS = 64  # to the API, kept alive; protects the API from one gateway
# Shorter than a proxy's 60: we close first, so that a request is not lost on a closing one.
KEEP_ALIVE_S = 30.0
CONNECT_TIMEOUT_S = 3.0
MAX_WS_MESSAGE_BYTES = 64 * 1024  # a command is under 1 kB
WS_PING_S = 20.0
TOKEN_MARGIN_S = 30.0
CLOCK_TOLERANCE_S = 25.0  # the API takes a token from 30 s ahead of its clock; Date has whole seconds

logging.getLogger("gql").setLevel(logging.WARNING)  # its debug level prints variables, payment codes included


class ApiError(Exception):
    """A call without a usable answer."""

    may_have_acted = True
    is_about_this_call = False  # true: the API works, and this call is what it cannot take


class Unreachable(ApiError):
    """Nobody took the connection: nothing was sent."""

    may_have_acted = False


class NoAnswer(ApiError):
    """Sent, or partly; then a time-out, a cut, or 5xx."""


class Unauthorized(ApiError):
    """The API does not know us (now): nothing was done."""

    may_have_acted = False


class TooFast(ApiError):
    """The API asks us to slow down: nothing was done."""

    may_have_acted = False


class BadRequest(ApiError):
    """The API understood the request and will not run it: an unknown document, a malformed variable."""

    may_have_acted = False
    is_about_this_call = True


class Failed(ApiError):
    """Running it ended in a GraphQL error."""

    is_about_this_call = True


class Api(Protocol):
    """What sessions, outbox and commands ask."""

    successes: int  # answers since the start
    clock_ahead_s: float  # of the API's, when that may be why it does not know us; else 0

    async def call(self, document: str, variables: Mapping[str, Any], timeout_s: float) -> dict[str, Any]: ...

    def subscribe(self, document: str, variables: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]: ...


class GraphQLApi:
    """The real one, by gql's transports. `async with` it."""

    def __init__(
        self, url: str, subscription_url: str, token: TokenSource, tls: ssl.SSLContext | None = None
    ) -> None:
        """`tls`: whom to trust and what to show; None: the system's own."""
        self._token = token
        self._tls = tls
        self._subscription_url = subscription_url
        self._http = _HTTPTransport(
            url,
            headers={"Accept": "application/graphql-response+json, application/json;q=0.9"},
            client_session_args={"cookie_jar": aiohttp.DummyCookieJar()},
        )
        self.successes = 0
        self.clock_ahead_s = 0.0

    async def __aenter__(self) -> GraphQLApi:
        connector = aiohttp.TCPConnector(
            limit=MAX_CONNECTIONS, keepalive_timeout=KEEP_ALIVE_S, ssl=self._tls or True
        )
        assert self._http.client_session_args is not None
        self._http.client_session_args["connector"] = connector
        await self._http.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def call(self, document: str, variables: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        """The `data` of the answer; ApiError otherwise."""
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(CONNECT_TIMEOUT_S, timeout_s))
        extra = {
            "headers": {"Authorization": self._token.bearer()},
            "timeout": timeout,
            "allow_redirects": False,  # a payment code goes to the address we were given, or nowhere
        }
        try:
            result = await self._http.execute(_Trusted(documents()[document], variables), extra_args=extra)
        except TransportServerError as error:
            raise self._for_status(error.code, str(error)) from error
        except TransportError as error:
            cause = error.__cause__
            if isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
                raise Unreachable(str(cause)) from error
            raise NoAnswer(type(cause or error).__name__) from error
        if result.errors or not isinstance(result.data, dict):
            raise self._for_errors(_codes(result))
        self.successes += 1
        self.clock_ahead_s = 0.0
        return result.data

    async def subscribe(self, document: str, variables: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """The `data` of each event until the token runs out, then ends; ApiError when the line drops.

        Subscribing again is the caller's: a dropped line has lost events.
        """
        transport = WebsocketsTransport(
            self._subscription_url,
            init_payload={"authorization": self._token.bearer()},
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            connect_timeout=CONNECT_TIMEOUT_S,
            ack_timeout=CONNECT_TIMEOUT_S,
            close_timeout=CONNECT_TIMEOUT_S,
            ping_interval=WS_PING_S,
            connect_args={"max_size": MAX_WS_MESSAGE_BYTES, "proxy": None},  # straight, as the calls go
            ssl=self._tls or False,  # False: as the address says, by the system's own
        )
        ends_s = self._token.expires_s - TOKEN_MARGIN_S
        try:
            try:
                await transport.connect()
            except (TransportError, TimeoutError):
                self._token.forget()  # a refused token looks like any other close
                raise
            async with aclosing(transport.subscribe(_Trusted(documents()[document], variables))) as events:
                while (left_s := self._token.seconds_until(ends_s)) > 0:
                    try:
                        async with asyncio.timeout(left_s):
                            result = await anext(events)
                    except TimeoutError:
                        return
                    if result.errors or not isinstance(result.data, dict):
                        raise self._for_errors(_codes(result))
                    self.successes += 1
                    yield result.data
        except StopAsyncIteration:
            raise NoAnswer("the API ended the subscription") from None
        except (TransportError, TimeoutError, OSError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        finally:
            await transport.close()

    def _for_status(self, status: int | None, reason: str) -> ApiError:
        if status in (401, 403):
            return self._unauthorized(reason)
        if status == 429:
            return TooFast(reason)
        if status is not None and 300 <= status < 500 and status != 408:
            return BadRequest(reason)
        return NoAnswer(reason)

    def _for_errors(self, codes: list[str]) -> ApiError:
        """GraphQL errors by `extensions.code`; one that we do not know may be anything."""
        told = ", ".join(codes) or "no data"
        if _UNAVAILABLE in codes:  # some part behind the API: it may have got there
            return NoAnswer(told)
        kinds = {_NOT_RUN.get(code, Failed) for code in codes} or {Failed}
        if kinds == {Unauthorized}:
            return self._unauthorized(told)
        return kinds.pop()(told) if len(kinds) == 1 else Failed(told)

    def _unauthorized(self, reason: str) -> Unauthorized:
        """Its usual reason is a clock that is off, which the API does not say: a token is dated."""
        self._token.forget()
        try:
            ahead_s = -self._token.seconds_until(parsedate_to_datetime(self._http.date).timestamp())
        except ValueError:  # it does not tell the time
            ahead_s = 0.0
        self.clock_ahead_s = ahead_s if abs(ahead_s) > CLOCK_TOLERANCE_S else 0.0
        return Unauthorized(f"{reason}; {about_clock(ahead_s)}" if self.clock_ahead_s else reason)


def about_clock(ahead_s: float) -> str:
    return f"this machine's clock is {abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} the API's"


class _Trusted(GraphQLRequest):
    """Goes over the wire as its document's id: `{"documentId": "sha256:…", "variables": {…}}`."""

    def __init__(self, document: Document, variables: Mapping[str, Any]) -> None:
        super().__init__(document.parsed, variable_values=dict(variables))
        self._id = document.id

    @property
    def payload(self) -> dict[str, Any]:
        return {"documentId": self._id, "variables": self.variable_values or {}}


class _HTTPTransport(AIOHTTPTransport):
    """gql reads a GraphQL error of any status as a result; the status says whether anything ran."""

    date = ""  # as the last answer tells the API's time

    async def _prepare_result(self, response: aiohttp.ClientResponse) -> ExecutionResult:
        self.date = response.headers.get("Date", "")
        if response.status >= 300:
            raise TransportServerError(f"HTTP {response.status}", response.status)
        return await super()._prepare_result(response)


_UNAVAILABLE = "UNAVAILABLE"
_NOT_RUN: Mapping[str, type[ApiError]] = {
    "UNAUTHENTICATED": Unauthorized,
    "FORBIDDEN": Unauthorized,
    "RATE_LIMITED": TooFast,
    "BAD_USER_INPUT": BadRequest,
    "DOCUMENT_UNKNOWN": BadRequest,
    "DOCUMENT_REQUIRED": BadRequest,
    "GRAPHQL_PARSE_FAILED": BadRequest,
    "GRAPHQL_VALIDATION_FAILED": BadRequest,
}


def _codes(result: ExecutionResult) -> list[str]:
    """What the errors are called, without their messages (which may quote variables)."""
    errors: Any = result.errors
    return [_code(error) for error in errors] if isinstance(errors, list) else []


def _code(error: Any) -> str:
    """What came over the wire may be anything: "?" then."""
    try:
        return str(error["extensions"]["code"])
    except (KeyError, TypeError, IndexError):
        return "?"
