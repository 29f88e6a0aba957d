"""One answer for every part that did not answer: SERVICE_UNAVAILABLE, which is never stored under an id."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from tortoise.exceptions import DBConnectionError

from onecard.ledger import attempts
from onecard.ledger.receipts import LedgerUnavailable
from onecard.outside.code_store import CodeStoreUnavailable
from onecard.outside.providers import ProviderUnavailable
from onecard.outside.rate_limits import LimitsUnavailable
from onecard.rules.refusals import Refusal, RefusalCode

log = structlog.get_logger(__name__)

DATABASE_AWAY = (DBConnectionError, *attempts.DATABASE_AWAY)
AWAY = (LedgerUnavailable, CodeStoreUnavailable, LimitsUnavailable, ProviderUnavailable, *DATABASE_AWAY)


@asynccontextmanager
async def or_unavailable() -> AsyncIterator[None]:
    """Around (or, as a decorator, over) what asks the database, Redis or a provider."""
    try:
        yield
    except AWAY as problem:
        log.warning("unavailable", problem=type(problem).__name__, detail=str(problem))
        raise Refusal(RefusalCode.SERVICE_UNAVAILABLE) from problem
