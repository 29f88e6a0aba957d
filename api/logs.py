"""Structured logs: one JSON object a line, facts with ids. What could be a secret does not come out."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

HIDDEN = "…"

_SECRET_NAMES = re.compile(
    r"token|authorization|cookie|secret|password|passwd|mac_key|private|signature|^code$|payment_code|digits|phone",
    re.IGNORECASE,
)
_SECRET_TEXTS = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JSON web token
    r"|(?<![\w.])91\d{18}(?!\d)"  # a payment code
    r"|(?<!\d)\d{17}[\dXx](?!\d)"  # an ID number
    r"|(?<!\d)1[3-9]\d{9}(?!\d)"  # a phone number
    r"|(?i:bearer)\s+\S+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
    re.DOTALL,
)


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Values under a secret name, and anything that looks like one, become …"""
    for name, value in event.items():
        event[name] = HIDDEN if _SECRET_NAMES.search(name) and value is not None else _clean(value)
    return event


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET_TEXTS.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {
            name: HIDDEN if isinstance(name, str) and _SECRET_NAMES.search(name) else _clean(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    return value


def _to_json(event: MutableMapping[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    redact,
]


def set_up(level: int = logging.INFO) -> None:
    """Everything that logs, ours and the libraries', goes to standard error through the same processors."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
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
