"""Money from outside and back the way it came: credits, what nobody expected (suspense), refunds asked and finished."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Literal

from onecard.ledger.chapter import Chapter, Row
from onecard.ledger.jobs import FIRST_LOOK, QUERY_REFUND, TELL_HOLDER, enqueue
from onecard.ledger.keys import CallerKey, caller_key
from onecard.ledger.receipts import (
    CreditOutcome,
    CreditState,
    RefundAsked,
    RefundFinished,
    read_receipt,
)
from onecard.rules.ids import new_id
from onecard.rules.kinds import RechargeMethod

Then = Callable[[Any, str], Awaitable[None]]

_REFUND = """
    SELECT r.id, r.out_refund_no, r.amount_fen, r.recharge_id, r.case_id, r.state,
           coalesce(o.amount_fen, e.amount_fen, c.amount_fen) AS paid_fen,
           coalesce(o.out_trade_no, e.out_trade_no, c.out_trade_no) AS out_trade_no,
           coalesce(o.transaction_id, e.transaction_id, c.reference) AS transaction_id,
           coalesce(o.method, e.method, c.channel) AS channel
      FROM refund r
      LEFT JOIN recharge_order o ON o.id = r.recharge_id
      LEFT JOIN electricity_order e ON e.id = r.electricity_id
      LEFT JOIN suspense_case c ON c.id = r.case_id
     WHERE r.id = $1
"""


class Refunds(Chapter):
    async def credit_recharge(
        self,
        *,
        out_trade_no: str,
        transaction_id: str,
        paid_fen: int,
        paid_at: datetime,
        source: Literal["NOTIFY", "QUERY"],
        channel: RechargeMethod = RechargeMethod.WECHAT,
        tell_holder: bool = False,
    ) -> CreditOutcome:
        """Posts a verified payment, exactly once per transaction id of its channel.

        An unknown order, another amount, or an order paid before: the money goes to suspense with a case.
        The same transaction id with another amount or order is IDEMPOTENCY_CONFLICT.
        `tell_holder` asks the worker, in the same transaction, to tell whom it was credited to.
        """
        assert paid_fen > 0, "a payment is of something"
        key = payment_key(channel, transaction_id, out_trade_no, paid_fen)
        row = await self._answer(
            "SELECT * FROM ledger_credit($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            key.text,
            key.body,
            channel,
            out_trade_no,
            transaction_id,
            paid_fen,
            paid_at,
            source,
            new_id("cas"),
            then=_ask_to_tell if tell_holder else None,
        )
        return read_credit(row)

    async def ask_refund(
        self,
        key: CallerKey,
        recharge_id: str,
        amount_fen: int,
        reason: str,
        actor: str,
        *,
        then: Then | None = None,
    ) -> RefundAsked:
        """Sets the money aside for the provider and asks the worker to look after it, in one transaction.

        `then(connection, refund_id)` belongs to that transaction too; a replay does not call it.
        Refuses RECHARGE_UNKNOWN (or not credited), AMOUNT_INVALID, REFUND_TOO_LARGE.
        """
        return await self._ask(
            "SELECT * FROM ledger_ask_refund($1, $2, $3, $4, $5, $6, $7, $8)",
            key,
            recharge_id,
            amount_fen,
            reason,
            actor,
            then=then,
        )

    async def ask_case_refund(self, key: CallerKey, case_id: str, reason: str, actor: str) -> RefundAsked:
        """Sends all of a suspended payment back. NOT_ALLOWED unless the case is open and holds money."""
        return await self._ask(
            "SELECT * FROM ledger_ask_case_refund($1, $2, $3, $4, $5, $6, $7)", key, case_id, reason, actor
        )

    async def finish_refund(
        self, out_refund_no: str, *, ok: bool, at: datetime, tell_holder: bool = False
    ) -> RefundFinished | None:
        """What the provider says became of a refund, final; None when we never asked for it.

        Failed: the money goes back to where it was taken from, and a case tells an operator. A success that
        follows a failure is a fact: the money left after all. `tell_holder` as above.
        """
        row = await self._answer(
            "SELECT * FROM ledger_finish_refund($1, $2, $3, $4)",
            out_refund_no,
            ok,
            at,
            new_id("cas"),
            then=_ask_to_tell if tell_holder else None,
        )
        if row["outcome"] == "UNKNOWN":
            return None
        refund = await self._row(
            "SELECT r.id, r.state, coalesce(r.case_id, c.id) AS case_id FROM refund r "
            "LEFT JOIN suspense_case c ON c.kind = 'REFUND_FAILED' AND c.reference = r.out_refund_no "
            "WHERE r.out_refund_no = $1",
            out_refund_no,
        )
        return RefundFinished(
            refund["id"], refund["state"], read_receipt(row), row["outcome"] == "REPLAYED", refund["case_id"]
        )

    async def close_case(self, case_id: str, actor: str, explanation: str) -> bool:
        """An operator has looked. False when it is closed, unknown, or its money still lies in suspense."""
        return bool(await self._value("SELECT ledger_close_case($1, $2, $3)", case_id, actor, explanation))

    async def _ask(self, sql: str, key: CallerKey, *values: Any, then: Then | None = None) -> RefundAsked:
        refund_id = new_id("rfd")
        out_refund_no = "R" + refund_id.removeprefix("rfd_")

        async def remember(connection: Any, row: Row) -> None:
            await enqueue(connection, QUERY_REFUND, {"outRefundNo": out_refund_no}, FIRST_LOOK)
            if then is not None:
                await then(connection, refund_id)

        row = await self._answer(sql, key.text, key.body, *values, refund_id, out_refund_no, then=remember)
        asked = await self._row(_REFUND, row["subject"])
        return RefundAsked(
            asked["id"],
            asked["out_refund_no"],
            asked["amount_fen"],
            asked["paid_fen"],
            asked["out_trade_no"],
            asked["transaction_id"],
            RechargeMethod(asked["channel"]),
            asked["recharge_id"],
            asked["case_id"],
            read_receipt(row),
            row["outcome"] == "REPLAYED",
        )


def payment_key(channel: RechargeMethod, transaction_id: str, out_trade_no: str, paid_fen: int) -> CallerKey:
    """A provider's transaction is one posting, whatever it was for."""
    return caller_key(channel.lower(), transaction_id, out_trade_no=out_trade_no, paid_fen=paid_fen)


def read_credit(row: Row) -> CreditOutcome:
    """What a function that credits money from outside answered."""
    subject = row["subject"]
    case_id = subject if subject.startswith("cas_") else None
    order_id = subject if case_id is None else None
    if row["outcome"] == "REPLAYED":
        state = CreditState.REPLAYED
    else:
        state = CreditState.CREDITED if case_id is None else CreditState.SUSPENDED
    return CreditOutcome(state, read_receipt(row), case_id, order_id)


async def _ask_to_tell(connection: Any, row: Row) -> None:
    """Nothing for what has no holder: a payment in suspense, a refund nobody asked for."""
    if row["subject"] is not None and not row["subject"].startswith("cas_"):
        news = {"subject": row["subject"], "transferId": str(row["transfer_id"])}
        await enqueue(connection, TELL_HOLDER, news)
