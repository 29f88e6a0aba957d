"""消息: what a holder is told of their money, once, and what becomes of it when WeCom or Redis is away."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.town import OPERATOR

from onecard.actions.refund_recharge import refund_recharge
from onecard.actions.return_suspense import return_suspense
from onecard.actions.settle_recharge import settle_by_query, settle_recharge
from onecard.actions.settle_refund import send_refund, settle_refund
from onecard.actions.tell_holder import SENTENCES, TOLD_WITHIN, tell_holder, write_message
from onecard.ledger.news import News, NewsKind
from onecard.ledger.unsettled import find_cases_to_return
from onecard.outside.payments import RefundState
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.outside.rate_limits import FakeRateLimits, LimitsUnavailable
from onecard.rules.kinds import RechargeMethod

AWAY = ProviderUnavailable("played")


async def asked(town):
    """The jobs: what the worker is asked to tell, oldest first."""
    rows = await town.value(
        "SELECT json_agg(convert_from(payload, 'UTF8')::json ORDER BY id) FROM pgqueuer "
        "WHERE entrypoint = 'tell_holder'"
    )
    return [(job["subject"], int(job["transferId"])) for job in json.loads(rows or "[]")]


async def tell_all(town, attempt=0):
    for subject, transfer_id in await asked(town):
        assert await tell_holder(town.parts, subject, transfer_id, attempt)


async def refund(town, order, amount_fen, state=RefundState.SUCCESS):
    """Asked for by an operator, then ended by WeChat; its number there."""
    await refund_recharge(
        town.parts,
        await town.caller(OPERATOR),
        id=town.id(),
        recharge_id=order.id,
        amount_fen=amount_fen,
        reason="退回多充的金额",
    )
    number = await town.value("SELECT out_refund_no FROM refund ORDER BY asked_at DESC LIMIT 1")
    town.wechat.finish_refund(number, state)
    assert await send_refund(town.parts, number)
    return number


def tail(order):
    return f"订单号尾号 {order.out_trade_no[-4:]}。"


class TestWords:
    async def test_a_recharge(self, town):
        await town.give(3750)
        order = await town.give(5000)
        await tell_all(town)
        first, second = town.wecom.sent
        assert second == ("ouyang", "充值到账 50.00 元，可用余额 87.50 元。" + tail(order))
        assert first[1].startswith("充值到账 37.50 元")

    async def test_what_was_spent_meanwhile_changes_no_word(self, town):
        order = await town.give(5000)
        await town.pay(await town.code(), 1200)
        await tell_all(town)
        assert town.wecom.sent == [("ouyang", "充值到账 50.00 元，可用余额 50.00 元。" + tail(order))]

    async def test_a_refund_that_is_done(self, town):
        order = await town.give(10_000)
        await refund(town, order, 2000)
        await tell_all(town)
        assert town.wecom.sent[1:] == [("ouyang", "退款 20.00 元已按原路退回。" + tail(order))]

    async def test_a_refund_that_failed(self, town):
        order = await town.give(10_000)
        await refund(town, order, 2000, RefundState.ABNORMAL)
        await tell_all(town)
        (told,) = town.wecom.sent[1:]
        assert told[1] == "退款 20.00 元未成功，钱已退回校园卡，可用余额 100.00 元。" + tail(order)

    async def test_a_refund_that_failed_and_was_paid_out_after_all(self, town):
        order = await town.give(10_000)
        number = await refund(town, order, 2000, RefundState.ABNORMAL)
        notice = town.wechat.read_notification(*town.wechat.refund_notification(number))
        await settle_refund(town.parts, replace(notice, state=RefundState.SUCCESS), RechargeMethod.WECHAT)
        await tell_all(town)  # of the two, the failure is overtaken
        (told,) = town.wecom.sent[1:]
        assert told[1] == (
            "之前未成功的退款 20.00 元已按原路退回，校园卡已相应扣回，可用 80.00 元。" + tail(order)
        )

    @pytest.mark.parametrize("kind", NewsKind)
    def test_every_sentence_is_short_and_names_nobody(self, kind):
        assert kind in SENTENCES
        available_fen = None if kind is NewsKind.REFUNDED else -504
        news = News(kind, "acc_secret", 123_456, available_fen, "0123456789abcdef", datetime.now(UTC))
        said = write_message(news)
        assert "1234.56" in said
        assert said.endswith("尾号 cdef。")
        assert len(said) < 80
        assert not any(secret in said for secret in ("acc_", "0123456789", "{", "None", "  "))


class TestWhoIsTold:
    async def test_once_however_often_wechat_says_it(self, town):
        order = await town.give(5000)
        await settle_by_query(town.parts, order)
        said = town.wechat.read_notification(*town.wechat.payment_notification(order.out_trade_no))
        await settle_recharge(town.parts, said, RechargeMethod.WECHAT)
        number = await refund(town, order, 2000)
        await settle_refund(
            town.parts,
            town.wechat.read_notification(*town.wechat.refund_notification(number)),
            RechargeMethod.WECHAT,
        )
        assert [subject[:4] for subject, _ in await asked(town)] == ["rch_", "rfd_"]

    async def test_nobody_before_the_money_has_come(self, town):
        await town.order(5000)
        assert await asked(town) == []

    async def test_nobody_of_money_that_fits_no_order(self, town):
        town.wechat.pay("unknown0001", 3000)
        said = town.wechat.read_notification(*town.wechat.payment_notification("unknown0001"))
        await settle_recharge(town.parts, said, RechargeMethod.WECHAT)
        assert await asked(town) == []
        (case_id,) = await find_cases_to_return(town.parts.database, 10)
        await return_suspense(town.parts, case_id)
        number = await town.value("SELECT out_refund_no FROM refund")
        town.wechat.finish_refund(number)
        assert await send_refund(town.parts, number)
        await tell_all(town)
        assert town.wecom.sent == []

    async def test_nobody_of_what_was_loaded_from_before(self, town):
        order = await town.order(5000)
        await town.parts.book.credit_recharge(
            out_trade_no=order.out_trade_no,
            transaction_id="history-1",
            paid_fen=5000,
            paid_at=town.watch(),
            source="QUERY",
        )
        assert await asked(town) == []

    async def test_nobody_without_a_login(self, town):
        await town.give(5000)
        await town.execute("UPDATE login SET person_id = NULL WHERE wecom_userid = 'ouyang'")
        await tell_all(town)
        assert town.wecom.sent == []


class TestOnceOnly:
    async def test_a_job_that_runs_again_after_a_crash_says_nothing(self, town):
        await town.give(5000)
        await tell_all(town)
        await tell_all(town)
        assert len(town.wecom.sent) == 1

    async def test_not_even_when_wecom_would_take_it(self, town):
        """Our claim alone: the crash came after sending, and WeCom looks back no more."""
        await town.give(5000)
        await tell_all(town)
        town.wecom.sent.clear()
        town.wecom._said.clear()
        await tell_all(town)
        assert town.wecom.sent == []

    async def test_wecom_away_then_back(self, town):
        await town.give(5000)
        ((subject, transfer_id),) = await asked(town)
        town.wecom.failure = AWAY
        with pytest.raises(ProviderUnavailable):
            await tell_holder(town.parts, subject, transfer_id, 0)
        town.wecom.failure = None
        assert await tell_holder(town.parts, subject, transfer_id, 1)
        assert len(town.wecom.sent) == 1

    async def test_the_answer_lost_and_the_balance_changed(self, town, monkeypatch):
        await town.give(5000)
        ((subject, transfer_id),) = await asked(town)
        send = town.wecom.send_message

        async def send_and_lose_the_answer(userid, text):
            await send(userid, text)
            raise AWAY

        monkeypatch.setattr(town.wecom, "send_message", send_and_lose_the_answer)
        with pytest.raises(ProviderUnavailable):
            await tell_holder(town.parts, subject, transfer_id, 0)
        monkeypatch.undo()
        await town.pay(await town.code(), 1200)
        assert await tell_holder(town.parts, subject, transfer_id, 1)
        assert len(town.wecom.sent) == 1

    async def test_not_for_ever(self, town):
        await town.give(5000)
        town.wecom.failure = AWAY
        town.watch.ahead = TOLD_WITHIN + timedelta(seconds=1)
        await tell_all(town, attempt=20)
        town.wecom.failure = None
        assert town.wecom.sent == []

    async def test_refused_for_good(self, town):
        await town.give(5000)
        town.wecom.failure = ProviderRefused("UNKNOWN_USER")
        await tell_all(town)
        assert town.wecom.sent == []

    async def test_without_redis_it_waits(self, town):
        await town.give(5000)
        limits = FakeRateLimits()
        limits.away = True
        ((subject, transfer_id),) = await asked(town)
        with pytest.raises(LimitsUnavailable):
            await tell_holder(replace(town.parts, limits=limits), subject, transfer_id, 0)
        assert town.wecom.sent == []
        await tell_all(town, 1)
        assert len(town.wecom.sent) == 1
