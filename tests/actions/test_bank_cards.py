"""绑定银行卡: signed at the bank, debited when its holder says so, declined, late, unbound; and the money each time."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from support.database import connected
from support.town import OPERATOR

from onecard.actions.bank_cards import SIGNINGS, bank_card_of, begin_binding, confirm_binding, end_binding
from onecard.actions.buy_electricity import buy_electricity, offered_methods
from onecard.actions.confirm_electricity import confirm_electricity
from onecard.actions.confirm_recharge import confirm_recharge
from onecard.actions.create_recharge import create_recharge, offered_channels
from onecard.actions.look_after_recharge import look_after_recharge
from onecard.actions.refund_recharge import refund_recharge
from onecard.actions.settle_recharge import settle_recharge
from onecard.actions.settle_refund import send_refund, settle_refund
from onecard.actions.start_payment import place_to_pay, wechat_parameters
from onecard.ledger.check import check
from onecard.outside.bank import AgreementState
from onecard.outside.payments import PaymentState, RefundState
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.rules.access import Nobody
from onecard.rules.kinds import (
    BankCardState,
    DeclineReason,
    ElectricityState,
    PayMethod,
    RechargeMethod,
    RechargeState,
    WalletType,
)
from onecard.rules.refusals import Refusal, RefusalCode

BANK = RechargeMethod.BANK_CARD
AWAY = ProviderUnavailable("played")


@pytest.fixture(autouse=True)
async def green(town):
    yield
    async with connected(town.dsn) as connection:
        assert await check(connection, town.parts.policy) == []


def refused(code):
    return pytest.raises(Refusal, check=lambda refusal: refusal.code is code)


async def bind(town, **signed):
    caller = await town.caller()
    card, _ = await begin_binding(town.parts, caller)
    town.bank.sign(card.id, **signed)
    return await confirm_binding(town.parts, caller)


async def recharge(town, id="bank-0001", amount_fen=3_000, method=BANK):
    created = await create_recharge(
        town.parts,
        await town.caller(),
        id=id,
        amount_fen=amount_fen,
        wallet_type=WalletType.CARD_ACCOUNT,
        method=method,
    )
    return created.recharge


async def electricity(town, id="bank-ele-1", amount_fen=3_000):
    bought = await buy_electricity(
        town.parts,
        await town.caller(),
        id=id,
        room_id=await town.room(),
        amount_fen=amount_fen,
        method=PayMethod.BANK_CARD,
        note=None,
    )
    return bought.order


async def debited_unheard(town):
    """The bank took the money, and its answer was lost."""
    await bind(town)
    take = town.bank.debit

    async def lose(*order):
        await take(*order)
        raise AWAY

    town.bank.debit = lose
    with refused(RefusalCode.SERVICE_UNAVAILABLE):
        await recharge(town)
    town.bank.debit = take


async def moved(town, account="bank"):
    return await town.value("SELECT coalesce(sum(amount), 0) FROM entry WHERE account = $1", account)


class TestBinding:
    async def test_signed_at_the_bank_it_is_bound(self, town):
        caller = await town.caller()
        assert await bank_card_of(town.parts, caller) is None
        card, url = await begin_binding(town.parts, caller)
        assert (card.state, url) == (BankCardState.SIGNING, f"https://bank.invalid/{card.id}")
        assert await begin_binding(town.parts, caller) == (card, url)
        assert (await confirm_binding(town.parts, caller)).state is BankCardState.SIGNING
        town.bank.sign(card.id, last_four="4711", once_limit_fen=50_000, day_limit_fen=100_000)
        bound = await confirm_binding(town.parts, caller)
        assert (bound.state, bound.bank_name, bound.last_four) == (BankCardState.BOUND, "工商银行", "4711")
        assert (bound.once_limit_fen, bound.day_limit_fen) == (50_000, 100_000)
        assert bound.agreement_id not in repr(bound)
        assert await bank_card_of(town.parts, caller) == bound
        with refused(RefusalCode.BANK_CARD_BOUND):
            await begin_binding(town.parts, caller)
        verbs = await town.value("SELECT array_agg(verb) FROM audit WHERE subject = $1", card.id)
        assert verbs == ["BIND_BANK_CARD"]

    async def test_who_comes_at_once_from_two_phones_signs_one_agreement(self, town):
        caller = await town.caller()
        both = await asyncio.gather(*(begin_binding(town.parts, caller) for _ in range(2)))
        assert both[0] == both[1]
        assert await town.value("SELECT count(*) FROM bank_card") == 1

    async def test_signed_and_never_come_back_it_is_seen_when_asked_again(self, town):
        caller = await town.caller()
        card, _ = await begin_binding(town.parts, caller)
        town.bank.sign(card.id)
        with refused(RefusalCode.BANK_CARD_BOUND):
            await begin_binding(town.parts, caller)
        assert (await bank_card_of(town.parts, caller)).state is BankCardState.BOUND

    async def test_not_signed_in_time_it_is_gone_and_can_be_begun_anew(self, town):
        caller = await town.caller()
        card, _ = await begin_binding(town.parts, caller)
        town.watch.ahead = timedelta(minutes=31)
        assert await confirm_binding(town.parts, caller) is None
        again, _ = await begin_binding(town.parts, caller)
        assert again.id != card.id

    async def test_ended_by_its_holder_at_the_bank(self, town):
        card = await bind(town)
        town.bank.end_by_holder(card.id)
        assert await confirm_binding(town.parts, await town.caller()) is None

    async def test_unbound_here_it_is_ended_there(self, town):
        card, caller = await bind(town), await town.caller()
        await end_binding(town.parts, caller, "bcd_of_before")
        assert await bank_card_of(town.parts, caller) == card
        for _ in range(2):
            await end_binding(town.parts, caller, card.id)
        assert await bank_card_of(town.parts, caller) is None
        assert (await town.bank.query_agreement(card.id)).state is AgreementState.ENDED
        with refused(RefusalCode.BANK_CARD_NOT_BOUND):
            await recharge(town)
        assert (await begin_binding(town.parts, caller))[0].id != card.id

    async def test_while_the_bank_is_away_nothing_is_unbound(self, town):
        card, caller = await bind(town), await town.caller()
        town.bank.failure = AWAY
        for call in (
            end_binding(town.parts, caller, card.id),
            confirm_binding(town.parts, caller),
            begin_binding(town.parts, caller),
        ):
            with refused(RefusalCode.SERVICE_UNAVAILABLE):
                await call
        assert await bank_card_of(town.parts, caller) == card

    async def test_nobody_floods_the_bank(self, town):
        caller = await town.caller()
        for _ in range(SIGNINGS.count):
            await begin_binding(town.parts, caller)
        with refused(RefusalCode.TOO_MANY_ATTEMPTS):
            await begin_binding(town.parts, caller)

    async def test_who_has_no_card_has_no_bank_card(self, town):
        for call in (begin_binding, confirm_binding):
            with refused(RefusalCode.NOT_ALLOWED):
                await call(town.parts, Nobody())
            with refused(RefusalCode.NOT_BOUND):
                await call(town.parts, await town.newcomer())

    async def test_where_no_bank_is_connected_it_is_not_offered(self, town):
        await bind(town)
        assert BANK in offered_channels(town.parts)
        assert PayMethod.BANK_CARD in offered_methods(town.parts)
        town.parts = replace(town.parts, bank=None)
        assert BANK not in offered_channels(town.parts)
        assert PayMethod.BANK_CARD not in offered_methods(town.parts)
        for call in (begin_binding(town.parts, await town.caller()), recharge(town), electricity(town)):
            with refused(RefusalCode.METHOD_NOT_OFFERED):
                await call


class TestRecharge:
    async def test_debited_it_is_credited_at_once(self, town):
        card = await bind(town)
        order = await recharge(town)
        assert (order.state, order.prepay_id) == (RechargeState.CREDITED, card.id)
        assert await moved(town) == 3_000
        assert (await town.wallets()).transition_fen == 3_000
        assert await recharge(town) == order  # the same id
        assert await moved(town) == 3_000
        notice = town.bank.read_notification(*town.bank.payment_notification(order.out_trade_no))
        await settle_recharge(town.parts, notice, BANK)
        assert await moved(town) == 3_000
        assert wechat_parameters(town.parts, order) is None

    async def test_a_double_click_is_debited_once(self, town):
        await bind(town)
        orders = await asyncio.gather(*(recharge(town) for _ in range(5)))
        assert len({order.id for order in orders}) == 1
        assert (await recharge(town)).state is RechargeState.CREDITED
        assert await moved(town) == 3_000

    async def test_without_a_card_nothing_is_ordered(self, town):
        with refused(RefusalCode.BANK_CARD_NOT_BOUND):
            await recharge(town)
        await begin_binding(town.parts, await town.caller())
        with refused(RefusalCode.BANK_CARD_NOT_BOUND):  # being signed is not signed
            await recharge(town, "bank-0002")
        assert await town.value("SELECT count(*) FROM recharge_order") == 0

    @pytest.mark.parametrize("reason", DeclineReason)
    async def test_declined_it_has_failed_and_says_why(self, town, reason):
        await bind(town)
        town.bank.declines = reason
        order = await recharge(town)
        assert (order.state, order.declined) == (RechargeState.FAILED, reason)
        assert await recharge(town) == order
        assert await moved(town) == 0
        known = await bank_card_of(town.parts, await town.caller())
        assert (known is None) == (reason is DeclineReason.AGREEMENT_ENDED)

    async def test_above_what_was_agreed(self, town):
        await bind(town, once_limit_fen=5_000, day_limit_fen=8_000)
        assert (await recharge(town, "a", 5_001)).declined is DeclineReason.LIMIT_EXCEEDED
        assert (await recharge(town, "b", 5_000)).state is RechargeState.CREDITED
        assert (await recharge(town, "c", 3_001)).declined is DeclineReason.LIMIT_EXCEEDED
        assert (await recharge(town, "d", 3_000)).state is RechargeState.CREDITED

    async def test_a_bank_that_takes_its_time_is_waited_for(self, town):
        await bind(town)
        town.bank.late = True
        order = await recharge(town)
        assert order.state is RechargeState.ORDERED
        assert await recharge(town) == order
        assert not await look_after_recharge(town.parts, order.out_trade_no)
        town.bank.finish_debit(order.out_trade_no)
        asked = await confirm_recharge(town.parts, await town.caller(), order.id)
        assert asked.state is RechargeState.CREDITED
        assert await moved(town) == 3_000

    async def test_declined_late_the_page_hears_it_when_it_asks(self, town):
        await bind(town)
        town.bank.late = True
        order = await recharge(town)
        town.bank.finish_debit(order.out_trade_no, DeclineReason.INSUFFICIENT_FUNDS)
        asked = await confirm_recharge(town.parts, await town.caller(), order.id)
        assert (asked.state, asked.declined) == (RechargeState.FAILED, DeclineReason.INSUFFICIENT_FUNDS)

    async def test_an_order_that_is_still_debited_at_its_end_is_not_closed(self, town):
        await bind(town)
        town.bank.late = True
        order = await recharge(town)
        town.watch.ahead = timedelta(hours=3)
        with pytest.raises(ProviderUnavailable):
            await look_after_recharge(town.parts, order.out_trade_no)
        town.bank.finish_debit(order.out_trade_no)
        assert await look_after_recharge(town.parts, order.out_trade_no)
        assert await moved(town) == 3_000

    async def test_an_answer_that_was_lost_is_asked_for_under_the_same_id(self, town):
        await debited_unheard(town)
        assert (await recharge(town)).state is RechargeState.CREDITED
        assert await moved(town) == 3_000

    async def test_a_lost_answer_is_heard_by_the_worker_too(self, town):
        await debited_unheard(town)
        number = await town.value("SELECT out_trade_no FROM recharge_order")
        assert await look_after_recharge(town.parts, number)
        assert await moved(town) == 3_000

    async def test_a_debit_that_never_arrived_is_closed_and_can_never_be_taken_later(self, town):
        card = await bind(town)
        town.bank.failure = AWAY
        with refused(RefusalCode.SERVICE_UNAVAILABLE):
            await recharge(town)
        town.bank.failure = None
        order = await town.parts.recharges.find_order(
            await town.value("SELECT out_trade_no FROM recharge_order")
        )
        town.watch.ahead = timedelta(hours=3)
        assert await look_after_recharge(town.parts, order.out_trade_no)
        late = town.bank.debit(order.out_trade_no, 3_000, card.agreement_id, "x", order.expires_at)
        with pytest.raises(ProviderRefused, match="ORDER_CLOSED"):
            await late
        assert (await town.bank.query(order.out_trade_no)).state is PaymentState.CLOSED
        assert await moved(town) == 0

    async def test_nobody_waits_for_a_debit_that_never_arrived(self, town):
        """Minutes and not the two hours of an order that a person pays: then it is closed, and can be made anew."""
        await bind(town)
        town.bank.failure = AWAY
        with refused(RefusalCode.SERVICE_UNAVAILABLE):
            await recharge(town)
        town.bank.failure = None
        town.watch.ahead = timedelta(minutes=6)
        assert (await recharge(town)).state is RechargeState.CLOSED  # the same id, too late
        assert (await recharge(town, "bank-0002")).state is RechargeState.CREDITED
        assert await moved(town) == 3_000

    @pytest.mark.parametrize("silence", [AWAY, ProviderRefused("SIGN_ERROR")])
    async def test_the_bank_knows_the_answer_and_nobody_can_ask_it(self, town, silence):
        """Debited, and mute before it was asked: the order is there, and the next who asks credits it."""
        await bind(town)
        take = town.bank.debit

        async def take_and_leave(*order):
            status = await take(*order)
            town.bank.failure = silence
            return status

        town.bank.debit = take_and_leave
        order = await recharge(town)
        assert order.state is RechargeState.ORDERED
        town.bank.failure = None
        assert (await confirm_recharge(town.parts, await town.caller(), order.id)).state is (
            RechargeState.CREDITED
        )

    async def test_given_back_it_goes_to_the_bank(self, town):
        await bind(town)
        order = await recharge(town)
        operator = await town.caller(OPERATOR)
        await refund_recharge(
            town.parts, operator, id="back-0001", recharge_id=order.id, amount_fen=1_000, reason="x"
        )
        number = await town.value("SELECT out_refund_no FROM refund")
        assert (await town.bank.query_refund(number)).state is RefundState.PROCESSING
        town.bank.finish_refund(number)
        notice = town.bank.read_notification(*town.bank.refund_notification(number))
        await settle_refund(town.parts, notice, BANK)
        assert await moved(town) == 2_000
        assert (await town.wallets()).transition_fen == 2_000


class TestOnlinePayment:
    async def test_a_recharge_by_the_payment_platform_has_its_page(self, town):
        order = await recharge(town, method=RechargeMethod.ONLINE_PAYMENT)
        page = place_to_pay(town.parts, order, RechargeMethod.ONLINE_PAYMENT)
        assert page == f"https://pay.invalid/{order.out_trade_no}"
        assert wechat_parameters(town.parts, order) is None
        town.online.pay(order.out_trade_no)
        paid = await confirm_recharge(town.parts, await town.caller(), order.id)
        assert paid.state is RechargeState.CREDITED
        assert await moved(town, "online_pay") == 3_000
        assert place_to_pay(town.parts, paid, RechargeMethod.ONLINE_PAYMENT) is None


class TestElectricity:
    async def test_debited_the_room_has_the_energy(self, town):
        await bind(town)
        order = await electricity(town)
        assert (order.state, order.wh) == (ElectricityState.DELIVERED, 53_734)
        assert await electricity(town) == order
        assert await moved(town) == 3_000

    async def test_declined_it_has_failed_and_says_why(self, town):
        await bind(town)
        town.bank.declines = DeclineReason.INSUFFICIENT_FUNDS
        order = await electricity(town)
        assert (order.state, order.declined) == (ElectricityState.FAILED, DeclineReason.INSUFFICIENT_FUNDS)
        assert await moved(town) == 0

    async def test_without_a_card(self, town):
        with refused(RefusalCode.BANK_CARD_NOT_BOUND):
            await electricity(town)

    async def test_late(self, town):
        await bind(town)
        town.bank.late = True
        order = await electricity(town)
        assert order.state is ElectricityState.ORDERED
        town.bank.finish_debit(order.out_trade_no)
        asked = await confirm_electricity(town.parts, await town.caller(), order.id)
        assert asked.state is ElectricityState.DELIVERED

    async def test_what_cannot_be_delivered_goes_back_to_the_card(self, town):
        await bind(town)
        town.bank.late = True
        order = await electricity(town)
        await town.execute("UPDATE meter SET removed_at = now() WHERE room_id = $1", order.room_id)
        town.bank.finish_debit(order.out_trade_no)
        asked = await confirm_electricity(town.parts, await town.caller(), order.id)
        assert asked.state is ElectricityState.UNMAPPED
        assert await town.parts.book.refund_electricity(order.id, "the room has no meter", "usr_1")
        number = await town.value("SELECT out_refund_no FROM refund WHERE electricity_id = $1", order.id)
        assert not await send_refund(town.parts, number)
        town.bank.finish_refund(number)
        assert await send_refund(town.parts, number)
        assert await moved(town) == 0
