"""The provider's word on a refund, by signed notification or by our asking; and the asking itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from onecard.actions.parts import Parts
from onecard.ledger.unsettled import find_refund_request
from onecard.outside.payments import RefundNotice, RefundState
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.rules.kinds import RechargeMethod
from onecard.rules.refusals import Refusal, RefusalCode

# WeChat's words for “this refund can never be”. Anything else it refuses (the school's account at WeChat is empty,
# a setting is wrong) is tried again by the worker, and then given up: nobody's money waits for ever.
FINAL = frozenset(("NOT_ENOUGH_REFUNDABLE", "USER_ACCOUNT_ABNORMAL", "RESOURCE_NOT_EXISTS"))
GIVE_UP_AFTER = timedelta(days=7)

log = structlog.get_logger(__name__)


async def settle_refund(parts: Parts, notice: RefundNotice, channel: RechargeMethod) -> None:
    """Finish the refund a verified notice speaks of: done, or failed and the money back. Idempotent.

    The worker tells the holder. IDEMPOTENCY_CONFLICT for another amount than was asked for, or from another channel
    than was asked."""
    request = await find_refund_request(parts.database, notice.out_refund_no)
    if request is not None and (notice.refund_fen, channel) != (request.amount_fen, request.channel):
        raise Refusal(RefusalCode.IDEMPOTENCY_CONFLICT)
    await _settle(parts, notice.out_refund_no, notice.state, notice.finished_at)


async def send_refund(parts: Parts, out_refund_no: str) -> bool:
    """Ask whoever was paid for a refund that is still open, and settle it with what it answers; whether it is settled.

    The same refund number acts once there, so asking again after silence is right.
    """
    request = await find_refund_request(parts.database, out_refund_no)
    if request is None:  # finished, or never asked for
        return True
    asking = False  # while only looking, no refusal says that they did not take the refund before
    try:
        provider = parts.provider(request.channel)
        status = await provider.query_refund(out_refund_no)
        if status.state is RefundState.UNKNOWN:
            asking = True
            status = await provider.refund(
                out_refund_no,
                refund_fen=request.amount_fen,
                total_fen=request.paid_fen,
                reason=request.reason,
                transaction_id=request.transaction_id,
            )
    except ProviderUnavailable as problem:
        log.warning("refund_waits", out_refund_no=out_refund_no, problem=str(problem))
        return False
    except ProviderRefused as refused:
        log.error("refund_refused", out_refund_no=out_refund_no, why=refused.code, asking=asking)
        too_long = parts.clock() - request.asked_at >= GIVE_UP_AFTER
        if not asking or not (refused.code in FINAL or too_long):
            return False
        return await _settle(parts, out_refund_no, RefundState.CLOSED, None)
    if status.refund_fen != request.amount_fen:
        log.error("refund_of_another_amount", out_refund_no=out_refund_no, told_fen=status.refund_fen)
        return False
    return await _settle(parts, out_refund_no, status.state, status.finished_at)


async def _settle(parts: Parts, out_refund_no: str, state: RefundState, finished_at: datetime | None) -> bool:
    if state in (RefundState.PROCESSING, RefundState.UNKNOWN):
        return False
    finished = await parts.book.finish_refund(
        out_refund_no, ok=state is RefundState.SUCCESS, at=finished_at or parts.clock(), tell_holder=True
    )
    if finished is None:
        log.error("refund_nobody_asked_for", out_refund_no=out_refund_no, state=state)
        return True
    log.info("refund_settled", refund=finished.refund_id, state=finished.state, case=finished.case_id)
    if not finished.replayed and finished.receipt.account_id is not None:
        parts.events.account_changed(finished.receipt.account_id)
    return True
