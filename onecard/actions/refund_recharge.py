"""退款: an operator gives a recharge back, all of it or a part, to where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog

from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.actions.settle_refund import send_refund
from onecard.ledger.book import caller_key
from onecard.ledger.recharges import RechargeOrder
from onecard.ledger.statements import find_recharge
from onecard.registry.record import record_audit_of_posting
from onecard.rules.access import Caller, Role, require_role
from onecard.rules.refusals import Refusal, RefusalCode

GIVES_BACK = (Role.OPERATOR,)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RechargeRefunded:
    recharge: RechargeOrder
    replayed: bool


@or_unavailable()
async def refund_recharge(
    parts: Parts, caller: Caller, *, id: str, recharge_id: str, amount_fen: int, reason: str
) -> RechargeRefunded:
    """Set the money aside, with an audit row, and ask whoever was paid; the worker asks on until it is done or failed.

    Refuses NOT_ALLOWED, RECHARGE_UNKNOWN, AMOUNT_INVALID, REFUND_TOO_LARGE, IDEMPOTENCY_CONFLICT;
    SERVICE_UNAVAILABLE when the database did not answer. Their silence is no refusal: the money is set
    aside, and the request follows.
    """
    operator = require_role(caller, *GIVES_BACK)
    actor = operator.person_id or operator.login_id

    async def audit(posting: Any, refund_id: str) -> None:
        await record_audit_of_posting(
            posting, parts.clock(), actor, "REFUND", recharge_id, refund=refund_id, reason=reason
        )

    asked = await parts.book.ask_refund(
        caller_key(actor, id, recharge=recharge_id, amount_fen=amount_fen, reason=reason),
        recharge_id,
        amount_fen,
        reason,
        actor,
        then=audit,
    )
    if not asked.replayed:
        log.info("refund_asked", refund=asked.refund_id, recharge=recharge_id, amount_fen=amount_fen)
        if asked.receipt.account_id is not None:
            parts.events.account_changed(asked.receipt.account_id)
        await send_refund(parts, asked.out_refund_no)
    order = await find_recharge(parts.database, recharge_id)
    if order is None:
        raise Refusal(RefusalCode.RECHARGE_UNKNOWN)
    return RechargeRefunded(order, asked.replayed)
