"""卡片充值: an order here and at WeChat; money moves only when WeChat says it was paid."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from onecard.actions.attempts import take_attempt
from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.actions.settle_recharge import settle_by_query
from onecard.actions.start_payment import Payable, openid_of_login, prepay_by_wechat, wechat_parameters
from onecard.ledger.book import caller_key
from onecard.ledger.recharges import RechargeOrder
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
    AMOUNT_INVALID, OUTSIDE_SERVICE_HOURS, WALLET_TYPE_NOT_OFFERED, ACCOUNT_CLOSED; IDEMPOTENCY_CONFLICT.
    Not stored: TOO_MANY_ATTEMPTS, which counts ids that have no result yet, so that no repeat counts; and
    SERVICE_UNAVAILABLE when WeChat did not answer: the order stays, and the same id again goes on with it."""
    person = require_person(caller)
    if person.account_id is None or person.person_id is None:
        raise Refusal(RefusalCode.NOT_BOUND)
    key = caller_key(person.person_id, id, amount_fen=amount_fen, wallet_type=wallet_type, method=method)
    if not await parts.recharges.has_result(key):
        await take_attempt(parts, _orders_of_a_person(parts.policy), person.person_id)
    order, replayed = await parts.recharges.create_order(
        key,
        person.account_id,
        amount_fen,
        wallet_type,
        method,
        refuse=_refusal(parts, amount_fen, wallet_type, method),
    )
    if not replayed:
        log.info(
            "recharge_ordered", recharge=order.id, out_trade_no=order.out_trade_no, amount_fen=amount_fen
        )
    if order.state is RechargeState.ORDERED and order.prepay_id is None:
        order = await _prepay(parts, person, order)
    return RechargeCreated(order, replayed)


def bridge_parameters(parts: Parts, recharge: RechargeOrder) -> dict[str, str] | None:
    """What the page hands to WeChat's payment sheet; None when there is nothing (more) to pay."""
    if recharge.state is not RechargeState.ORDERED:
        return None
    return wechat_parameters(parts, recharge.prepay_id, recharge.expires_at)


def _orders_of_a_person(policy: Policy) -> Limit:
    """An order nobody pays costs a prepay at WeChat and the worker's questions for two hours."""
    return Limit("recharge", policy.recharge_orders_most, policy.recharge_orders_within_s)


def _refusal(
    parts: Parts, amount_fen: int, wallet_type: WalletType, method: RechargeMethod
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
    if method not in policy.recharge_methods:
        return Refusal(RefusalCode.METHOD_NOT_OFFERED)
    try:
        policy.recharge_hours.require_open(parts.clock())
    except Refusal as closed:
        return closed
    return None


async def _prepay(parts: Parts, person: Person, order: RechargeOrder) -> RechargeOrder:
    payable = Payable(order.id, order.out_trade_no, order.amount_fen, DESCRIPTION, order.expires_at)
    prepay_id = await prepay_by_wechat(parts, payable, await openid_of_login(parts, person.login_id))
    if prepay_id is None:
        # It may say so because the order was paid or closed meanwhile: then that is the answer.
        await settle_by_query(parts, order.out_trade_no)
        now = await parts.recharges.find_order(order.out_trade_no)
        if now is None or now.state is RechargeState.ORDERED:
            raise Refusal(RefusalCode.SERVICE_UNAVAILABLE)
        return now
    prepared = await parts.recharges.set_prepay(order.id, prepay_id)
    return prepared or await parts.recharges.find_order(order.out_trade_no) or order
