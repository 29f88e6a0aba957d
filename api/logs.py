"""Structured logs: one JSON object a line, facts with ids. What could be a secret does not come out.

Our own lines go straight to standard error; those of libraries take logging's way there, through the same
processors. A payment logs two lines, so what a line costs counts.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, BinaryIO

import orjson
import structlog

HIDDEN = "…"

_SECRET_NAMES = re.compile(
    r"token|authorization|cookie|secret|password|passwd|mac_key|v3_key|private|signature|ticket|openid|^code$"
    r"|payment_code|digits|phone",
    re.IGNORECASE,
)
_SECRET_TEXTS = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JSON web token
    r"|(?<![\w.])91\d{18}(?!\d)"  # a payment code
    r"|(?<!\d)\d{17}[\dXx](?!\d)"  # an ID number
    r"|(?<!\d)1[3-9]\d{9}(?!\d)"  # a phone number
    r"|(?i:bearer)\s+\S+"
    r"|(?<=[?&])(?:access_token|corpsecret|secret|code)=[^&\s\"']+"  # in an address: WeCom's carry them
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
    re.DOTALL,
)


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Values under a secret name, and anything that looks like one, become …"""
    for name, value in event.items():
        event[name] = HIDDEN if value is not None and _is_secret(name) else _clean(value)
    return event


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return _SECRET_NAMES.search(name) is not None


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET_TEXTS.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {
            name: HIDDEN if isinstance(name, str) and _is_secret(name) else _clean(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    return value


def _to_json(event: MutableMapping[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def _to_line(_: Any, __: str, event: MutableMapping[str, Any]) -> bytes:
    return orjson.dumps(event, default=str, option=orjson.OPT_APPEND_NEWLINE)


def _add_name(logger: "_Lines", _: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["logger"] = logger.name
    return event


class _Lines:
    """Writes finished lines, each at once and in one piece, whatever the level that was called."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self._write = stream.write
        self._flush = stream.flush

    def msg(self, line: bytes) -> None:
        self._write(line)
        self._flush()

    debug = info = warning = error = critical = exception = msg


# What we add ourselves comes after `redact` and is not searched.
_REDACTED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.format_exc_info,
    redact,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def set_up(level: int = logging.INFO) -> None:
    """Everything that logs, ours and the libraries', goes to standard error through the same processors."""
    stream = sys.stderr.buffer
    structlog.configure(
        processors=[*_REDACTED, structlog.processors.add_log_level, _add_name, _to_line],
        logger_factory=lambda name="onecard", *_: _Lines(stream, name),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *_REDACTED,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_to_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = name != "uvicorn.access"  # addresses with codes in them; `engine` logs operations
    logging.getLogger("graphql").setLevel(logging.CRITICAL)
    logging.getLogger("strawberry").setLevel(logging.CRITICAL)
