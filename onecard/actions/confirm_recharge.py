"""The page says the payment sheet closed; a phone is never believed about money, so whoever was to be paid is asked."""

from __future__ import annotations

import asyncio

from onecard.actions.look_after_recharge import look_after_order
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.actions.settle_recharge import settle_by_query
from onecard.ledger.recharges import RechargeOrder
from onecard.ledger.statements import find_recharge
from onecard.outside.providers import ProviderRefused
from onecard.rules.access import Caller, Person, Role
from onecard.rules.kinds import RechargeState
from onecard.rules.refusals import Refusal, RefusalCode

CONFIRMS = (Role.OPERATOR, Role.FINANCE)  # it may credit: an auditor sees and changes nothing
ASK_S = 6.0  # somebody looks at the page meanwhile; the worker asks again anyway


@or_unavailable()
async def confirm_recharge(parts: Parts, caller: Caller, recharge_id: str) -> RechargeOrder:
    """The order as it is now, credited when the provider has the money. Refuses RECHARGE_UNKNOWN (also for
    somebody else's, but to CONFIRMS), SERVICE_UNAVAILABLE."""
    order = await find_recharge(parts.database, recharge_id)
    if order is None or not _may_confirm(caller, order.account_id):
        raise Refusal(RefusalCode.RECHARGE_UNKNOWN)
    if order.state not in (RechargeState.ORDERED, RechargeState.CLOSED, RechargeState.FAILED):
        return order
    try:
        async with asyncio.timeout(ASK_S):
            if order.state is RechargeState.ORDERED:
                await look_after_order(parts, order)
            else:
                await settle_by_query(parts, order)
    except ProviderRefused as refused:
        raise Refusal(RefusalCode.SERVICE_UNAVAILABLE) from refused
    return await find_recharge(parts.database, recharge_id) or order


def _may_confirm(caller: Caller, account_id: str) -> bool:
    return isinstance(caller, Person) and (caller.account_id == account_id or caller.has(*CONFIRMS))
