"""The only writer of money. Every verb is one database transaction; every refusal is raised as `Refusal`.

Same key and body again → the stored result, marked as a replay; another body → IDEMPOTENCY_CONFLICT.
When the database does not answer: `LedgerUnavailable`; nothing is known to be stored, send the key again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from onecard.ledger.electricity import Electricity
from onecard.ledger.holds import Holds
from onecard.ledger.keys import CallerKey, caller_key, key_text
from onecard.ledger.orders import ChargeOrder, Fact, FactKind
from onecard.ledger.queue import GroupQueue
from onecard.ledger.receipts import (
    CreditOutcome,
    CreditState,
    HoldCaptured,
    HoldPlaced,
    Kept,
    LedgerUnavailable,
    NeverPosted,
    Receipt,
    RefundAsked,
    RefundFinished,
    Reversed,
    raise_refused,
    read_receipt,
)
from onecard.ledger.refunds import Refunds
from onecard.rules.clock import Clock
from onecard.rules.ids import new_id
from onecard.rules.kinds import FreezeReason
from onecard.rules.policy import PaymentMode, Policy
from onecard.rules.refusals import Refusal

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

__all__ = [
    "Book",
    "CallerKey",
    "ChargeOrder",
    "CreditOutcome",
    "CreditState",
    "Fact",
    "FactKind",
    "HoldCaptured",
    "HoldPlaced",
    "Kept",
    "LedgerUnavailable",
    "NeverPosted",
    "Receipt",
    "RefundAsked",
    "RefundFinished",
    "Reversed",
    "caller_key",
    "key_text",
]

Row = Mapping[str, Any]

_CHARGE = """
    SELECT * FROM ledger_charge(
        $1::text[], $2::bytea[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::text[],
        $9::timestamptz[], $10::jsonb[], $11::bigint, $12::bigint, $13::bigint)
"""


class Book(Holds, Refunds, Electricity):
    """`database` is Tortoise's connection, used for the school it is bound to."""

    def __init__(self, database: BaseDBAsyncClient, policy: Policy, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock
        self._queue: GroupQueue[ChargeOrder, Row] = GroupQueue(self._charge_batch)

    async def start(self) -> None:
        """Opens the accounting day when none is open."""
        await self.close_day_if_due()

    async def aclose(self) -> None:
        """Finishes what is in flight; whoever still queues hears LedgerUnavailable."""
        await self._queue.aclose()

    @property
    def queue_depth(self) -> int:
        """How many charges wait for the next group commit."""
        return self._queue.depth

    def watch_batches(self, told: Callable[[int], None]) -> None:
        """`told(size)` for every group commit of charges from now on."""
        self._queue.on_batch = told

    # ---------------------------------------------------------------- accounts

    async def open_account(self, *, connection: BaseDBAsyncClient | None = None) -> str:
        """A new person's account with its three empty wallets; its id `acc_…`.

        `connection`: Tortoise's transaction to do it in, when it belongs to a larger change.
        """
        account_id = new_id("acc")
        await self._run(connection, "SELECT ledger_open_account($1)", account_id)
        return account_id

    async def open_merchant(self, merchant_id: str, *, connection: BaseDBAsyncClient | None = None) -> None:
        """The journal account `merchant:{merchant_id}`; opening it again changes nothing."""
        await self._run(connection, "SELECT ledger_open_merchant($1)", merchant_id)

    async def open_chip(
        self, account_id: str, chip: str, *, connection: BaseDBAsyncClient | None = None
    ) -> None:
        """The journal account `card:{chip}` of this person; a chip never changes hands."""
        await self._run(connection, "SELECT ledger_open_chip($1, $2)", account_id, chip)

    async def freeze(self, account_id: str, reason: FreezeReason, actor: str) -> bool:
        """Adds a reason; False when it was there. `actor`: who did it, an id."""
        return bool(await self._value("SELECT ledger_freeze($1, $2, true, $3)", account_id, reason, actor))

    async def unfreeze(self, account_id: str, reason: FreezeReason, actor: str) -> bool:
        """Lifts this one reason and no other; False when it was not there."""
        return bool(await self._value("SELECT ledger_freeze($1, $2, false, $3)", account_id, reason, actor))

    # ---------------------------------------------------------------- payments

    async def charge(self, order: ChargeOrder) -> Receipt:
        """A phone payment, committed together with others that arrive meanwhile.

        Decided in this order: key known → replay or conflict (a reversal that came first has taken the key:
        CHARGE_REVERSED_BEFORE); `order.refuse`; the code's claim; amount, closed, frozen, limits, available.
        """
        row = await self._queue.put(order)
        raise_refused(row)
        return read_receipt(row)

    async def reverse(
        self, key: CallerKey, original: str, *, terminal_id: str | None, occurred_at: datetime
    ) -> Reversed | Kept | NeverPosted:
        """Takes back what was posted under the key text `original`, at most once.

        Kept: it never came, and will be refused when it does. NeverPosted: it was refused by rule.
        Refuses ALREADY_REVERSED; NOT_ALLOWED for what is no payment, tap or fee.
        """
        row = await self._answer(
            "SELECT * FROM ledger_reverse($1, $2, $3, $4, $5)",
            key.text,
            key.body,
            original,
            terminal_id,
            occurred_at,
        )
        if row["transfer_id"] is not None:
            return Reversed(read_receipt(row))
        replayed = row["outcome"] == "REPLAYED"
        return Kept(replayed) if row["subject"] == "kept" else NeverPosted(replayed)

    async def record_fact(self, fact: Fact) -> Receipt:
        """Posts what happened already. It may overdraw (which freezes), and is never refused but for another
        body under its key, or another person or amount under its outside reference. A second report of the
        same reference gives the first one's receipt."""
        codes, amounts = fact.entries()
        reference_kind, reference = fact.reference or (None, None)
        row = await self._answer(
            "SELECT * FROM ledger_fact($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            fact.key.text,
            fact.key.body,
            fact.bill_kind,
            fact.account_id,
            codes,
            amounts,
            fact.felt_fen,
            fact.counts,
            fact.merchant_id,
            fact.terminal_id,
            fact.occurred_at,
            reference_kind,
            reference,
        )
        return read_receipt(row)

    async def refuse(self, key: CallerKey, refusal: Refusal) -> NoReturn:
        """Stores the refusal as the key's result and raises it; a key with a result raises that one, or, when
        it was posted after all, IDEMPOTENCY_CONFLICT."""
        await self._answer("SELECT * FROM ledger_refuse($1, $2, $3)", key.text, key.body, refusal.stored())
        raise AssertionError("a refused key answered otherwise")

    async def find_result(self, key: CallerKey | str) -> Receipt | Refusal | None:
        """What is stored under a key: the receipt (a replay), the refusal, or None when nothing was posted.

        With a CallerKey its body is compared too, and another one raises IDEMPOTENCY_CONFLICT.
        """
        text, body = (key, None) if isinstance(key, str) else (key.text, key.body)
        row = await self._row("SELECT * FROM ledger_recall($1, $2)", text, body)
        if row["outcome"] == "REFUSED":
            return Refusal.restore(row["refusal"])
        raise_refused(row)
        return None if row["transfer_id"] is None else read_receipt(row)

    # ---------------------------------------------------------------- days and rollup

    async def close_day_if_due(self) -> date:
        """Closes the accounting day when it is over and opens the next; the open day."""
        day: date = await self._value("SELECT ledger_close_day($1)", self._policy.day_closes_at)
        return day

    async def ensure_partitions(self) -> int:
        """Makes the coming months' partitions; how many were missing. The worker asks now and then."""
        return int(await self._value("SELECT ledger_ensure_partitions()"))

    async def roll_up(self) -> int:
        """Moves the rollup's fence up to all that is certainly committed; how many transfers it passed."""
        return int(await self._value("SELECT ledger_rollup()"))

    # ---------------------------------------------------------------- below

    async def _charge_batch(self, orders: Sequence[ChargeOrder]) -> list[Row]:
        overdraft = 0 if self._policy.payment_mode is PaymentMode.STRICT else self._policy.overdraft_limit_fen
        arguments = (
            [order.key.text for order in orders],
            [order.key.body for order in orders],
            [order.account_id for order in orders],
            [order.amount_fen for order in orders],
            [order.merchant_id for order in orders],
            [order.terminal_id for order in orders],
            [order.code_hash for order in orders],
            [order.device_kind for order in orders],
            [order.occurred_at for order in orders],
            [order.refuse.stored() if order.refuse else None for order in orders],
            self._policy.payment_limit_once_fen,
            self._policy.payment_limit_day_fen,
            overdraft,
        )

        async def post(connection: Any) -> list[Row]:
            rows: list[Row] = await connection.fetch(_CHARGE, *arguments)
            return rows

        rows = await self._in_an_open_day(post, lambda rows: bool(rows[0]["outcome"] == "DAY_OVER"))
        return sorted(rows, key=lambda row: int(row["ordinal"]))
