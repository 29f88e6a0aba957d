"""Runs prepared documents: within a time, for a caller, counted, and told without our insides."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType, subscribe

from api.callers import Known
from api.errors import UNAVAILABLE_SENTENCE, ErrorCode, present, tell
from api.metrics import ERRORS, LATENCY, OPERATIONS, OUTCOMES
from onecard.actions.parts import Parts
from schema.context import Context
from schema.documents import Documents, Invalid, Prepared

log = structlog.get_logger(__name__)

TIMEOUT_S = 10.0


class Rejected(Exception):
    """A request that does not become an operation: what to tell, and with which HTTP status."""

    def __init__(self, status: int, *errors: dict[str, Any], retry_after_s: int | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.errors = list(errors)
        self.retry_after_s = retry_after_s

    @classmethod
    def because(cls, status: int, code: ErrorCode, sentence: str, request_id: str) -> "Rejected":
        return cls(status, tell(code, sentence, request_id))


def too_many(wait_s: int, request_id: str) -> Rejected:
    sentence = "Too many requests 请求过于频繁."
    told = tell(ErrorCode.RATE_LIMITED, sentence, request_id, retryAfterSeconds=wait_s)
    return Rejected(429, told, retry_after_s=wait_s)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client sent, read from HTTP or from a WebSocket."""

    query: str | None
    document_id: str | None
    variables: dict[str, Any] | None
    operation_name: str | None


_NUL = rb"\u0000"


def read_json(text: str | bytes) -> Any:
    """ValueError for what is no JSON in UTF-8, or holds the one character that PostgreSQL cannot keep."""
    if _NUL in (text if isinstance(text, bytes) else text.encode()):
        raise ValueError("The character U+0000 is not taken.")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError("This is not JSON in UTF-8.") from error


def read_asked(sent: Any) -> Asked:
    """ValueError with a sentence when the parameters are not of the types the specification says."""
    if not isinstance(sent, dict):
        raise ValueError("A request is one JSON object; batches are not taken.")
    query, document_id = sent.get("query"), sent.get("documentId")
    variables, name, more = sent.get("variables"), sent.get("operationName"), sent.get("extensions")
    for parameter, value, wanted in (
        ("query", query, str),
        ("documentId", document_id, str),
        ("operationName", name, str),
        ("variables", variables, dict),
        ("extensions", more, dict),
    ):
        if value is not None and not isinstance(value, wanted):
            raise ValueError(f"{parameter} must be {'an object' if wanted is dict else 'a string'}.")
    if (query is None) == (document_id is None):
        raise ValueError("A request has either documentId or query.")
    return Asked(query, document_id, variables, name or None)


def new_request_id() -> str:
    return secrets.token_hex(8)


class Engine:
    def __init__(self, schema: GraphQLSchema, documents: Documents, parts: Parts) -> None:
        self._schema = schema
        self._documents = documents
        self._parts = parts

    def prepare(self, asked: Asked, known: Known, request_id: str) -> tuple[Prepared, OperationType]:
        """The document asked for and the kind of its operation. Rejected when it must not run."""
        if asked.document_id is not None:
            prepared = self._documents.find(asked.document_id)
            if prepared is None:
                raise Rejected.because(
                    400, ErrorCode.DOCUMENT_UNKNOWN, "No committed document has this hash.", request_id
                )
        elif not known.open_documents:
            raise Rejected.because(
                400,
                ErrorCode.DOCUMENT_REQUIRED,
                "Only committed documents are taken here: send documentId instead of query.",
                request_id,
            )
        else:
            assert asked.query is not None
            try:
                prepared = self._documents.open(asked.query, introspection=True)
            except Invalid as invalid:
                entries = [_told(error, ErrorCode(invalid.code), request_id) for error in invalid.errors]
                raise Rejected(400, *entries) from invalid
        kind = prepared.operation_type(asked.operation_name)
        if kind is None:
            raise Rejected.because(
                400,
                ErrorCode.BAD_USER_INPUT,
                "operationName must name one of the document's operations.",
                request_id,
            )
        return prepared, kind

    async def run(
        self, prepared: Prepared, kind: OperationType, asked: Asked, known: Known, request_id: str
    ) -> dict[str, Any]:
        """Run a query or a mutation to its end: `data` and `errors` as they go to the client.

        Without `data` the request itself was wrong, or it ran out of time.
        """
        context = Context(self._parts, known.caller, request_id)
        started = time.perf_counter()
        name = self._name(prepared, asked)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                result = await prepared.execute(self._schema, context, asked.variables, asked.operation_name)
        except TimeoutError:
            log.warning("timeout", request=request_id, operation=name)
            answer: dict[str, Any] = {
                "errors": [tell(ErrorCode.UNAVAILABLE, UNAVAILABLE_SENTENCE, request_id)]
            }
        else:
            answer = _answer(result, request_id)
        took = time.perf_counter() - started
        errors = answer.get("errors")
        ended = errors[0]["extensions"]["code"] if errors else "OK"
        OPERATIONS.labels(name, kind.value, ended).inc()
        LATENCY.labels(name).observe(took)
        for mutation, outcome in context.outcomes:
            OUTCOMES.labels(mutation, outcome).inc()
        log.info(
            "operation",
            request=request_id,
            operation=name,
            caller=known.subject,
            ended=ended,
            outcomes=[outcome for _, outcome in context.outcomes] or None,
            ms=round(took * 1000, 1),
        )
        return answer

    async def stream(
        self, prepared: Prepared, asked: Asked, known: Known, request_id: str
    ) -> AsyncIterator[dict[str, Any]]:
        """Run a subscription: one answer an event, until the reader closes it."""
        context = Context(self._parts, known.caller, request_id)
        source = subscribe(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
        )
        if not isinstance(source, ExecutionResult) and not hasattr(source, "__aiter__"):
            async with asyncio.timeout(TIMEOUT_S):
                source = await source
        if isinstance(source, ExecutionResult):
            yield {"errors": _answer(source, request_id)["errors"]}
            return
        log.info(
            "subscribed", request=request_id, operation=self._name(prepared, asked), caller=known.subject
        )
        try:
            async for result in source:
                yield _answer(result, request_id)
        finally:
            await source.aclose()

    def _name(self, prepared: Prepared, asked: Asked) -> str:
        """For logs and numbers; names of open documents are the caller's and could be anything."""
        if asked.document_id is None:
            return "open"
        return asked.operation_name or next(iter(prepared.operations)) or "unnamed"


def _answer(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    errors = [present(error, request_id) for error in result.errors or ()]
    for entry in errors:
        ERRORS.labels(entry["extensions"]["code"]).inc()
    if result.data is None and result.errors and not any(error.path for error in result.errors):
        return {"errors": errors}
    return {"errors": errors, "data": result.data} if errors else {"data": result.data}


def _told(error: GraphQLError, code: ErrorCode, request_id: str) -> dict[str, Any]:
    entry = tell(code, error.message, request_id)
    if error.locations:
        entry["locations"] = [location.formatted for location in error.locations]
    return entry
