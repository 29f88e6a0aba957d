"""The page says the payment sheet closed; a phone is never believed about money, so the provider is asked."""

from __future__ import annotations

import asyncio

from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.actions.settle_electricity import (
    carry_on,
    look_after_electricity,
    settle_electricity_by_query,
)
from onecard.ledger.energy import ElectricityOrder, find_electricity
from onecard.outside.providers import ProviderRefused
from onecard.rules.access import Caller, Guest, Person, Role
from onecard.rules.kinds import ElectricityState
from onecard.rules.refusals import Refusal, RefusalCode

CONFIRMS = (Role.UTILITY_STAFF, Role.FINANCE)
SEES_ORDERS = (*CONFIRMS, Role.OPERATOR, Role.AUDITOR)
ASK_S = 6.0  # somebody looks at the page meanwhile; the worker asks again anyway


@or_unavailable()
async def confirm_electricity(parts: Parts, caller: Caller, order_id: str) -> ElectricityOrder:
    """The order as it is now, further on where it could go on. Refuses ORDER_UNKNOWN (also for somebody else's, but
    to CONFIRMS), SERVICE_UNAVAILABLE."""
    order = await find_electricity(parts.database, order_id)
    if order is None or not _may(caller, order, CONFIRMS):
        raise Refusal(RefusalCode.ORDER_UNKNOWN)
    if order.out_trade_no is not None and order.state in (
        ElectricityState.ORDERED,
        ElectricityState.CLOSED,
        ElectricityState.FAILED,
    ):
        try:
            async with asyncio.timeout(ASK_S):
                if order.state is ElectricityState.ORDERED:
                    await look_after_electricity(parts, order.id)
                else:
                    await settle_electricity_by_query(parts, order)
        except ProviderRefused as refused:
            raise Refusal(RefusalCode.SERVICE_UNAVAILABLE) from refused
    return await carry_on(parts, order_id)


def may_see_order(caller: Caller, order: ElectricityOrder) -> bool:
    """One's own, or anybody's for those who look after orders."""
    return _may(caller, order, SEES_ORDERS)


def _may(caller: Caller, order: ElectricityOrder, roles: tuple[Role, ...]) -> bool:
    if isinstance(caller, Guest):
        return caller.link_id == order.payer
    return isinstance(caller, Person) and (
        (caller.person_id is not None and caller.person_id == order.payer) or caller.has(*roles)
    )
