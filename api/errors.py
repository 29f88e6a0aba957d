"""What a caller is told when something went wrong: a stable code, a sentence, a request id; never our insides.

Mistakes of the caller keep their sentence. What we did not foresee is logged under the request id and told as
INTERNAL; a part that does not answer is UNAVAILABLE, which stored nothing final: send the same ids again.
"""

from enum import StrEnum
from typing import Any

import structlog
from graphql import GraphQLError
from redis.exceptions import RedisError

from onecard.actions.outages import AWAY
from onecard.rules.refusals import Refusal, RefusalCode

log = structlog.get_logger(__name__)


class ErrorCode(StrEnum):
    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    DOCUMENT_UNKNOWN = "DOCUMENT_UNKNOWN"
    DOCUMENT_REQUIRED = "DOCUMENT_REQUIRED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


_UNAVAILABLE = (*AWAY, RedisError)
UNAVAILABLE_SENTENCE = (
    "A part of the service does not answer now 服务暂不可用. Send the same request again, with the same ids."
)
INTERNAL_SENTENCE = "Something broke on our side 系统出错. The request id finds it in our log."


def is_unavailable(error: BaseException | None) -> bool:
    """Is it a part that does not answer (and may answer again), rather than a bug?"""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, _UNAVAILABLE):
            return True
        if isinstance(error, Refusal) and error.code is RefusalCode.SERVICE_UNAVAILABLE:
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False


def tell(code: ErrorCode, sentence: str, request_id: str, **more: Any) -> dict[str, Any]:
    """An entry of `errors` that we made ourselves."""
    return {"message": sentence, "extensions": {"code": code.value, "requestId": request_id, **more}}


def present(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """An entry of `errors` for what happened while executing. Bugs are logged here, and masked."""
    known = _code_of(error)
    if known is not None:
        entry = _entry(error, error.message, known, request_id)
        if known is ErrorCode.RATE_LIMITED:
            entry["extensions"]["retryAfterSeconds"] = (error.extensions or {}).get("retryAfterSeconds")
        return entry
    if is_unavailable(error.original_error):
        log.warning("unavailable", request=request_id, path=_path(error), why=_kind(error.original_error))
        return _entry(error, UNAVAILABLE_SENTENCE, ErrorCode.UNAVAILABLE, request_id)
    log.error("bug", request=request_id, path=_path(error), exc_info=error.original_error or error)
    return _entry(error, INTERNAL_SENTENCE, ErrorCode.INTERNAL, request_id)


def _code_of(error: GraphQLError) -> ErrorCode | None:
    """The code an error already carries; a wrong variable or argument is the caller's mistake."""
    step: BaseException | None = error
    while isinstance(step, GraphQLError):
        code = (step.extensions or {}).get("code")
        if isinstance(code, str) and code in ErrorCode.__members__:
            return ErrorCode(code)
        if step.original_error is None:
            # Made by graphql-core itself. With a path it is about a value that we returned: our bug.
            return None if step.path else ErrorCode.BAD_USER_INPUT
        step = step.original_error
    return None


def _entry(error: GraphQLError, sentence: str, code: ErrorCode, request_id: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"message": sentence}
    if error.locations:
        entry["locations"] = [location.formatted for location in error.locations]
    if error.path:
        entry["path"] = list(error.path)
    entry["extensions"] = {"code": code.value, "requestId": request_id}
    return entry


def _path(error: GraphQLError) -> str:
    return ".".join(map(str, error.path or ()))


def _kind(error: BaseException | None) -> str:
    return type(error).__name__
