"""An order to be paid from outside gets its payment there: WeChat's prepaid id, a cashier's address, a debit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from onecard.actions.bank_cards import forget_card
from onecard.actions.parts import Parts
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.registry.bank_cards import find_bank_card
from onecard.registry.record import record_openid
from onecard.rules.kinds import BankCardState, DeclineReason, ElectricityState, RechargeMethod, RechargeState
from onecard.rules.refusals import Refusal, RefusalCode

if TYPE_CHECKING:
    from onecard.ledger.energy import ElectricityOrder
    from onecard.ledger.recharges import RechargeOrder

DEBIT_BEGINS_WITHIN_S = 300

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Payable:
    """What of an order the provider is told."""

    id: str
    out_trade_no: str
    amount_fen: int
    description: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Payer:
    """`id`: a person's or a link's. `pays_with`: the login whose WeChat pays, None where no WeChat is wanted;
    `openid` instead of it: of somebody without a login."""

    id: str
    account_id: str | None
    pays_with: str | None
    openid: str | None = None


async def start_payment(
    parts: Parts, payer: Payer, method: RechargeMethod, order: Payable, page: str
) -> str | None:
    """What the provider knows the order by from now on: WeChat's prepaid id, the address of the platform's page (from
    there the browser comes back to `page` of ours), or the bank card that was debited. Asking for the same order again
    is fine. None: refused, perhaps because it was paid or closed meanwhile.

    Raises ProviderUnavailable; refuses NOT_ALLOWED for who has no WeChat.
    """
    try:
        if method is RechargeMethod.WECHAT:
            return await parts.wechat_pay.prepay(
                order.out_trade_no,
                order.amount_fen,
                await _openid(parts, payer),
                order.description,
                order.expires_at,
            )
        if method is RechargeMethod.BANK_CARD:
            return await _debit(parts, payer, order)
        if parts.online_payment is None:
            raise ProviderUnavailable("no payment platform is connected")
        return await parts.online_payment.open(
            order.out_trade_no,
            order.amount_fen,
            order.description,
            order.expires_at,
            f"{parts.settings.public_url}/#{page}",
        )
    except ProviderRefused as refused:
        log.warning("payment_not_started", order=order.id, method=method, why=refused.code)
        return None


def expires_at(parts: Parts, method: str, lives_for_s: int) -> datetime:
    """Until when an order may be paid. A debit is begun soon or not at all: nobody waits for one that got lost."""
    seconds = min(lives_for_s, DEBIT_BEGINS_WITHIN_S) if method == RechargeMethod.BANK_CARD else lives_for_s
    return parts.clock() + timedelta(seconds=seconds)


async def has_bank_card(parts: Parts, payer_id: str) -> bool:
    card = await find_bank_card(parts.database, payer_id)
    return card is not None and card.state is BankCardState.BOUND


def is_connected(parts: Parts, method: str) -> bool:
    """Is there somebody who takes money that way?"""
    return (method != RechargeMethod.ONLINE_PAYMENT or parts.online_payment is not None) and (
        method != RechargeMethod.BANK_CARD or parts.bank is not None
    )


def place_to_pay(parts: Parts, order: RechargeOrder | ElectricityOrder, by: RechargeMethod) -> str | None:
    """What an order is paid with by that way; None when it is paid otherwise, or no more."""
    unpaid = order.state in (RechargeState.ORDERED, ElectricityState.ORDERED)
    if not unpaid or order.method != by or order.expires_at is None or parts.clock() >= order.expires_at:
        return None
    return order.prepay_id


def wechat_parameters(parts: Parts, order: RechargeOrder | ElectricityOrder) -> dict[str, str] | None:
    """What the page hands to WeChat's payment sheet; None when there is nothing (more) to pay there."""
    prepay_id = place_to_pay(parts, order, RechargeMethod.WECHAT)
    return parts.wechat_pay.bridge_parameters(prepay_id) if prepay_id else None


async def _debit(parts: Parts, payer: Payer, order: Payable) -> str | None:
    """The card that the bank was told to debit; what became of it, the bank is asked. None: unbound meanwhile."""
    card = await find_bank_card(parts.database, payer.id)
    if parts.bank is None or card is None or card.agreement_id is None:
        return None
    status = await parts.bank.debit(
        order.out_trade_no, order.amount_fen, card.agreement_id, order.description, order.expires_at
    )
    log.info("debited", order=order.id, card=card.id, state=status.state, declined=status.declined)
    if status.declined is DeclineReason.AGREEMENT_ENDED:
        await forget_card(parts, card, by="bank")
    return card.id


async def _openid(parts: Parts, payer: Payer) -> str:
    """Who pays at WeChat; of a login, remembered from the first time on."""
    if payer.openid is not None:
        return payer.openid
    login = await parts.registry.find_login(payer.pays_with) if payer.pays_with else None
    if login is None:
        raise Refusal(RefusalCode.NOT_ALLOWED)
    if login.openid is not None:
        return login.openid
    try:
        openid = await parts.wecom.openid_of(login.wecom_userid)
    except ProviderRefused as refused:
        log.error("openid_refused", login=login.id, why=refused.code)
        theirs = refused.code in ("NO_WECHAT", "UNKNOWN_USER")  # else a setting of ours
        raise Refusal(RefusalCode.NOT_ALLOWED if theirs else RefusalCode.SERVICE_UNAVAILABLE) from refused
    await record_openid(parts.database, login.id, openid)
    return openid
