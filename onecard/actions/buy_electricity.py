"""缴电费: for any room, by its resident, a friend, a counselor or a parent; then the room has the energy, or the
payer has the money back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import structlog

from onecard.actions.attempts import take_attempt
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.actions.settle_electricity import (
    carry_on,
    find_tariff,
    look_after_electricity,
)
from onecard.actions.start_payment import (
    Payable,
    Payer,
    expires_at,
    has_bank_card,
    is_connected,
    start_payment,
)
from onecard.ledger.book import caller_key
from onecard.ledger.electricity import Purchase
from onecard.ledger.energy import ElectricityOrder, find_bought, find_electricity
from onecard.ledger.keys import CallerKey
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.outside.rate_limits import Limit
from onecard.registry.meters import find_meter_of_room
from onecard.registry.places import find_room
from onecard.rules.access import Caller, require_person
from onecard.rules.ids import new_id
from onecard.rules.kinds import ElectricityState, PayMethod, RechargeMethod
from onecard.rules.policy import Policy
from onecard.rules.refusals import Refusal, RefusalCode
from onecard.rules.tariffs import Part, month_of, price_energy

DESCRIPTION = "宿舍电费"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bought:
    order: ElectricityOrder
    replayed: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """What the money would buy for this room now. `repaid_fen` of it repays emergency credit."""

    amount_fen: int
    wh: int
    repaid_fen: int
    parts: tuple[Part, ...]


@or_unavailable()
async def buy_electricity(
    parts: Parts,
    caller: Caller,
    *,
    id: str,
    room_id: str,
    amount_fen: int,
    method: PayMethod,
    note: str | None,
) -> Bought:
    """Refuses NOT_ALLOWED, NOT_BOUND, TOO_MANY_ATTEMPTS, SERVICE_UNAVAILABLE, IDEMPOTENCY_CONFLICT and, stored
    under the id: what `purchase` refuses."""
    person = require_person(caller)
    if person.account_id is None or person.person_id is None:
        raise Refusal(RefusalCode.NOT_BOUND)
    key = caller_key(person.person_id, id, room=room_id, amount_fen=amount_fen, method=method, note=note)
    payer = Payer(person.person_id, person.account_id, person.login_id)
    return await purchase(parts, payer, key, room_id=room_id, amount_fen=amount_fen, method=method, note=note)


async def purchase(
    parts: Parts,
    payer: Payer,
    key: CallerKey,
    *,
    room_id: str,
    amount_fen: int,
    method: PayMethod,
    note: str | None = None,
    counted: bool = True,
) -> Bought:
    """One order under one id. `counted`: new orders of a payer are counted, so that nobody floods a provider.

    Refuses, stored under the id: ROOM_UNKNOWN, ROOM_HAS_NO_METER, AMOUNT_INVALID, METHOD_NOT_OFFERED,
    BANK_CARD_NOT_BOUND and what a payment from the account refuses; TOO_MANY_ATTEMPTS is not stored.
    """
    if counted and not await parts.recharges.has_result(key):
        await take_attempt(parts, orders_of_a_payer(parts.policy), payer.id)
    room = await find_room(parts.database, room_id)
    meter = await find_meter_of_room(parts.database, room_id) if room else None
    refuse = _refusal(
        parts.policy,
        offered_methods(parts),
        amount_fen,
        method,
        has_room=room is not None,
        has_meter=meter is not None,
        has_card=method is not PayMethod.BANK_CARD or await has_bank_card(parts, payer.id),
    )
    if room is not None:
        await parts.book.open_room(room_id)
    wanted = Purchase(
        order_id=new_id("ele"),
        payer=payer.id,
        account_id=payer.account_id,
        room_id=room_id,
        meter_id=meter.id if meter else None,
        way=meter.way if meter else None,
        amount_fen=amount_fen,
        method=method,
        note=note,
    )
    if method is PayMethod.CARD_ACCOUNT:
        order, replayed = await parts.book.pay_electricity(key, wanted, refuse=refuse)
    else:
        order, replayed = await parts.book.order_electricity(
            key,
            wanted,
            out_trade_no=wanted.order_id.removeprefix("ele_"),
            expires_at=expires_at(parts, method, parts.policy.electricity_expires_s),
            refuse=refuse,
        )
    if not replayed:
        log.info("electricity_ordered", order=order.id, room=room_id, amount_fen=amount_fen, method=method)
    if order.state is ElectricityState.ORDERED and order.prepay_id is None:
        order = await _start_payment(parts, payer, order)
    elif order.state is ElectricityState.PAID:
        order = await carry_on(parts, order.id)
    if payer.account_id is not None:
        parts.events.account_changed(payer.account_id)
    return Bought(order, replayed)


async def quote_electricity(parts: Parts, room_id: str, amount_fen: int) -> Quote | None:
    """None: no such room."""
    if await find_room(parts.database, room_id) is None:
        return None
    tariff, since = find_tariff(parts)
    bought_wh, owed_fen = await find_bought(parts.database, room_id, since)
    repaid = min(owed_fen, max(0, amount_fen))
    priced = price_energy(tariff, max(0, amount_fen) - repaid, bought_wh)
    return Quote(amount_fen, sum(part.wh for part in priced), repaid, priced)


def offered_methods(parts: Parts) -> tuple[PayMethod, ...]:
    """What the policy allows and somebody is connected for."""
    return tuple(method for method in parts.policy.electricity_methods if is_connected(parts, method))


async def _start_payment(parts: Parts, payer: Payer, order: ElectricityOrder) -> ElectricityOrder:
    assert order.out_trade_no is not None, "paid from outside"
    assert order.expires_at is not None, "paid from outside"
    method = RechargeMethod(order.method)
    payable = Payable(order.id, order.out_trade_no, order.amount_fen, DESCRIPTION, order.expires_at)
    place = await start_payment(parts, payer, method, payable, f"/electricity/order/{order.id}")
    if place is not None:
        order = await parts.book.prepare_electricity(order.id, place) or order
        if method is not RechargeMethod.BANK_CARD:
            return order
    # Refused, perhaps because it was paid or closed meanwhile: then that is the answer. Or debited: what came of it is
    # the answer, and who asks next hears it when the bank is away now.
    with suppress(ProviderUnavailable, ProviderRefused):
        await look_after_electricity(parts, order.id)
    now = await find_electricity(parts.database, order.id)
    if now is None or (place is None and now.state is ElectricityState.ORDERED):
        raise Refusal(RefusalCode.SERVICE_UNAVAILABLE)
    return now


def _refusal(
    policy: Policy,
    offered: tuple[PayMethod, ...],
    amount_fen: int,
    method: PayMethod,
    *,
    has_room: bool,
    has_meter: bool,
    has_card: bool,
) -> Refusal | None:
    if not has_room:
        return Refusal(RefusalCode.ROOM_UNKNOWN)
    if not has_meter:
        return Refusal(RefusalCode.ROOM_HAS_NO_METER)
    if not policy.electricity_minimum_fen <= amount_fen <= policy.electricity_maximum_fen:
        return Refusal(
            RefusalCode.AMOUNT_INVALID,
            minimum_fen=policy.electricity_minimum_fen,
            maximum_fen=policy.electricity_maximum_fen,
        )
    if method not in offered:
        return Refusal(RefusalCode.METHOD_NOT_OFFERED)
    if not has_card:
        return Refusal(RefusalCode.BANK_CARD_NOT_BOUND)
    return None


def orders_of_a_payer(policy: Policy) -> Limit:
    return Limit("electricity", policy.recharge_orders_most, policy.recharge_orders_within_s)


def current_month(parts: Parts) -> str:
    """The school's month, by which quotas and steps are counted."""
    return month_of(parts.clock())[0]
