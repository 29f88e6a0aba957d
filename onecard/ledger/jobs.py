"""What the ledger asks of the worker, in the transaction of the posting: asked if and only if it commits.

Only rare postings enqueue; a payment or a tap never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

QUERY_RECHARGE = "query_recharge"  # {"outTradeNo": …}: ask the provider whether it was paid
QUERY_REFUND = "query_refund"  # {"outRefundNo": …}: ask the provider whether it was paid out
TELL_HOLDER = "tell_holder"  # {"subject": order or refund, "transferId": …}: what became of their money

FIRST_LOOK = timedelta(seconds=30)


async def enqueue(
    connection: Any, name: str, payload: Mapping[str, str], delay: timedelta = timedelta()
) -> None:
    """One job, on the asyncpg connection of the transaction that wants it."""
    await Queries(AsyncpgDriver(connection)).enqueue(name, orjson.dumps(payload), execute_after=delay)
