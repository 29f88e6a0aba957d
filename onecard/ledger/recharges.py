"""Recharge orders: what a person wants to pay in, before any money moved; and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from onecard.ledger.attempts import attempt
from onecard.ledger.jobs import FIRST_LOOK, QUERY_RECHARGE, enqueue
from onecard.ledger.keys import CallerKey
from onecard.ledger.receipts import raise_refused
from onecard.rules.ids import new_id
from onecard.rules.kinds import DeclineReason, RechargeMethod, RechargeState, WalletType
from onecard.rules.refusals import Refusal

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True, slots=True)
class RechargeOrder:
    """`refunded_fen`: asked for or done. `transfer_id`: the line of the bill that credited it. `prepay_id`: what the
    provider knows it by before it is paid; of a bank card, its own id. `declined`: why it FAILED, where said."""

    id: str
    account_id: str
    amount_fen: int
    wallet_type: WalletType
    method: RechargeMethod
    state: RechargeState
    out_trade_no: str
    prepay_id: str | None
    ordered_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    credited_at: datetime | None
    closed_at: datetime | None
    failed_at: datetime | None
    refunded_at: datetime | None
    transaction_id: str | None
    refunded_fen: int
    transfer_id: int | None
    declined: DeclineReason | None
    position: int  # of a page: newer ones are greater


ORDER_COLUMNS = (
    "id, account_id, amount_fen, wallet_type, method, state, out_trade_no, prepay_id, ordered_at, "
    "expires_at, paid_at, credited_at, closed_at, failed_at, refunded_at, transaction_id, refunded_fen, "
    "transfer_id, declined, position"
)


def read_order(row: Mapping[str, Any]) -> RechargeOrder:
    """A row of ORDER_COLUMNS."""
    values = dict(row)
    return RechargeOrder(
        **values
        | {
            "wallet_type": WalletType(values["wallet_type"]),
            "method": RechargeMethod(values["method"]),
            "state": RechargeState(values["state"]),
            "declined": read_declined(values["declined"]),
        }
    )


def read_declined(text: str | None) -> DeclineReason | None:
    return None if text is None else DeclineReason(text)


class Recharges:
    """Orders are written here and nowhere else; only `Book.credit_recharge` credits them."""

    def __init__(self, database: BaseDBAsyncClient) -> None:
        self._database = database

    async def create_order(
        self,
        key: CallerKey,
        account_id: str,
        amount_fen: int,
        wallet_type: WalletType,
        method: RechargeMethod,
        expires_at: datetime,
        *,
        refuse: Refusal | None = None,
    ) -> tuple[RechargeOrder, bool]:
        """The order and whether it is a replay. Asks the worker, in the same transaction, to look after it.

        `refuse`: a decision made before (hours, amount, type), stored under the key unless it has a result.
        Refuses ACCOUNT_CLOSED; frozen accounts may recharge.
        """
        order_id = new_id("rch")
        out_trade_no = order_id.removeprefix("rch_")

        async def create(connection: Any) -> Mapping[str, Any]:
            async with connection.transaction():
                row: Mapping[str, Any] = await connection.fetchrow(
                    "SELECT * FROM ledger_create_recharge($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    key.text,
                    key.body,
                    refuse.stored() if refuse else None,
                    order_id,
                    out_trade_no,
                    account_id,
                    amount_fen,
                    wallet_type,
                    method,
                    expires_at,
                )
                if row["outcome"] == "ORDERED":
                    await enqueue(connection, QUERY_RECHARGE, {"outTradeNo": out_trade_no}, FIRST_LOOK)
                return row

        row = await attempt(self._database, create)
        raise_refused(row)
        order = await self._order("id = $1", row["subject"])
        assert order is not None
        return order, row["outcome"] == "REPLAYED"

    async def has_result(self, key: CallerKey) -> bool:
        """Does this key have an order or a stored refusal, whatever was asked under it?"""

        async def ask(connection: Any) -> bool:
            return bool(
                await connection.fetchval(
                    "SELECT EXISTS (SELECT 1 FROM posting_key WHERE key = $1)", key.text
                )
            )

        return await attempt(self._database, ask)

    async def find_order(self, out_trade_no: str) -> RechargeOrder | None:
        return await self._order("out_trade_no = $1", out_trade_no)

    async def set_prepay(self, order_id: str, prepay_id: str) -> RechargeOrder | None:
        """Remembers the provider's id of an unpaid order; None when it is unpaid no more."""
        return await self._change(order_id, "prepay_id = $2", prepay_id)

    async def close_order(self, order_id: str, at: datetime) -> RechargeOrder | None:
        """The provider says nobody will pay it any more. A payment that comes after all is still credited."""
        return await self._change(order_id, "state = 'CLOSED', closed_at = $2", at)

    async def backdate_order(self, order_id: str, ordered_at: datetime) -> RechargeOrder | None:
        """For orders loaded from another system: when they were made there."""
        return await self._change(order_id, "ordered_at = $2", ordered_at)

    async def fail_order(
        self, order_id: str, at: datetime, declined: DeclineReason | None = None
    ) -> RechargeOrder | None:
        """The provider refused the payment for good."""
        return await self._change(order_id, "state = 'FAILED', failed_at = $2, declined = $3", at, declined)

    async def _order(self, where: str, value: str) -> RechargeOrder | None:
        async def ask(connection: Any) -> Any:
            return await connection.fetchrow(
                f"SELECT {ORDER_COLUMNS} FROM recharge_order WHERE {where}",  # noqa: S608 - ours alone
                value,
            )

        row = await attempt(self._database, ask)
        return None if row is None else read_order(row)

    async def _change(self, order_id: str, change: str, *values: object) -> RechargeOrder | None:
        async def ask(connection: Any) -> Any:
            return await connection.fetchrow(
                f"UPDATE recharge_order SET {change} WHERE id = $1 AND state = 'ORDERED' "  # noqa: S608 - our own columns
                f"RETURNING {ORDER_COLUMNS}",
                order_id,
                *values,
            )

        row = await attempt(self._database, ask)
        return None if row is None else read_order(row)
