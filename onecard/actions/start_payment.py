"""An order that is to be paid from outside gets its payment there: WeChat's prepaid id, or a cashier's address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from onecard.actions.parts import Parts
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.registry.record import record_openid
from onecard.rules.refusals import Refusal, RefusalCode

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Payable:
    """What of an order the provider is told."""

    id: str
    out_trade_no: str
    amount_fen: int
    description: str
    expires_at: datetime


async def prepay_by_wechat(parts: Parts, order: Payable, openid: str) -> str | None:
    """WeChat's id for the order; asking for the same order again gives one for the same order. None: refused,
    perhaps because it was paid or closed meanwhile. Raises ProviderUnavailable."""
    try:
        return await parts.wechat_pay.prepay(
            order.out_trade_no, order.amount_fen, openid, order.description, order.expires_at
        )
    except ProviderRefused as refused:
        log.warning("prepay_refused", order=order.id, why=refused.code)
        return None


async def open_cashier(parts: Parts, order: Payable, return_url: str) -> str | None:
    """The address of the platform's page for the order; asking again is fine. None: refused, perhaps because it was
    paid or closed meanwhile. Raises ProviderUnavailable."""
    if parts.online_payment is None:
        raise ProviderUnavailable("no payment platform is connected")
    try:
        return await parts.online_payment.open(
            order.out_trade_no, order.amount_fen, order.description, order.expires_at, return_url
        )
    except ProviderRefused as refused:
        log.warning("cashier_refused", order=order.id, why=refused.code)
        return None


def wechat_parameters(
    parts: Parts, prepay_id: str | None, expires_at: datetime | None
) -> dict[str, str] | None:
    """What the page hands to WeChat's payment sheet; None when there is nothing (more) to pay."""
    if prepay_id is None or expires_at is None or parts.clock() >= expires_at:
        return None
    return parts.wechat_pay.bridge_parameters(prepay_id)


async def openid_of_login(parts: Parts, login_id: str) -> str:
    """Who pays at WeChat, remembered from the first time on. Refuses NOT_ALLOWED: has no WeChat to pay with."""
    login = await parts.registry.find_login(login_id)
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
