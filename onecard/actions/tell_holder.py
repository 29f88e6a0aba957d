"""Tells the holder of an account, by one short WeCom message, what became of a recharge or a refund.

The job is enqueued in the posting's own transaction, so it exists if and only if the money moved. A message may
be lost (the page shows the money all the same), but none comes twice: an attempt is claimed before it is sent,
so a job that runs again after a crash says nothing; and each attempt has the same words, of which WeCom delivers
one, should the answer to an earlier attempt have been lost.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from onecard.actions.parts import Parts
from onecard.ledger.news import News, NewsKind, find_news
from onecard.outside.providers import ProviderRefused
from onecard.outside.rate_limits import Limit
from onecard.outside.wecom import REPEATS_DROPPED
from onecard.rules.money import format_yuan

TOLD_WITHIN = timedelta(hours=3)  # of the posting: later it is no news
assert TOLD_WITHIN < REPEATS_DROPPED
CLAIM = Limit("tell", count=1, window_s=int(REPEATS_DROPPED.total_seconds()))
TAIL = 4  # characters of the order's number: enough to find it by on the phone

SENTENCES = {
    NewsKind.RECHARGED: "充值到账 {amount} 元，可用余额 {available} 元。",
    NewsKind.REFUNDED: "退款 {amount} 元已按原路退回。",
    NewsKind.REFUND_FAILED: "退款 {amount} 元未成功，钱已退回校园卡，可用余额 {available} 元。",
    NewsKind.REFUNDED_AFTER_ALL: "之前未成功的退款 {amount} 元已按原路退回，校园卡已相应扣回，可用 {available} 元。",
}
ORDER = "订单号尾号 {tail}。"

log = structlog.get_logger(__name__)


async def tell_holder(parts: Parts, subject: str, transfer_id: int, attempt: int) -> bool:
    """True: told, or never to be. `attempt` counts from 0 and is another one only after this one raised.

    Raises ProviderUnavailable, LimitsUnavailable and the database's errors: another attempt, later.
    """
    news = await find_news(parts.database, subject, transfer_id)
    if news is None:
        log.info("news_overtaken", subject=subject, transfer=transfer_id)
        return True
    login = await parts.registry.find_login_by_account(news.account_id)
    if login is None:
        log.info("holder_has_no_login", subject=subject, account=news.account_id)
        return True
    if parts.clock() - news.recorded_at > TOLD_WITHIN:
        log.warning("news_too_old", subject=subject, transfer=transfer_id, attempt=attempt)
        return True
    if await parts.limits.take(CLAIM, f"{subject}:{transfer_id}:{attempt}") is not None:
        log.warning("attempt_claimed_before", subject=subject, transfer=transfer_id, attempt=attempt)
        return True
    try:
        await parts.wecom.send_message(login.wecom_userid, write_message(news))
    except ProviderRefused as refused:
        log.error("message_refused", subject=subject, login=login.id, why=refused.code)
        return True
    log.info("holder_told", subject=subject, transfer=transfer_id, news=news.kind, login=login.id)
    return True


def write_message(news: News) -> str:
    """No names, no whole numbers: a phone shows it on its locked screen."""
    available = "" if news.available_fen is None else format_yuan(news.available_fen)
    said = SENTENCES[news.kind].format(amount=format_yuan(news.amount_fen), available=available)
    return said + ORDER.format(tail=news.out_trade_no[-TAIL:])
