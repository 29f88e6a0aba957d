"""What may be read of electricity: orders, and what rooms have. One SQL statement each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from onecard.ledger.recharges import read_declined
from onecard.ledger.statements import Page, page_size
from onecard.rules.clock import in_shanghai
from onecard.rules.kinds import DeclineReason, ElectricityState, MeterWay, PayMethod

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

NUMBER = re.compile(r"[0-9]{14,26}")


@dataclass(frozen=True, slots=True)
class ElectricityOrder:
    """`payer`: a person's or a link's id. `wh`: what it buys, once fixed; `repaid_fen` of the money went to the
    room's emergency credit. `transfer_id`: the line of the bill that paid it. `prepay_id`: what the provider knows it
    by before it is paid; of a bank card, its own id. `declined`: why it FAILED, where that was said."""

    id: str
    position: int
    payer: str
    account_id: str | None
    room_id: str
    meter_id: str | None
    way: MeterWay | None
    amount_fen: int
    method: PayMethod
    state: ElectricityState
    note: str | None
    out_trade_no: str | None
    prepay_id: str | None
    transaction_id: str | None
    ordered_at: datetime
    expires_at: datetime | None
    paid_at: datetime | None
    delivered_at: datetime | None
    ended_at: datetime | None
    command_id: str | None
    credit_counter: int | None
    wh: int | None
    repaid_fen: int
    refunded_fen: int
    transfer_id: int | None
    declined: DeclineReason | None

    @property
    def number(self) -> str:
        """订单号, what one tells the counter: the day it was ordered, then its position."""
        return f"{in_shanghai(self.ordered_at):%Y%m%d}{self.position:06d}"


_COLUMNS = (
    "id, position, payer, account_id, room_id, meter_id, way, amount_fen, method, state, note, out_trade_no, "
    "prepay_id, transaction_id, ordered_at, expires_at, paid_at, delivered_at, ended_at, command_id, "
    "credit_counter, wh, repaid_fen, refunded_fen, transfer_id, declined"
)
_ORDER = f"SELECT {_COLUMNS} FROM electricity_order "  # noqa: S608 - our own columns


def _order(row: Mapping[str, Any]) -> ElectricityOrder:
    return ElectricityOrder(
        **{
            **row,
            "way": None if row["way"] is None else MeterWay(row["way"]),
            "method": PayMethod(row["method"]),
            "state": ElectricityState(row["state"]),
            "declined": read_declined(row["declined"]),
        }
    )


async def find_electricity(database: BaseDBAsyncClient, order_id: str) -> ElectricityOrder | None:
    return (await find_electricity_by_id(database, [order_id])).get(order_id)


async def find_electricity_by_id(
    database: BaseDBAsyncClient, order_ids: Sequence[str]
) -> dict[str, ElectricityOrder]:
    """Those that exist, by id."""
    rows = await database.execute_query_dict(_ORDER + "WHERE id = ANY ($1)", [list(order_ids)])
    return {row["id"]: _order(row) for row in rows}


async def find_electricity_numbered(database: BaseDBAsyncClient, number: str) -> ElectricityOrder | None:
    """The order with this 订单号."""
    position = int(number[8:]) if NUMBER.fullmatch(number) else 0
    rows = await database.execute_query_dict(_ORDER + "WHERE position = $1", [position])
    found = _order(rows[0]) if rows else None
    return found if found and found.number == number else None


async def find_electricity_by_number(
    database: BaseDBAsyncClient, out_trade_no: str
) -> ElectricityOrder | None:
    """The order that a provider knows by this number."""
    rows = await database.execute_query_dict(_ORDER + "WHERE out_trade_no = $1", [out_trade_no])
    return _order(rows[0]) if rows else None


async def find_electricity_of_bills(
    database: BaseDBAsyncClient, transfer_ids: Sequence[int]
) -> dict[int, ElectricityOrder]:
    """The orders that these lines of bills paid, or gave back, by transfer id."""
    rows = await database.execute_query_dict(
        f"""
        SELECT paid.line, {_COLUMNS} FROM electricity_order
          JOIN (SELECT id AS of, transfer_id AS line FROM electricity_order WHERE transfer_id = ANY ($1)
                UNION ALL
                SELECT electricity_id, transfer_id FROM refund
                 WHERE transfer_id = ANY ($1) AND electricity_id IS NOT NULL
                UNION ALL
                SELECT k.subject, k.transfer_id FROM transfer t JOIN posting_key k ON k.key = t.key
                 WHERE t.id = ANY ($1) AND t.amount_fen > 0 AND k.subject LIKE 'ele\\_%') paid ON paid.of = id
        """,  # noqa: S608 - our own columns
        [list(transfer_ids)],
    )
    return {row["line"]: _order({name: row[name] for name in row if name != "line"}) for row in rows}


async def find_electricity_of_room(
    database: BaseDBAsyncClient, room_id: str, first: int, after: int | None = None, payer: str | None = None
) -> Page[ElectricityOrder]:
    """A room's orders that were paid, newest first; `payer`: only this one's. `after`: a position."""
    first = page_size(first)
    rows = await database.execute_query_dict(
        _ORDER
        + """WHERE room_id = $1 AND paid_at IS NOT NULL AND ($2::bigint IS NULL OR position < $2)
               AND ($3::text IS NULL OR payer = $3) ORDER BY position DESC LIMIT $4""",
        [room_id, after, payer, first + 1],
    )
    return Page(tuple(_order(row) for row in rows[:first]), len(rows) > first)


async def find_paid_rooms(database: BaseDBAsyncClient, payer: str, limit: int) -> list[str]:
    """The rooms this payer paid for last, newest first."""
    rows = await database.execute_query_dict(
        "SELECT room_id FROM electricity_order WHERE payer = $1 AND paid_at IS NOT NULL "
        "GROUP BY room_id ORDER BY max(position) DESC LIMIT $2",
        [payer, limit],
    )
    return [row["room_id"] for row in rows]


async def find_unsettled_electricity(
    database: BaseDBAsyncClient, states: Sequence[ElectricityState], before: datetime, limit: int
) -> list[ElectricityOrder]:
    """Orders in these states that were made before, oldest first."""
    rows = await database.execute_query_dict(
        _ORDER + "WHERE state = ANY ($1) AND ordered_at < $2 ORDER BY position LIMIT $3",
        [[str(state) for state in states], before, limit],
    )
    return [_order(row) for row in rows]


async def find_undecided(database: BaseDBAsyncClient, meter_id: str) -> list[ElectricityOrder]:
    """Credit writes of this meter of which nobody knows the end yet; no other may start."""
    rows = await database.execute_query_dict(
        _ORDER + "WHERE meter_id = $1 AND state IN ('DELIVERING', 'UNKNOWN') ORDER BY position", [meter_id]
    )
    return [_order(row) for row in rows]


async def find_bought(database: BaseDBAsyncClient, room_id: str, since: datetime) -> tuple[int, int]:
    """What a room bought since then in Wh, and its emergency credit in fen: by both a purchase is priced."""
    rows = await database.execute_query_dict(
        "SELECT ledger_bought($1, $2) AS bought, coalesce((SELECT emergency_fen FROM room_energy "
        "WHERE room_id = $1), 0) AS owed",
        [room_id, since],
    )
    return rows[0]["bought"], rows[0]["owed"]
