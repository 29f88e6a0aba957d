"""到账: the provider's word that an order was paid, by signed notification or by our asking."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import structlog

from onecard.actions.parts import Parts
from onecard.actions.settle_electricity import credit_electricity
from onecard.ledger.book import CreditOutcome, CreditState
from onecard.ledger.energy import find_electricity_by_number
from onecard.ledger.recharges import RechargeOrder
from onecard.outside.payments import PaymentNotice, PaymentStatus
from onecard.rules.kinds import RechargeMethod

log = structlog.get_logger(__name__)


async def settle_recharge(parts: Parts, notice: PaymentNotice, channel: RechargeMethod) -> CreditOutcome:
    """Credit what a verified notice says was paid, once per transaction id; the worker tells the holder. An order
    for electricity goes on from there.

    What fits no order lies in suspense afterwards and the worker sends it back. Raises LedgerUnavailable (the
    notice is then repeated), and IDEMPOTENCY_CONFLICT when the same transaction was told otherwise before.
    """
    return await _credit(
        parts, channel, notice.out_trade_no, notice.transaction_id, notice.paid_fen, notice.paid_at, "NOTIFY"
    )


async def settle_by_query(parts: Parts, order: RechargeOrder) -> PaymentStatus:
    """Ask whoever was to be paid about an order, and credit it when it was. Raises the port's errors."""
    channel, out_trade_no = order.method, order.out_trade_no
    status = await parts.provider(channel).query(out_trade_no)
    if status.state.was_paid:
        # The port's promise for a paid order.
        assert status.transaction_id is not None
        assert status.paid_fen is not None
        assert status.paid_at is not None
        await _credit(
            parts, channel, out_trade_no, status.transaction_id, status.paid_fen, status.paid_at, "QUERY"
        )
    return status


async def _credit(
    parts: Parts,
    channel: RechargeMethod,
    out_trade_no: str,
    transaction_id: str,
    paid_fen: int,
    paid_at: datetime,
    source: Literal["NOTIFY", "QUERY"],
) -> CreditOutcome:
    electricity = await find_electricity_by_number(parts.database, out_trade_no)
    if electricity is not None:
        return await credit_electricity(
            parts, electricity, channel, transaction_id, paid_fen, paid_at, source
        )
    outcome = await parts.book.credit_recharge(
        channel=channel,
        out_trade_no=out_trade_no,
        transaction_id=transaction_id,
        paid_fen=paid_fen,
        paid_at=paid_at,
        source=source,
        tell_holder=True,
    )
    log.info(
        "recharge_settled",
        out_trade_no=out_trade_no,
        outcome=outcome.state,
        transfer=outcome.receipt.transfer_id,
        case=outcome.case_id,
    )
    if outcome.state is CreditState.CREDITED and outcome.receipt.account_id is not None:
        parts.events.account_changed(outcome.receipt.account_id)
    elif outcome.state is CreditState.SUSPENDED:
        order = await parts.recharges.find_order(out_trade_no)  # it may just have ended, unpaid
        if order is not None:
            parts.events.account_changed(order.account_id)
    return outcome
