"""GraphQL over HTTP, as its specification says.

POST takes `application/json` only (a form of another site cannot make it), GET takes queries only. The answer's
media type and status go together: as `application/graphql-response+json` a request that did not become an
operation is 4xx; as `application/json` what was well-formed is 200. One request, one operation.
"""

import asyncio
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import orjson
import structlog
from graphql import OperationType
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import explorer
from api.callers import Callers, Known, Unauthenticated
from api.engine import Asked, Engine, Rejected, new_request_id, read_asked, read_json, too_many
from api.errors import INTERNAL_SENTENCE, UNAVAILABLE_SENTENCE, ErrorCode, is_unavailable, tell
from api.media import GRAPHQL, HTML, JSON, choose, is_json
from api.throttle import Throttle, pace_of
from onecard.rules.access import Dashboard

log = structlog.get_logger(__name__)

LARGEST_BODY = 256 * 1024
BODY_WITHIN_S = 10.0
"""A phone that got as far as the headers sends the few bytes of its request soon, or not at all."""
LONGEST_QUERY_STRING = 16 * 1024
_OFFERED = (GRAPHQL, JSON)
_STATUS = {
    ErrorCode.BAD_USER_INPUT: 400,
    ErrorCode.GRAPHQL_PARSE_FAILED: 400,
    ErrorCode.GRAPHQL_VALIDATION_FAILED: 400,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INTERNAL: 500,
}
_WELL_FORMED = frozenset(
    {ErrorCode.BAD_USER_INPUT, ErrorCode.GRAPHQL_PARSE_FAILED, ErrorCode.GRAPHQL_VALIDATION_FAILED}
)
"""Mistakes inside a request that was itself in order: 200 where the client takes application/json."""


class GraphQLOverHTTP:
    """The ASGI endpoint of /graphql."""

    def __init__(self, engine: Engine, callers: Callers, throttle: Throttle, *, explore: bool) -> None:
        self._engine = engine
        self._callers = callers
        self._throttle = throttle
        self._explore = explore

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._respond(scope, receive)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        request_id = new_request_id()
        headers = Headers(scope=scope)
        method = scope["method"]
        accept = ",".join(headers.getlist("accept"))
        if (
            method == "GET"
            and self._explore
            and not scope["query_string"]
            and choose(accept, (JSON, HTML)) == HTML
        ):
            return explorer.page()
        media = choose(accept, _OFFERED)
        if media is None:
            return self._answer(
                406,
                {"errors": [tell(ErrorCode.BAD_USER_INPUT, f"Answers are {GRAPHQL} or {JSON}.", request_id)]},
                JSON,
                request_id,
            )
        try:
            known, answer = await self._operate(scope, receive, headers, method, request_id)
            _refuse_what_cost_too_much(answer)
        except Rejected as rejected:
            return self._reject(rejected, media, request_id)
        except Exception as error:
            if is_unavailable(error):
                log.warning("unavailable", request=request_id, why=type(error).__name__)
                told = tell(ErrorCode.UNAVAILABLE, UNAVAILABLE_SENTENCE, request_id)
                return self._answer(503, {"errors": [told]}, media, request_id)
            log.exception("bug", request=request_id)
            told = tell(ErrorCode.INTERNAL, INTERNAL_SENTENCE, request_id)
            return self._answer(500, {"errors": [told]}, media, request_id)
        if "data" in answer:
            response = self._answer(200, answer, media, request_id)
            if method == "GET" and isinstance(known.caller, Dashboard):
                return _tagged(response, headers.get("if-none-match", ""))
            return response
        return self._reject(Rejected(_status(answer["errors"]), *answer["errors"]), media, request_id)

    async def _operate(
        self, scope: Scope, receive: Receive, headers: Headers, method: str, request_id: str
    ) -> tuple[Known, dict[str, Any]]:
        """Who asked, and the answer."""
        if method == "POST":
            try:
                async with asyncio.timeout(BODY_WITHIN_S):
                    body = await _body(receive, headers, request_id)
            except TimeoutError as error:
                raise _bad(408, "The request did not arrive in time.", request_id) from error
            asked = _read_body(headers, body, request_id)
        elif method == "GET":
            asked = _read_query_string(scope["query_string"], request_id)
        else:
            raise _bad(405, "Send a POST, or a GET for queries.", request_id)
        try:
            known = await self._callers.find(headers.get("authorization"))
        except Unauthenticated as error:
            raise Rejected.because(
                401, ErrorCode.UNAUTHENTICATED, "The token is not good any more 登录已过期.", request_id
            ) from error
        await self._count(scope, known, request_id)
        prepared, kind = self._engine.prepare(asked, known, request_id)
        if kind is OperationType.SUBSCRIPTION:
            raise _bad(400, "Subscriptions go over the WebSocket, graphql-transport-ws.", request_id)
        if kind is OperationType.MUTATION and method != "POST":
            raise _bad(405, "A mutation needs a POST.", request_id)
        return known, await self._engine.run(prepared, kind, asked, known, request_id)

    async def _count(self, scope: Scope, known: Known, request_id: str) -> None:
        subject = known.subject or (scope.get("client") or ("?",))[0]
        wait_s = await self._throttle.take(pace_of(known.caller), subject)
        if wait_s is not None:
            raise too_many(wait_s, request_id)

    def _reject(self, rejected: Rejected, media: str, request_id: str) -> Response:
        status = rejected.status
        codes = {error["extensions"]["code"] for error in rejected.errors}
        if media == JSON and status == 400 and codes <= _WELL_FORMED and not _malformed(rejected):
            status = 200
        response = self._answer(status, {"errors": rejected.errors}, media, request_id)
        if status == 405:
            response.headers["allow"] = "GET, POST"
        if status == 408:
            response.headers["connection"] = "close"
        if status == 401:
            response.headers["www-authenticate"] = 'Bearer realm="onecard"'
        if rejected.retry_after_s is not None:
            response.headers["retry-after"] = str(rejected.retry_after_s)
        return response

    def _answer(self, status: int, answer: dict[str, Any], media: str, request_id: str) -> Response:
        return Response(
            orjson.dumps(answer),
            status,
            {
                "content-type": f"{media}; charset=utf-8",
                "cache-control": "no-store",
                "x-request-id": request_id,
            },
        )


class _Malformed(Rejected):
    """Not a GraphQL request at all: 400 whatever the client accepts."""


def _malformed(rejected: Rejected) -> bool:
    return isinstance(rejected, _Malformed)


def _bad(status: int, sentence: str, request_id: str) -> Rejected:
    return _Malformed.because(status, ErrorCode.BAD_USER_INPUT, sentence, request_id)


def _refuse_what_cost_too_much(answer: dict[str, Any]) -> None:
    """A dashboard that was told to wait within its answer is told so by HTTP, too."""
    errors = answer.get("errors") or []
    if errors and not answer.get("data") and errors[0]["extensions"]["code"] == ErrorCode.RATE_LIMITED:
        raise Rejected(429, *errors, retry_after_s=errors[0]["extensions"]["retryAfterSeconds"])


def _tagged(response: Response, known: str) -> Response:
    """The answer with its ETag; 304 without a body where the dashboard has the same already (RFC 9110, 13.1.2)."""
    media = response.headers["content-type"]
    tag = f'"{sha256(media.encode() + bytes(response.body)).hexdigest()[:32]}"'
    response.headers["cache-control"] = "private, no-cache"
    response.headers["vary"] = "Accept, Authorization"
    response.headers["etag"] = tag
    if not {"*", tag, f"W/{tag}"}.isdisjoint(one.strip() for one in known.split(",")):
        kept = ("cache-control", "etag", "vary", "x-request-id")
        return Response(status_code=304, headers={name: response.headers[name] for name in kept})
    return response


def _status(errors: list[dict[str, Any]]) -> int:
    return max(_STATUS.get(ErrorCode(error["extensions"]["code"]), 400) for error in errors)


async def _body(receive: Receive, headers: Headers, request_id: str) -> bytes:
    """The whole body; 413 as soon as it is known to be too large."""
    if not is_json(headers.get("content-type", "")):
        raise _bad(415, "The content-type must be application/json, in UTF-8.", request_id)
    if headers.get("content-encoding", "identity") != "identity":
        raise _bad(415, "Send the body as it is, not compressed.", request_id)
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > LARGEST_BODY:
        raise _bad(413, f"A request has at most {LARGEST_BODY} bytes.", request_id)
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _bad(400, "The connection ended before the request did.", request_id)
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise _bad(413, f"A request has at most {LARGEST_BODY} bytes.", request_id)
        if not message.get("more_body"):
            return body


def _read_body(headers: Headers, body: bytes, request_id: str) -> Asked:
    try:
        return read_asked(read_json(body))
    except ValueError as error:
        raise _bad(400, str(error), request_id) from error


def _read_query_string(text: bytes, request_id: str) -> Asked:
    if len(text) > LONGEST_QUERY_STRING:
        raise _bad(414, "The address is too long; send a POST.", request_id)
    try:
        given = _parameters(text)
        sent: dict[str, Any] = {}
        for name, values in given.items():
            if len(values) > 1 or "\x00" in values[0]:
                raise ValueError(f"{name} stands twice in the address, or holds U+0000.")
            sent[name] = read_json(values[0]) if name in ("variables", "extensions") else values[0]
        return read_asked(sent)
    except ValueError as error:
        raise _bad(400, str(error), request_id) from error


def _parameters(text: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(text.decode("ascii"), strict_parsing=bool(text), errors="strict")
    except ValueError as error:  # whose sentences are about Python
        raise ValueError("The address has its parameters as name=value, in UTF-8.") from error
