"""卡片充值, from the order to the money and back; every way WeChat may fail in between."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import asyncpg
import pytest
from support.town import BOUND, FINANCE, OPERATOR

from onecard.actions.confirm_recharge import confirm_recharge
from onecard.actions.create_recharge import create_recharge
from onecard.actions.look_after_recharge import look_after_recharge
from onecard.actions.refund_recharge import refund_recharge
from onecard.actions.return_suspense import return_suspense
from onecard.actions.settle_recharge import settle_recharge
from onecard.actions.settle_refund import send_refund, settle_refund
from onecard.actions.start_payment import wechat_parameters
from onecard.ledger.book import CreditState
from onecard.ledger.statements import find_cases, find_recharge
from onecard.ledger.unsettled import find_cases_to_return, find_open_refunds, find_unpaid_orders
from onecard.outside.payments import RefundState
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.outside.rate_limits import FakeRateLimits
from onecard.rules.access import Nobody, Role
from onecard.rules.hours import ServiceHours
from onecard.rules.kinds import CaseState, RechargeMethod, RechargeState, WalletType
from onecard.rules.refusals import Refusal, RefusalCode

AWAY = ProviderUnavailable("played")


async def create(town, caller=None, **more):
    values = {
        "id": town.id(),
        "amount_fen": 5000,
        "wallet_type": WalletType.CARD_ACCOUNT,
        "method": RechargeMethod.WECHAT,
    } | more
    return await create_recharge(town.parts, caller or await town.caller(), **values)


async def refused(town, caller=None, **more):
    before, orders = await town.transfers(), await town.value("SELECT count(*) FROM recharge_order")
    with pytest.raises(Refusal) as no:
        await create(town, caller, **more)
    assert await town.transfers() == before
    assert await town.value("SELECT count(*) FROM recharge_order") == orders
    return no.value.code


def notice(town, order):
    return town.wechat.read_notification(*town.wechat.payment_notification(order.out_trade_no))


class TestOrder:
    async def test_an_order_moves_no_money_and_can_be_paid(self, town):
        created = await create(town)
        order = created.recharge
        assert (order.state, order.amount_fen, created.replayed) == (RechargeState.ORDERED, 5000, False)
        assert wechat_parameters(town.parts, order)["package"] == f"prepay_id={order.prepay_id}"
        assert await town.transfers() == 0
        assert await town.value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'query_recharge'") == 1

    async def test_the_same_id_is_the_same_order_even_after_hours(self, town):
        first = await create(town, id="a")
        town.parts = replace(
            town.parts,
            policy=replace(town.parts.policy, recharge_hours=ServiceHours(time(5), time(5, 0, 1))),
        )
        again = await create(town, id="a")
        assert (again.recharge, again.replayed) == (first.recharge, True)
        with pytest.raises(Refusal) as no:
            await create(town, id="a", amount_fen=5001)
        assert no.value.code is RefusalCode.IDEMPOTENCY_CONFLICT

    @pytest.mark.parametrize("amount_fen", [0, -1, 50_001, 10**14])
    async def test_amounts_have_bounds(self, town, amount_fen):
        assert await refused(town, amount_fen=amount_fen) is RefusalCode.AMOUNT_INVALID

    async def test_only_what_is_offered(self, town):
        rules = replace(
            town.parts.policy,
            wallet_types=(WalletType.CARD_ACCOUNT,),
            recharge_methods=(RechargeMethod.WECHAT,),
        )
        town.parts = replace(town.parts, policy=rules)
        assert await refused(town, method=RechargeMethod.BANK_CARD) is RefusalCode.METHOD_NOT_OFFERED
        no = await refused(town, wallet_type=WalletType.ELECTRONIC)
        assert no is RefusalCode.WALLET_TYPE_NOT_OFFERED

    async def test_service_hours_gate_what_a_person_starts(self, town):
        now = datetime.now(UTC) + timedelta(hours=8)
        shut = ServiceHours((now + timedelta(hours=2)).time(), (now + timedelta(hours=3)).time())
        town.parts = replace(town.parts, policy=replace(town.parts.policy, recharge_hours=shut))
        assert await refused(town, id="late") is RefusalCode.OUTSIDE_SERVICE_HOURS
        # A result like any other: the same id stays refused in the morning.
        town.watch.ahead = timedelta(hours=2, minutes=30)
        assert await refused(town, id="late") is RefusalCode.OUTSIDE_SERVICE_HOURS
        assert (await create(town, id="early")).recharge.state is RechargeState.ORDERED

    async def test_who_may_not(self, town):
        assert await refused(town, await town.newcomer()) is RefusalCode.NOT_BOUND
        assert await refused(town, Nobody()) is RefusalCode.NOT_ALLOWED

    async def test_wechat_silent_the_order_waits_and_the_same_id_goes_on(self, town):
        town.wechat.failure = AWAY
        with pytest.raises(Refusal) as no:
            await create(town, id="a")
        assert no.value.code is RefusalCode.SERVICE_UNAVAILABLE
        number = await town.value("SELECT out_trade_no FROM recharge_order")
        town.wechat.failure = None
        created = await create(town, id="a")
        assert (created.recharge.out_trade_no, created.replayed) == (number, True)
        assert created.recharge.prepay_id is not None

    async def test_an_openid_that_was_missing_is_asked_for(self, town):
        await town.execute("UPDATE login SET openid = NULL")
        await create(town)
        assert await town.value("SELECT openid FROM login WHERE wecom_userid = 'ouyang'") == "o-ouyang"

    @pytest.mark.parametrize(
        ("code", "said"),
        [("NO_WECHAT", RefusalCode.NOT_ALLOWED), ("60020", RefusalCode.SERVICE_UNAVAILABLE)],
    )
    async def test_who_has_no_openid_cannot_pay_and_wechat_is_not_asked(self, town, monkeypatch, code, said):
        async def refuse(userid):
            raise ProviderRefused(code)

        town.wechat.failure = AssertionError("asked all the same")
        monkeypatch.setattr(town.wecom, "openid_of", refuse)
        await town.execute("UPDATE login SET openid = NULL")
        with pytest.raises(Refusal) as no:
            await create(town)
        assert no.value.code is said

    @pytest.mark.parametrize("redis_is_away", [False, True])
    async def test_orders_have_a_limit_and_wait_for_it_under_the_same_id(self, town, redis_is_away):
        limits = FakeRateLimits(lambda: town.watch.ahead.total_seconds())
        limits.away = redis_is_away
        town.parts = replace(town.parts, limits=limits)
        for _ in range(10):
            await create(town)
        assert await refused(town, id="one more") is RefusalCode.TOO_MANY_ATTEMPTS
        assert await town.value("SELECT count(*) FROM posting_key WHERE key LIKE '%:one more'") == 0
        other = await create(town, await town.caller(OPERATOR))
        assert other.recharge.state is RechargeState.ORDERED
        town.watch.ahead = timedelta(minutes=11)
        created = await create(town, id="one more")
        assert (created.recharge.state, created.replayed) == (RechargeState.ORDERED, False)

    async def test_an_id_that_has_a_result_is_not_counted(self, town):
        town.parts = replace(town.parts, policy=replace(town.parts.policy, recharge_orders_most=2))
        first = await create(town, id="a")
        assert await refused(town, id="b", amount_fen=0) is RefusalCode.AMOUNT_INVALID
        assert await refused(town) is RefusalCode.TOO_MANY_ATTEMPTS
        for _ in range(3):
            assert (await create(town, id="a")).recharge == first.recharge
            assert await refused(town, id="a", amount_fen=1) is RefusalCode.IDEMPOTENCY_CONFLICT
            assert await refused(town, id="b", amount_fen=0) is RefusalCode.AMOUNT_INVALID

    async def test_paid_on_another_screen_meanwhile(self, town):
        town.wechat.failure = AWAY
        with pytest.raises(Refusal):
            await create(town, id="a")
        town.wechat.failure = None
        town.wechat.pay(await town.value("SELECT out_trade_no FROM recharge_order"), 5000)
        created = await create(town, id="a")
        assert created.recharge.state is RechargeState.CREDITED
        assert wechat_parameters(town.parts, created.recharge) is None


class TestMoney:
    async def test_a_notice_credits_once(self, town):
        order = await town.order(5000)
        town.wechat.pay(order.out_trade_no)
        first = await settle_recharge(town.parts, notice(town, order), RechargeMethod.WECHAT)
        again = await settle_recharge(town.parts, notice(town, order), RechargeMethod.WECHAT)
        assert (first.state, again.state) == (CreditState.CREDITED, CreditState.REPLAYED)
        assert (await town.wallets()).transition_fen == 5000
        assert town.events.told.count(("account", order.account_id)) == 1

    async def test_the_electronic_account_gets_its_own(self, town):
        created = await create(town, wallet_type=WalletType.ELECTRONIC)
        town.wechat.pay(created.recharge.out_trade_no)
        await settle_recharge(town.parts, notice(town, created.recharge), RechargeMethod.WECHAT)
        wallets = await town.wallets()
        assert (wallets.electronic_fen, wallets.transition_fen) == (5000, 0)

    async def test_the_page_asks_and_wechat_decides(self, town):
        order = await town.order(5000)
        me = await town.caller()
        assert (await confirm_recharge(town.parts, me, order.id)).state is RechargeState.ORDERED
        assert (await town.wallets()).balance_fen == 0
        town.wechat.pay(order.out_trade_no)
        assert (await confirm_recharge(town.parts, me, order.id)).state is RechargeState.CREDITED
        assert (await confirm_recharge(town.parts, me, order.id)).state is RechargeState.CREDITED
        assert (
            await settle_recharge(town.parts, notice(town, order), RechargeMethod.WECHAT)
        ).state is CreditState.REPLAYED
        assert (await town.wallets()).balance_fen == 5000

    async def test_confirming_is_for_ones_own(self, town):
        order = await town.order(5000)
        auditor = replace(await town.caller(FINANCE), roles=frozenset({Role.AUDITOR}))
        for caller in (await town.newcomer(), auditor, Nobody()):
            with pytest.raises(Refusal) as no:
                await confirm_recharge(town.parts, caller, order.id)
            assert no.value.code is RefusalCode.RECHARGE_UNKNOWN
        with pytest.raises(Refusal) as no:
            await confirm_recharge(town.parts, await town.caller(), "rch_x")
        assert no.value.code is RefusalCode.RECHARGE_UNKNOWN
        assert (await confirm_recharge(town.parts, await town.caller(OPERATOR), order.id)).id == order.id

    async def test_wechat_silent_while_confirming(self, town):
        order = await town.order(5000)
        town.wechat.failure = AWAY
        with pytest.raises(Refusal) as no:
            await confirm_recharge(town.parts, await town.caller(), order.id)
        assert no.value.code is RefusalCode.SERVICE_UNAVAILABLE


class TestCare:
    """What the worker does about an order nobody told us about."""

    async def test_a_lost_notice_is_made_up_for(self, town):
        order = await town.order(5000)
        assert not await look_after_recharge(town.parts, order.out_trade_no)
        town.wechat.pay(order.out_trade_no)
        assert await look_after_recharge(town.parts, order.out_trade_no)
        assert (await town.wallets()).balance_fen == 5000
        assert await look_after_recharge(town.parts, order.out_trade_no)

    async def test_nobody_paid_it_is_closed_there_and_here(self, town):
        order = await town.order(5000)
        town.watch.ahead = timedelta(hours=3)
        assert await look_after_recharge(town.parts, order.out_trade_no)
        found = await find_recharge(town.parts.database, order.id)
        assert found.state is RechargeState.CLOSED
        with pytest.raises(AssertionError, match="it would be refused"):
            town.wechat.pay(order.out_trade_no)

    async def test_paid_in_the_moment_of_closing(self, town, monkeypatch):
        order = await town.order(5000)
        town.watch.ahead = timedelta(hours=3)

        async def too_late(number):
            town.wechat.pay(number)
            raise ProviderRefused("ORDERPAID")

        monkeypatch.setattr(town.wechat, "close", too_late)
        assert await look_after_recharge(town.parts, order.out_trade_no)
        assert (await town.wallets()).balance_fen == 5000

    async def test_money_for_a_closed_order_is_the_persons_all_the_same(self, town):
        order = await town.order(5000)
        await town.parts.recharges.close_order(order.id, town.watch())
        town.wechat.pay(order.out_trade_no)
        assert (
            await settle_recharge(town.parts, notice(town, order), RechargeMethod.WECHAT)
        ).state is CreditState.CREDITED
        assert (await town.wallets()).balance_fen == 5000

    async def test_an_order_wechat_never_saw_is_closed_too(self, town):
        town.wechat.failure = AWAY
        with pytest.raises(Refusal):
            await create(town)
        town.wechat.failure = None
        town.watch.ahead = timedelta(hours=3)
        number = await town.value("SELECT out_trade_no FROM recharge_order")
        assert await look_after_recharge(town.parts, number)
        assert await town.value("SELECT state FROM recharge_order") == "CLOSED"

    async def test_orders_without_an_end_are_found_without_their_job(self, town):
        order = await town.order(5000)
        later = town.watch() + timedelta(minutes=10)
        assert await find_unpaid_orders(town.parts.database, later, 10) == [order.out_trade_no]
        assert await find_unpaid_orders(town.parts.database, order.ordered_at, 10) == []


class TestSuspense:
    @pytest.mark.parametrize("number", ["unknown0001", None])
    async def test_money_that_fits_nothing_goes_back_by_itself(self, town, number):
        order = await town.order(5000)
        number = number or order.out_trade_no
        town.wechat.pay(number, 3000)
        told = town.wechat.read_notification(*town.wechat.payment_notification(number))
        outcome = await settle_recharge(town.parts, told, RechargeMethod.WECHAT)
        assert outcome.state is CreditState.SUSPENDED
        assert (await town.wallets()).balance_fen == 0
        (case_id,) = await find_cases_to_return(town.parts.database, 10)
        assert not await return_suspense(town.parts, case_id)
        assert not await return_suspense(town.parts, case_id)
        (refund_no,) = await find_open_refunds(town.parts.database, town.watch() + timedelta(hours=1), 10)
        town.wechat.finish_refund(refund_no)
        assert await send_refund(town.parts, refund_no)
        assert await find_cases_to_return(town.parts.database, 10) == []
        (case,) = (await find_cases(town.parts.database, 10)).rows
        assert case.state is CaseState.CLOSED
        balances = await town.value(
            "SELECT coalesce(sum(amount), 0) FROM entry WHERE account IN ('suspense', 'refund_payable', 'wechat')"
        )
        assert balances == 0

    @pytest.mark.parametrize("by_query", [False, True])
    async def test_an_order_paid_with_another_amount_waits_no_longer(self, town, by_query):
        """Else it would be asked about every minute for ever, and stand before those whose job was lost."""
        order = await town.order(5000)
        town.wechat.pay(order.out_trade_no, 3000)
        if by_query:
            assert await look_after_recharge(town.parts, order.out_trade_no)
        else:
            await settle_recharge(town.parts, notice(town, order), RechargeMethod.WECHAT)
        found = await find_recharge(town.parts.database, order.id)
        assert (found.state, found.credited_at) == (RechargeState.FAILED, None)
        later = town.watch() + timedelta(hours=1)
        assert await find_unpaid_orders(town.parts.database, later, 10) == []
        await settle_recharge(town.parts, notice(town, order), RechargeMethod.WECHAT)
        assert len((await find_cases(town.parts.database, 10)).rows) == 1
        assert (await town.wallets()).balance_fen == 0


class TestRefund:
    async def ask(self, town, order, amount_fen, caller=None, id=None):
        return await refund_recharge(
            town.parts,
            caller or await town.caller(OPERATOR),
            id=id or town.id(),
            recharge_id=order.id,
            amount_fen=amount_fen,
            reason="退回多充的金额",
        )

    async def refused(self, town, *values, **more):
        before = await town.transfers()
        with pytest.raises(Refusal) as no:
            await self.ask(town, *values, **more)
        assert await town.transfers() == before
        return no.value

    async def number(self, town):
        return await town.value("SELECT out_refund_no FROM refund")

    async def test_asked_then_done(self, town):
        order = await town.give(10_000)
        asked = await self.ask(town, order, 4000, id="r")
        assert asked.recharge.state is RechargeState.PARTLY_REFUNDED
        assert (await town.wallets()).balance_fen == 6000
        assert (await self.ask(town, order, 4000, id="r")).replayed
        number = await self.number(town)
        town.wechat.finish_refund(number)
        told = town.wechat.read_notification(*town.wechat.refund_notification(number))
        await settle_refund(town.parts, told, RechargeMethod.WECHAT)
        await settle_refund(town.parts, told, RechargeMethod.WECHAT)
        assert await town.value("SELECT state FROM refund") == "DONE"
        assert await town.value("SELECT sum(amount) FROM entry WHERE account = 'wechat'") == 6000
        assert await town.value("SELECT actor FROM audit WHERE verb = 'REFUND'")

    async def test_no_refund_without_its_audit(self, town):
        order = await town.give(10_000)
        before = await town.transfers()
        await town.execute("ALTER TABLE audit RENAME TO audit_away")
        with pytest.raises(asyncpg.UndefinedTableError):
            await self.ask(town, order, 4000, id="r")
        assert (await town.transfers(), (await town.wallets()).balance_fen) == (before, 10_000)
        assert await town.value("SELECT count(*) FROM refund") == 0
        await town.execute("ALTER TABLE audit_away RENAME TO audit")
        for replayed in (False, True):
            assert (await self.ask(town, order, 4000, id="r")).replayed is replayed
            told = await town.value("SELECT array_agg(detail->>'refund') FROM audit WHERE verb = 'REFUND'")
            assert told == [await town.value("SELECT id FROM refund")]

    async def test_a_refund_of_another_amount_is_not_ours(self, town, monkeypatch):
        order = await town.give(10_000)
        await self.ask(town, order, 4000)
        number = await self.number(town)
        town.wechat.finish_refund(number)
        told = town.wechat.read_notification(*town.wechat.refund_notification(number))
        with pytest.raises(Refusal) as no:
            await settle_refund(town.parts, replace(told, refund_fen=4001), RechargeMethod.WECHAT)
        assert no.value.code is RefusalCode.IDEMPOTENCY_CONFLICT
        status = await town.wechat.query_refund(number)
        with monkeypatch.context() as patch:
            patch.setitem(town.wechat._refunds, number, replace(status, refund_fen=4001))
            assert not await send_refund(town.parts, number)
        assert await town.value("SELECT state FROM refund") == "ASKED"
        assert await send_refund(town.parts, number)

    async def test_spent_money_is_not_given_back(self, town):
        order = await town.give(10_000)
        await town.pay(await town.code(), 7000)
        no = await self.refused(town, order, 4000)
        assert (no.code, no.data) == (RefusalCode.REFUND_TOO_LARGE, {"refundable_fen": 3000})

    async def test_wechat_fails_and_the_money_is_back(self, town):
        order = await town.give(10_000)
        await self.ask(town, order, 4000)
        number = await self.number(town)
        town.wechat.finish_refund(number, RefundState.ABNORMAL)
        assert await send_refund(town.parts, number)
        assert (await town.wallets()).balance_fen == 10_000
        (case,) = (await find_cases(town.parts.database, 10, open=True)).rows
        assert (case.kind, case.amount_fen) == ("REFUND_FAILED", 4000)

    async def test_wechat_refuses_for_days_and_the_money_comes_back(self, town, monkeypatch):
        """A payment of more than a year ago, say: no code of WeChat's tells that from an empty till."""
        order = await town.give(10_000)

        async def refuse(number, **more):
            raise ProviderRefused("INVALID_REQUEST")

        monkeypatch.setattr(town.wechat, "refund", refuse)
        await self.ask(town, order, 4000)
        number = await self.number(town)
        town.watch.ahead = timedelta(days=6)
        assert not await send_refund(town.parts, number)
        assert (await town.wallets()).balance_fen == 6000
        town.watch.ahead = timedelta(days=8)
        assert await send_refund(town.parts, number)
        assert (await town.wallets()).balance_fen == 10_000
        (case,) = (await find_cases(town.parts.database, 10, open=True)).rows
        assert (case.kind, case.amount_fen) == ("REFUND_FAILED", 4000)
        assert (
            await town.value("SELECT coalesce(sum(amount), 0) FROM entry WHERE account = 'refund_payable'")
            == 0
        )

    async def test_a_look_that_is_refused_for_days_says_nothing_about_the_refund(self, town, monkeypatch):
        """A wrong setting of ours, while WeChat has paid out long since."""
        order = await town.give(10_000)
        await self.ask(town, order, 4000)
        number = await self.number(town)
        town.wechat.finish_refund(number)

        async def refuse(number):
            raise ProviderRefused("SIGN_ERROR")

        with monkeypatch.context() as patch:
            patch.setattr(town.wechat, "query_refund", refuse)
            town.watch.ahead = timedelta(days=8)
            assert not await send_refund(town.parts, number)
        assert (await town.wallets()).balance_fen == 6000
        assert await send_refund(town.parts, number)
        assert await town.value("SELECT state FROM refund") == "DONE"

    async def test_silence_for_days_is_no_refusal(self, town):
        order = await town.give(10_000)
        town.wechat.failure = AWAY
        await self.ask(town, order, 4000)
        town.watch.ahead = timedelta(days=30)
        assert not await send_refund(town.parts, await self.number(town))
        assert (await town.wallets()).balance_fen == 6000

    async def test_wechat_silent_the_worker_goes_on_with_the_same_number(self, town):
        order = await town.give(10_000)
        town.wechat.failure = AWAY
        await self.ask(town, order, 4000)
        number = await self.number(town)
        assert not await send_refund(town.parts, number)
        town.wechat.failure = None
        assert not await send_refund(town.parts, number)
        town.wechat.finish_refund(number)
        assert await send_refund(town.parts, number)
        assert await send_refund(town.parts, "Rnever")

    async def test_who_may_and_what(self, town):
        order = await town.give(10_000)
        for number in (BOUND, FINANCE):
            no = await self.refused(town, order, 4000, await town.caller(number))
            assert no.code is RefusalCode.NOT_ALLOWED
        assert (await self.refused(town, order, 0)).code is RefusalCode.AMOUNT_INVALID
        unpaid = await town.order(5000)
        assert (await self.refused(town, unpaid, 100)).code is RefusalCode.RECHARGE_UNKNOWN
        unknown = replace(unpaid, id="rch_unknown")
        assert (await self.refused(town, unknown, 100)).code is RefusalCode.RECHARGE_UNKNOWN
