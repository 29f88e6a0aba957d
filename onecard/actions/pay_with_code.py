"""付款: a till scanned a payment code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from onecard.actions.outages import AWAY
from onecard.actions.parts import Parts
from onecard.ledger.book import CallerKey, ChargeOrder, Receipt, caller_key
from onecard.outside.code_store import CodeHolder, CodeStoreUnavailable
from onecard.registry.things import Terminal, TerminalState
from onecard.rules.access import Caller
from onecard.rules.clock import believe_now
from onecard.rules.payment_code import hash_code, is_code
from onecard.rules.people import mask_name
from onecard.rules.refusals import Refusal, RefusalCode

PAID = "支付成功"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Charged:
    """`payer` is the masked name (张*), `voice_prompt` what the till says."""

    receipt: Receipt
    payer: str
    voice_prompt: str


async def pay_with_code(
    parts: Parts,
    caller: Caller,
    *,
    id: str,
    code: str,
    amount_fen: int,
    terminal: str,
    occurred_at: datetime,
) -> Charged:
    """Charge the code's holder; the same id again gives the same receipt, whatever became of the code.

    Refuses NOT_ALLOWED (no gateway, or another's terminal), TERMINAL_UNKNOWN, and, stored under the id:
    TERMINAL_STOPPED, AMOUNT_INVALID, CODE_UNKNOWN, CODE_EXPIRED, CODE_USED, CODE_FOR_DOORS, ACCOUNT_FROZEN,
    ACCOUNT_CLOSED, INSUFFICIENT_BALANCE, PAYMENT_LIMIT_REACHED, CHARGE_REVERSED_BEFORE; IDEMPOTENCY_CONFLICT.
    Raises Refusal SERVICE_UNAVAILABLE, storing nothing, when Redis or the database does not answer.
    """
    try:
        till = await parts.registry.access_terminal(caller, terminal)
        code_hash = hash_code(code)
        # Not the time: a repeat is the same request, however its year was completed.
        key = caller_key(till.id, id, code=code_hash, amount_fen=amount_fen)
        try:
            holder = await parts.codes.find(code_hash) if is_code(code) else None
        except CodeStoreUnavailable as problem:
            return await _replay(parts, key, problem)
        now = parts.clock()
        receipt = await parts.book.charge(
            ChargeOrder(
                key=key,
                account_id=holder.account_id if holder else None,
                amount_fen=amount_fen,
                merchant_id=till.merchant_id,
                terminal_id=till.id,
                occurred_at=believe_now(occurred_at, now),
                code_hash=code_hash,
                refuse=_refusal(till, holder, now),
            )
        )
        payer = (
            holder.payer
            if holder is not None and holder.account_id == receipt.account_id
            else await _payer(parts, receipt)
        )
    except AWAY as problem:
        log.warning("charge_unavailable", terminal=terminal, problem=type(problem).__name__)
        raise Refusal(RefusalCode.SERVICE_UNAVAILABLE) from problem
    if not receipt.replayed:
        log.info("charged", transfer=receipt.transfer_id, terminal=till.id, amount_fen=amount_fen)
        if receipt.account_id is not None:
            parts.events.account_changed(receipt.account_id)
    return Charged(receipt, payer, PAID)


def _refusal(till: Terminal, holder: CodeHolder | None, now: datetime) -> Refusal | None:
    """What can be decided before the ledger; it only counts for an id that has no result yet."""
    if till.state is TerminalState.STOPPED:
        return Refusal(RefusalCode.TERMINAL_STOPPED)
    if holder is None:
        return Refusal(RefusalCode.CODE_UNKNOWN)
    if now >= holder.expires_at:
        return Refusal(RefusalCode.CODE_EXPIRED)
    return None


async def _replay(parts: Parts, key: CallerKey, problem: CodeStoreUnavailable) -> Charged:
    """Without Redis no new payment, but a known id still has its result."""
    result = await parts.book.find_result(key)
    if isinstance(result, Refusal):
        raise result
    if result is None:
        raise problem
    return Charged(result, await _payer(parts, result), PAID)


async def _payer(parts: Parts, receipt: Receipt) -> str:
    """From the register, for replays only: the first time the code brings the name along."""
    assert receipt.account_id is not None, "a payment is somebody's"
    people = await parts.registry.people_by_accounts([receipt.account_id])
    person = people.get(receipt.account_id)
    return mask_name(person.name if person else "")
