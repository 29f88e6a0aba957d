"""The care for an order: ask whoever was to be paid, credit it when paid, close it when nobody will pay it.

A payment that arrives for an order closed here is credited all the same: it is the person's money.
"""

from __future__ import annotations

import structlog

from onecard.actions.parts import Parts
from onecard.actions.settle_recharge import settle_by_query
from onecard.ledger.recharges import RechargeOrder
from onecard.outside.payments import PaymentState
from onecard.outside.providers import ProviderRefused
from onecard.rules.kinds import RechargeState

log = structlog.get_logger(__name__)


async def look_after_recharge(parts: Parts, out_trade_no: str) -> bool:
    """Whether the order came to an end (credited, closed, failed); otherwise look again later.

    Raises the port's ProviderUnavailable and LedgerUnavailable.
    """
    order = await parts.recharges.find_order(out_trade_no)
    return order is None or await look_after_order(parts, order)


async def look_after_order(parts: Parts, order: RechargeOrder) -> bool:
    """The same of an order that was read already."""
    if order.state is not RechargeState.ORDERED:
        return True
    status = await settle_by_query(parts, order)
    if status.state.was_paid:
        return True
    now = parts.clock()
    if status.state in (PaymentState.CLOSED, PaymentState.REVOKED):
        await parts.recharges.close_order(order.id, now)
    elif status.state is PaymentState.PAYERROR:
        await parts.recharges.fail_order(order.id, now, status.declined)
    elif now < order.expires_at:
        return False
    else:
        await _close(parts, order)
    log.info("recharge_ended", recharge=order.id, state=status.state)
    parts.events.account_changed(order.account_id)
    return True


async def _close(parts: Parts, order: RechargeOrder) -> None:
    """At the provider first, so that nobody can pay it after we say it is closed."""
    try:
        await parts.provider(order.method).close(order.out_trade_no)
    except ProviderRefused as refused:
        # Paid in the very moment: credit it. An order that never reached the provider cannot be paid either.
        log.info("close_refused", recharge=order.id, why=refused.code)
        status = await settle_by_query(parts, order)
        if status.state.was_paid:
            return
        if status.state is not PaymentState.UNKNOWN:
            raise
    await parts.recharges.close_order(order.id, parts.clock())
