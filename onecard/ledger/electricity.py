"""电费: an order is paid, then its energy delivered in Wh, or its money given back; never both, unless a meter
speaks after its refund, which is a dispute that an operator ends. And the energy of rooms: quota, consumption,
emergency credit, moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
from asyncpg.exceptions import UniqueViolationError

from onecard.ledger.chapter import Chapter, Row
from onecard.ledger.energy import ElectricityOrder, find_electricity
from onecard.ledger.jobs import FIRST_LOOK, QUERY_REFUND, enqueue
from onecard.ledger.keys import CallerKey
from onecard.ledger.receipts import CreditOutcome, Receipt, read_receipt
from onecard.ledger.refunds import payment_key, read_credit
from onecard.rules.ids import new_id
from onecard.rules.kinds import DeclineReason, MeterWay, PayMethod, RechargeMethod
from onecard.rules.policy import PaymentMode
from onecard.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Purchase:
    """What somebody wants: for which room, from whom. `payer`: a person's or a link's id; `account_id`: the
    payer's, None where there is none. `meter_id` and `way` are None together: the room has no meter."""

    order_id: str
    payer: str
    account_id: str | None
    room_id: str
    meter_id: str | None
    way: MeterWay | None
    amount_fen: int
    method: PayMethod
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Priced:
    """What the money buys. `repaid_fen` of it repays emergency credit; `steps` as the tariff reckoned them,
    given what the room `bought_wh` since `since`."""

    wh: int
    repaid_fen: int
    steps: Sequence[dict[str, str | int]]
    bought_wh: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    receipt: Receipt
    replayed: bool
    disputed: bool  # the money had gone back before


class MustReprice(Exception):
    """The room's emergency credit or what it bought is another by now: reckon again."""


class Electricity(Chapter):
    async def open_room(self, room_id: str) -> None:
        """The room's accounts of energy; opening them again changes nothing."""
        await self._run(None, "SELECT ledger_open_room($1)", room_id)

    # ---------------------------------------------------------------- paid

    async def order_electricity(
        self,
        key: CallerKey,
        purchase: Purchase,
        *,
        out_trade_no: str,
        expires_at: datetime,
        refuse: Refusal | None = None,
    ) -> tuple[ElectricityOrder, bool]:
        """An order to be paid from outside, and whether it is a replay. No money moves.

        `refuse`: a decision made before, stored under the key unless it has a result.
        """
        row = await self._answer(
            "SELECT * FROM ledger_order_electricity($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            key.text,
            key.body,
            refuse.stored() if refuse else None,
            purchase.order_id,
            out_trade_no,
            purchase.payer,
            purchase.account_id,
            purchase.room_id,
            purchase.meter_id,
            purchase.way,
            purchase.amount_fen,
            purchase.method,
            expires_at,
            purchase.note,
        )
        return await self._electricity(row["subject"]), row["outcome"] == "REPLAYED"

    async def pay_electricity(
        self, key: CallerKey, purchase: Purchase, *, refuse: Refusal | None = None
    ) -> tuple[ElectricityOrder, bool]:
        """An order paid from the account in the same transaction, and whether it is a replay.

        Refuses what a payment refuses, but for the payment limits: electricity has bounds of its own.
        """
        strict = self._policy.payment_mode is PaymentMode.STRICT
        row = await self._answer(
            "SELECT * FROM ledger_pay_electricity($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            key.text,
            key.body,
            refuse.stored() if refuse else None,
            purchase.order_id,
            purchase.payer,
            purchase.account_id,
            purchase.room_id,
            purchase.meter_id,
            purchase.way,
            purchase.amount_fen,
            0 if strict else self._policy.overdraft_limit_fen,
            purchase.note,
        )
        return await self._electricity(row["subject"]), row["outcome"] == "REPLAYED"

    async def credit_electricity(
        self,
        *,
        channel: RechargeMethod,
        out_trade_no: str,
        transaction_id: str,
        paid_fen: int,
        paid_at: datetime,
        source: Literal["NOTIFY", "QUERY"],
    ) -> CreditOutcome:
        """A verified payment for an order that exists, once per transaction id of its channel; PAID then.

        Another amount, another channel, or an order paid before: suspense, with a case.
        """
        key = payment_key(channel, transaction_id, out_trade_no, paid_fen)
        row = await self._answer(
            "SELECT * FROM ledger_credit_electricity($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            key.text,
            key.body,
            channel,
            out_trade_no,
            transaction_id,
            paid_fen,
            paid_at,
            source,
            new_id("cas"),
        )
        return read_credit(row)

    # ---------------------------------------------------------------- delivered, or given back

    async def deliver_electricity(
        self, order_id: str, priced: Priced, *, merchant_id: str, occurred_at: datetime
    ) -> Delivered:
        """The room has its energy, once. A meter that was told a number of Wh got those, whatever `priced` says.

        After the refund it is a dispute. MustReprice when the room moved meanwhile; ValueError for an order
        that was never paid.
        """
        row = await self._answer(
            "SELECT * FROM ledger_deliver_electricity($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            order_id,
            priced.wh,
            orjson.dumps(list(priced.steps)).decode(),
            priced.repaid_fen,
            priced.bought_wh,
            priced.since,
            merchant_id,
            occurred_at,
            new_id("cas"),
        )
        if row["outcome"] == "REPRICE":
            raise MustReprice(order_id)
        if row["outcome"] == "NOT_PAID":
            raise ValueError(f"{order_id} is {row['subject']}: nothing to deliver")
        return Delivered(read_receipt(row), row["outcome"] == "REPLAYED", row["subject"] == "DISPUTED")

    async def refund_electricity(self, order_id: str, reason: str, actor: str) -> bool:
        """Back by the way it was paid; False when the order is not at a point where money may go back.

        To the account at once; otherwise the worker is asked, in the same transaction, to tell the provider.
        """
        refund_id = new_id("rfd")
        out_refund_no = "R" + refund_id.removeprefix("rfd_")

        async def remember(connection: Any, row: Row) -> None:
            if row["outcome"] == "POSTED" and row["subject"] is not None:
                await enqueue(connection, QUERY_REFUND, {"outRefundNo": out_refund_no}, FIRST_LOOK)

        row = await self._answer(
            "SELECT * FROM ledger_refund_electricity($1, $2, $3, $4, $5)",
            order_id,
            reason,
            actor,
            refund_id,
            out_refund_no,
            then=remember,
        )
        return bool(row["outcome"] == "POSTED")

    async def start_delivery(
        self, order_id: str, command_id: str, wh: int, steps: Sequence[dict[str, str | int]], counter: int
    ) -> ElectricityOrder | None:
        """A meter is being told these Wh, which are fixed from now on, as the purchase after its last one. `counter`:
        what its order counter was last seen at; purchases that it proved since count too. None when the order is not
        PAID, or another purchase of this meter is undecided."""
        try:
            return await self._change_electricity(
                order_id,
                """state = 'DELIVERING', command_id = $2, wh = $3, priced = $4,
                   credit_counter = 1 + greatest($5::int, (
                       SELECT max(x.credit_counter) FROM electricity_order x
                        WHERE x.meter_id = electricity_order.meter_id AND x.state IN ('DELIVERED', 'DISPUTED')))""",
                "('PAID')",
                command_id,
                wh,
                orjson.dumps(list(steps)).decode(),
                counter,
            )
        except UniqueViolationError:
            return None

    async def repeat_delivery(self, order_id: str, command_id: str) -> ElectricityOrder | None:
        """The same Wh by another command: the meter proved that the earlier one was not applied."""
        return await self._change_electricity(
            order_id, "state = 'DELIVERING', command_id = $2", "('UNKNOWN', 'DELIVERING')", command_id
        )

    async def doubt_delivery(self, order_id: str) -> ElectricityOrder | None:
        """Nobody knows whether the meter took it: UNKNOWN, until its order counter says."""
        return await self._change_electricity(order_id, "state = 'UNKNOWN'", "('DELIVERING')")

    async def prepare_electricity(self, order_id: str, prepay_id: str) -> ElectricityOrder | None:
        """Remembers what the provider knows an unpaid order by; None when it is unpaid no more."""
        return await self._change_electricity(order_id, "prepay_id = $2", "('ORDERED')", prepay_id)

    async def close_electricity(self, order_id: str, at: datetime) -> bool:
        """Nobody will pay it any more. A payment that comes after all is still taken."""
        closed = await self._change_electricity(
            order_id, "state = 'CLOSED', ended_at = $2", "('ORDERED')", at
        )
        return closed is not None

    async def fail_electricity(self, order_id: str, at: datetime, declined: DeclineReason | None) -> bool:
        """The provider refused the payment for good. A payment that comes after all is still taken."""
        failed = await self._change_electricity(
            order_id, "state = 'FAILED', ended_at = $2, declined = $3", "('ORDERED')", at, declined
        )
        return failed is not None

    async def unmap_electricity(self, order_id: str) -> ElectricityOrder | None:
        """The room has no meter any more: a person decides."""
        return await self._change_electricity(
            order_id, "state = 'UNMAPPED', meter_id = NULL, way = NULL", "('PAID')"
        )

    async def assign_electricity(
        self, order_id: str, room_id: str, meter_id: str, way: MeterWay
    ) -> ElectricityOrder | None:
        """A person found the room that an UNMAPPED order is for; PAID again."""
        return await self._change_electricity(
            order_id,
            "state = 'PAID', room_id = $2, meter_id = $3, way = $4",
            "('UNMAPPED')",
            room_id,
            meter_id,
            way,
        )

    # ---------------------------------------------------------------- a room's energy

    async def grant_quota(self, room_id: str, period: str, wh: int, *, lapses: bool) -> bool:
        """The free energy of a period, once; what is left of earlier ones lapses where it says so."""
        row = await self._answer(
            "SELECT * FROM ledger_grant_quota($1, $2, $3, $4)", room_id, period, wh, lapses
        )
        return bool(row["outcome"] == "POSTED")

    async def consume(self, room_id: str, meter_id: str, total_wh: int, read_at: datetime) -> bool:
        """What ran since the meter's last posted reading; False when there is nothing new to post."""
        row = await self._answer(
            "SELECT * FROM ledger_consume($1, $2, $3, $4)", room_id, meter_id, total_wh, read_at
        )
        return bool(row["outcome"] == "POSTED")

    async def lend_emergency(self, room_id: str, night: str, wh: int, fen: int, merchant_id: str) -> bool:
        """Energy on credit for one night, once; the next purchase repays it first."""
        row = await self._answer(
            "SELECT * FROM ledger_lend_emergency($1, $2, $3, $4, $5)", room_id, night, wh, fen, merchant_id
        )
        return bool(row["outcome"] == "POSTED")

    async def move_energy(self, key: CallerKey, from_room: str, to_room: str, wh: int) -> Receipt:
        """Bought energy that was not used goes to another room. Refuses ENERGY_USED."""
        assert wh > 0, "nothing to move"
        row = await self._answer(
            "SELECT * FROM ledger_move_energy($1, $2, $3, $4, $5)", key.text, key.body, from_room, to_room, wh
        )
        return read_receipt(row)

    async def end_dispute(self, case_id: str, *, against_payer: bool, actor: str) -> bool:
        """Against the payer's account, even below 0, or written off. False when it is no open dispute, or the
        payer has no account."""
        row = await self._answer(
            "SELECT * FROM ledger_end_dispute($1, $2, $3)", case_id, against_payer, actor
        )
        return bool(row["outcome"] == "POSTED")

    # ---------------------------------------------------------------- below

    async def _electricity(self, order_id: str) -> ElectricityOrder:
        order = await find_electricity(self._database, order_id)
        assert order is not None, "what was just written"
        return order

    async def _change_electricity(
        self, order_id: str, change: str, states: str, *values: object
    ) -> ElectricityOrder | None:
        """Under the day's lock, as every function that writes the order."""
        row = await self._row(
            f"""
            WITH locked AS (SELECT pg_advisory_xact_lock_shared(19, ledger_day_lock())),
            changed AS (
                UPDATE electricity_order SET {change} FROM locked WHERE id = $1 AND state IN {states} RETURNING id)
            SELECT (SELECT id FROM changed) AS id
            """,  # noqa: S608 - our own columns and states
            order_id,
            *values,
        )
        return None if row["id"] is None else await self._electricity(order_id)
