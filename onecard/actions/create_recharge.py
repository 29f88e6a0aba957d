"""卡片充值: an order here and at whoever is to be paid; money moves only when they say it was paid."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import structlog

from onecard.actions.attempts import take_attempt
from onecard.actions.look_after_recharge import look_after_order
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.actions.start_payment import (
    Payable,
    Payer,
    expires_at,
    has_bank_card,
    is_connected,
    start_payment,
)
from onecard.ledger.book import caller_key
from onecard.ledger.recharges import RechargeOrder
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.outside.rate_limits import Limit
from onecard.rules.access import Caller, Person, require_person
from onecard.rules.kinds import RechargeMethod, RechargeState, WalletType
from onecard.rules.policy import Policy
from onecard.rules.refusals import Refusal, RefusalCode

DESCRIPTION = "校园卡充值"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RechargeCreated:
    recharge: RechargeOrder
    replayed: bool


@or_unavailable()
async def create_recharge(
    parts: Parts,
    caller: Caller,
    *,
    id: str,
    amount_fen: int,
    wallet_type: WalletType,
    method: RechargeMethod,
) -> RechargeCreated:
    """Refuses NOT_ALLOWED (also who has no WeChat to pay with), NOT_BOUND, and, stored under the id:
    AMOUNT_INVALID, OUTSIDE_SERVICE_HOURS, WALLET_TYPE_NOT_OFFERED, METHOD_NOT_OFFERED, BANK_CARD_NOT_BOUND,
    ACCOUNT_CLOSED; IDEMPOTENCY_CONFLICT. Not stored: TOO_MANY_ATTEMPTS, which counts ids that have no result yet, so
    that no repeat counts; and SERVICE_UNAVAILABLE when the provider did not answer: the order stays, and the same id
    again goes on with it. What the bank declines is FAILED already, and says why."""
    person = require_person(caller)
    if person.account_id is None or person.person_id is None:
        raise Refusal(RefusalCode.NOT_BOUND)
    key = caller_key(person.person_id, id, amount_fen=amount_fen, wallet_type=wallet_type, method=method)
    if not await parts.recharges.has_result(key):
        await take_attempt(parts, _orders_of_a_person(parts.policy), person.person_id)
    has_card = method is not RechargeMethod.BANK_CARD or await has_bank_card(parts, person.person_id)
    order, replayed = await parts.recharges.create_order(
        key,
        person.account_id,
        amount_fen,
        wallet_type,
        method,
        expires_at(parts, method, parts.policy.recharge_expires_s),
        refuse=_refusal(parts, amount_fen, wallet_type, method, has_card=has_card),
    )
    if not replayed:
        log.info(
            "recharge_ordered", recharge=order.id, out_trade_no=order.out_trade_no, amount_fen=amount_fen
        )
    if order.state is RechargeState.ORDERED and order.prepay_id is None:
        order = await _start_payment(parts, person, order)
    return RechargeCreated(order, replayed)


def offered_channels(parts: Parts) -> tuple[RechargeMethod, ...]:
    """What the policy allows and somebody is connected for."""
    return tuple(method for method in parts.policy.recharge_methods if is_connected(parts, method))


def _orders_of_a_person(policy: Policy) -> Limit:
    """An order nobody pays costs a prepay at the provider and the worker's questions for two hours."""
    return Limit("recharge", policy.recharge_orders_most, policy.recharge_orders_within_s)


def _refusal(
    parts: Parts, amount_fen: int, wallet_type: WalletType, method: RechargeMethod, *, has_card: bool
) -> Refusal | None:
    policy = parts.policy
    if not policy.recharge_minimum_fen <= amount_fen <= policy.recharge_maximum_fen:
        return Refusal(
            RefusalCode.AMOUNT_INVALID,
            minimum_fen=policy.recharge_minimum_fen,
            maximum_fen=policy.recharge_maximum_fen,
        )
    if wallet_type not in policy.wallet_types:
        return Refusal(RefusalCode.WALLET_TYPE_NOT_OFFERED)
    if method not in offered_channels(parts):
        return Refusal(RefusalCode.METHOD_NOT_OFFERED)
    if not has_card:
        return Refusal(RefusalCode.BANK_CARD_NOT_BOUND)
    try:
        policy.recharge_hours.require_open(parts.clock())
    except Refusal as closed:
        return closed
    return None


async def _start_payment(parts: Parts, person: Person, order: RechargeOrder) -> RechargeOrder:
    assert person.person_id is not None, "bound"
    payer = Payer(person.person_id, person.account_id, person.login_id)
    payable = Payable(order.id, order.out_trade_no, order.amount_fen, DESCRIPTION, order.expires_at)
    place = await start_payment(parts, payer, order.method, payable, f"/recharge/{order.id}")
    if place is not None:
        await parts.recharges.set_prepay(order.id, place)
    if place is None or order.method is RechargeMethod.BANK_CARD:
        # Refused, perhaps because it was paid or closed meanwhile: then that is the answer. Or debited: what came of
        # it is the answer, and who asks next hears it when the bank is away now.
        with suppress(ProviderUnavailable, ProviderRefused):
            await look_after_order(parts, order)
    now = await parts.recharges.find_order(order.out_trade_no)
    if now is None or (place is None and now.state is RechargeState.ORDERED):
        raise Refusal(RefusalCode.SERVICE_UNAVAILABLE)
    return now
