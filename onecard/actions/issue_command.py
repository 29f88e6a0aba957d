"""A command 指令 for a device, in the transaction of whoever decided it: numbered under its gateway's row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from onecard.ledger.keys import CallerKey
from onecard.registry.access import COMMAND, command_of
from onecard.registry.things import DeviceCommand
from onecard.rules.refusals import Refusal, RefusalCode

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient


@dataclass(frozen=True, slots=True)
class Order:
    """`actor`: who decided it, an id; `reason`: why, in their words."""

    id: str
    gateway_id: str
    device: str
    operation: str
    arguments: Mapping[str, str | int]
    issued_at: datetime
    expires_at: datetime
    actor: str
    reason: str


async def lock_caller_id(connection: BaseDBAsyncClient, key: CallerKey) -> None:
    """One id at a time, whichever devices it is sent for: the second one finds the first one's command."""
    await connection.execute_query_dict("SELECT pg_advisory_xact_lock(21, hashtext($1))", [key.text])


async def find_issued(connection: BaseDBAsyncClient, key: CallerKey) -> DeviceCommand | None:
    """What this id did before; a repeat with another body is IDEMPOTENCY_CONFLICT."""
    rows = await connection.execute_query_dict(COMMAND + " WHERE caller_key = $1", [key.text])
    if not rows:
        return None
    if bytes(rows[0]["body"]) != key.body:
        raise Refusal(RefusalCode.IDEMPOTENCY_CONFLICT)
    return command_of(rows[0])


async def issue_command(
    connection: BaseDBAsyncClient, key: CallerKey, order: Order, *, overtakes: tuple[str, ...]
) -> DeviceCommand:
    """The gateway's row counts its commands: under its lock they commit in the order of their numbers, so that
    "all after number n" never misses one. `overtakes`: operations of this device that have not left yet and say
    otherwise; they end here."""
    (counted,) = await connection.execute_query_dict(
        """WITH counted AS (UPDATE gateway SET command_sequence = command_sequence + 1 WHERE id = $1
                            RETURNING command_sequence)
           SELECT command_sequence FROM counted""",
        [order.gateway_id],
    )
    await connection.execute_query(
        """UPDATE device_command SET state = 'EXPIRED', detail = 'overtaken', reported_at = $3
            WHERE gateway_id = $1 AND device = $2 AND state IN ('PENDING', 'RECEIVED') AND operation = ANY ($4)""",
        [order.gateway_id, order.device, order.issued_at, list(overtakes)],
    )
    rows = await connection.execute_query_dict(
        """INSERT INTO device_command (id, gateway_id, sequence, device, operation, arguments, issued_at,
                                       expires_at, reason, actor, caller_key, body)
           VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8, $9, $10, $11, $12)
           RETURNING id, sequence, gateway_id, device, operation, arguments::text AS arguments, issued_at,
                     expires_at, state, reason, detail""",
        [
            order.id,
            order.gateway_id,
            counted["command_sequence"],
            order.device,
            order.operation,
            json.dumps(dict(order.arguments)),
            order.issued_at,
            order.expires_at,
            order.reason,
            order.actor,
            key.text,
            key.body,
        ],
    )
    return command_of(rows[0])
