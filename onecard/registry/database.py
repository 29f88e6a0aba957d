"""Transactions on the connection that was handed in, wherever the task came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient, TransactionContext


def transaction(database: BaseDBAsyncClient) -> TransactionContext:
    """`async with transaction(database) as connection`: commits at the end, rolls back on an exception."""
    return database._in_transaction()
