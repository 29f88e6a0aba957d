"""绑定银行卡 in the register: whose card pays by which agreement with the bank. Its number is the bank's alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from onecard.rules.kinds import BankCardState

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True, slots=True)
class BankCard:
    """`id`: the bank knows the agreement by it. Name, digits and limits are there once it was BOUND."""

    id: str
    person_id: str
    state: BankCardState
    agreement_id: str | None = field(repr=False)
    bank_name: str | None
    last_four: str | None
    once_limit_fen: int | None
    day_limit_fen: int | None
    expires_at: datetime
    bound_at: datetime | None


_COLUMNS = (
    "id, person_id, state, agreement_id, bank_name, last_four, once_limit_fen, day_limit_fen, expires_at, "
    "bound_at"
)


async def find_bank_card(database: BaseDBAsyncClient, person_id: str) -> BankCard | None:
    """The one that is bound or being signed."""
    rows = await database.execute_query_dict(
        f"SELECT {_COLUMNS} FROM bank_card WHERE person_id = $1 AND state <> 'ENDED'",  # noqa: S608 - our own columns
        [person_id],
    )
    return _card(rows[0]) if rows else None


async def open_bank_card(
    database: BaseDBAsyncClient, card_id: str, person_id: str, now: datetime, expires_at: datetime
) -> BankCard:
    """The one that is bound or being signed, else this new one."""
    await database.execute_query(
        """INSERT INTO bank_card (id, person_id, state, asked_at, expires_at) VALUES ($1, $2, 'SIGNING', $3, $4)
           ON CONFLICT (person_id) WHERE state <> 'ENDED' DO NOTHING""",
        [card_id, person_id, now, expires_at],
    )
    card = await find_bank_card(database, person_id)
    assert card is not None, "just recorded"
    return card


async def bind_bank_card(
    database: BaseDBAsyncClient,
    card_id: str,
    *,
    agreement_id: str,
    bank_name: str,
    last_four: str,
    once_limit_fen: int,
    day_limit_fen: int,
    bound_at: datetime,
) -> bool:
    """The bank says it is signed; whether it was being signed until now."""
    rows = await database.execute_query_dict(
        """UPDATE bank_card SET state = 'BOUND', agreement_id = $2, bank_name = $3, last_four = $4,
                                once_limit_fen = $5, day_limit_fen = $6, bound_at = $7
            WHERE id = $1 AND state = 'SIGNING' RETURNING id""",
        [card_id, agreement_id, bank_name, last_four, once_limit_fen, day_limit_fen, bound_at],
    )
    return bool(rows)


async def end_bank_card(database: BaseDBAsyncClient, card_id: str, now: datetime) -> bool:
    """Whether it was open until now."""
    rows = await database.execute_query_dict(
        "UPDATE bank_card SET state = 'ENDED', ended_at = $2 WHERE id = $1 AND state <> 'ENDED' RETURNING id",
        [card_id, now],
    )
    return bool(rows)


def _card(row: Mapping[str, Any]) -> BankCard:
    return BankCard(**{**row, "state": BankCardState(row["state"])})
