"""Sends back a payment that fits no order. Nobody has to ask for it; operators see its case."""

from __future__ import annotations

import structlog

from onecard.actions.parts import Parts
from onecard.actions.settle_refund import send_refund
from onecard.ledger.book import caller_key
from onecard.rules.refusals import Refusal, RefusalCode

ACTOR = "system"
REASON = "付款没有对应的充值单，原路退回"

log = structlog.get_logger(__name__)


async def return_suspense(parts: Parts, case_id: str) -> bool:
    """Ask for the refund of an open case and tell whoever was paid; whether it is settled already."""
    try:
        asked = await parts.book.ask_case_refund(
            caller_key(ACTOR, f"return:{case_id}", case=case_id), case_id, REASON, ACTOR
        )
    except Refusal as refused:
        if refused.code is not RefusalCode.NOT_ALLOWED:
            raise
        return True  # no longer open: somebody else was quicker
    log.info("suspense_returned", case=case_id, refund=asked.refund_id, amount_fen=asked.amount_fen)
    return await send_refund(parts, asked.out_refund_no)
