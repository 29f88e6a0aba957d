"""付款: one code, one payment; one id, one receipt; a refusal moves nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from support.town import GATEWAY, OTHER_GATEWAY, OTHER_TILL, TILL

from onecard.actions.issue_payment_code import CODES, issue_payment_code
from onecard.actions.reverse_charge import reverse_charge
from onecard.ledger.book import Kept, NeverPosted, Reversed
from onecard.outside.code_store import FakeCodeStore
from onecard.rules.access import Nobody
from onecard.rules.kinds import FreezeReason
from onecard.rules.payment_code import hash_code, is_code, new_code
from onecard.rules.refusals import Refusal, RefusalCode


async def refused(town, code, amount_fen=100, **more):
    before, wallets = await town.transfers(), await town.wallets()
    with pytest.raises(Refusal) as no:
        await town.pay(code, amount_fen, **more)
    assert (await town.transfers(), await town.wallets()) == (before, wallets)
    return no.value.code


async def test_a_lunch(town):
    await town.give(5000)
    paid = await town.pay(await town.code(), 1250)
    assert (paid.payer, paid.voice_prompt, paid.receipt.replayed) == ("欧阳**", "支付成功", False)
    assert paid.receipt.amount_fen == -1250
    wallets = await town.wallets()
    assert (wallets.transition_fen, wallets.available_fen) == (3750, 3750)
    assert town.events.told[-1] == ("account", wallets.account_id)


async def test_the_same_id_is_the_same_lunch_whatever_became_of_the_code(town):
    await town.give(5000)
    code, told = await town.code(), len(town.events.told)
    first = await town.pay(code, 1250, id="lunch")
    again = await town.pay(code, 1250, id="lunch")
    town.watch.ahead = timedelta(hours=1)
    late = await town.pay(code, 1250, id="lunch")
    assert again.receipt == late.receipt == replace(first.receipt, replayed=True)
    assert late.payer == "欧阳**"
    assert len(town.events.told) == told + 1
    assert (await town.wallets()).available_fen == 3750


async def test_fifty_at_once_with_one_id_are_one_lunch(town):
    await town.give(5000)
    code = await town.code()
    paid = await asyncio.gather(*(town.pay(code, 1250, id="lunch") for _ in range(50)))
    assert sorted(one.receipt.replayed for one in paid) == [False] + [True] * 49
    assert (await town.wallets()).available_fen == 3750


@pytest.mark.parametrize("off", [timedelta(days=-200), timedelta(days=200), timedelta(days=300_000)])
async def test_a_till_whose_clock_is_lost_dates_no_lunch(town, off):
    """Its payer stands before it now; else today's lunch would lie in no month of the bills."""
    await town.give(5000)
    code, now = await town.code(), town.watch()
    paid = await town.pay(code, 1250, id="lunch", occurred_at=now + off)
    assert abs(paid.receipt.occurred_at - now) < timedelta(minutes=1)
    assert not paid.receipt.late
    again = await town.pay(code, 1250, id="lunch", occurred_at=now + off)
    assert again.receipt == replace(paid.receipt, replayed=True)
    back = await reverse_charge(
        town.parts,
        GATEWAY,
        id="back",
        charge_id="lunch",
        terminal=TILL,
        occurred_at=now + timedelta(days=400),
    )
    assert abs(back.receipt.occurred_at - now) < timedelta(minutes=1)


async def test_a_till_that_is_some_hours_off_is_believed(town):
    await town.give(5000)
    then = town.watch() - timedelta(hours=5)
    assert (await town.pay(await town.code(), 1250, occurred_at=then)).receipt.occurred_at == then


async def test_an_id_never_means_two_lunches(town):
    await town.give(5000)
    code = await town.code()
    await town.pay(code, 1250, id="lunch")
    assert await refused(town, code, 1251, id="lunch") is RefusalCode.IDEMPOTENCY_CONFLICT
    assert await refused(town, await town.code(), 1250, id="lunch") is RefusalCode.IDEMPOTENCY_CONFLICT


async def test_a_code_pays_once(town):
    await town.give(5000)
    code = await town.code()
    await town.pay(code, 1250)
    assert await refused(town, code) is RefusalCode.CODE_USED


async def test_a_refused_payment_burns_no_code(town):
    await town.give(1000)
    code = await town.code()
    assert await refused(town, code, 1250) is RefusalCode.INSUFFICIENT_BALANCE
    assert (await town.pay(code, 1000)).receipt.available_fen == 0


@pytest.mark.parametrize("code", ["", "1", "9" * 128, "91000000000000000001", "' OR 1=1", "\0", "微信"])
async def test_what_is_no_code_is_unknown(town, code):
    await town.give(1000)
    assert not is_code(code)
    assert await refused(town, code) is RefusalCode.CODE_UNKNOWN


async def test_a_code_nobody_issued_is_unknown_and_stays_so_for_its_id(town):
    await town.give(1000)
    code = new_code()
    assert await refused(town, code, id="lunch") is RefusalCode.CODE_UNKNOWN
    holder = await town.parts.codes.find(hash_code(await town.code()))
    await town.parts.codes.put(hash_code(code), holder)
    assert await refused(town, code, id="lunch") is RefusalCode.CODE_UNKNOWN


async def test_an_old_code_has_expired(town):
    await town.give(1000)
    code = await town.code()
    town.watch.ahead = timedelta(seconds=town.parts.policy.code_valid_s)
    assert await refused(town, code) is RefusalCode.CODE_EXPIRED


@pytest.mark.parametrize("amount_fen", [0, -1, -100_000])
async def test_an_amount_is_above_nothing(town, amount_fen):
    await town.give(1000)
    assert await refused(town, await town.code(), amount_fen) is RefusalCode.AMOUNT_INVALID


async def test_limits_once_and_a_day(town):
    await town.give(50_000)
    await town.give(20_000)
    assert await refused(town, await town.code(), 30_001) is RefusalCode.PAYMENT_LIMIT_REACHED
    await town.pay(await town.code(), 30_000)
    assert await refused(town, await town.code(), 20_001) is RefusalCode.PAYMENT_LIMIT_REACHED
    await town.pay(await town.code(), 20_000)


async def test_a_frozen_account_does_not_pay(town):
    await town.give(1000)
    code = await town.code()
    await town.parts.book.freeze((await town.wallets()).account_id, FreezeReason.OPERATOR, "per_x")
    assert await refused(town, code) is RefusalCode.ACCOUNT_FROZEN


async def test_a_stopped_terminal_takes_nothing(town):
    await town.give(1000)
    code = await town.code()
    await town.execute("UPDATE terminal SET state = 'STOPPED' WHERE number = $1", TILL)
    assert await refused(town, code) is RefusalCode.TERMINAL_STOPPED


@pytest.mark.parametrize(
    ("caller", "terminal", "code"),
    [
        (Nobody(), TILL, RefusalCode.NOT_ALLOWED),
        (OTHER_GATEWAY, TILL, RefusalCode.NOT_ALLOWED),
        (GATEWAY, OTHER_TILL, RefusalCode.NOT_ALLOWED),
        (GATEWAY, "99999999", RefusalCode.TERMINAL_UNKNOWN),
        (GATEWAY, "'; --", RefusalCode.TERMINAL_UNKNOWN),
    ],
)
async def test_a_gateway_speaks_for_its_own_tills(town, caller, terminal, code):
    await town.give(1000)
    assert await refused(town, await town.code(), caller=caller, terminal=terminal) is code


async def test_people_are_no_tills(town):
    await town.give(1000)
    caller = await town.caller()
    assert await refused(town, await town.code(), caller=caller) is RefusalCode.NOT_ALLOWED


async def test_without_redis_nothing_new_is_paid_and_what_was_paid_is_told(town):
    await town.give(5000)
    code = await town.code()
    await town.pay(code, 1250, id="lunch")
    assert await refused(town, code, 100, id="coffee") is RefusalCode.CODE_USED
    away = FakeCodeStore(town.watch)
    away.away = True
    parts, town.parts = town.parts, replace(town.parts, codes=away)
    assert (await town.pay(code, 1250, id="lunch")).receipt.replayed
    assert await refused(town, code, 100, id="coffee") is RefusalCode.CODE_USED
    fresh = new_code()
    assert await refused(town, fresh, 100, id="tea") is RefusalCode.SERVICE_UNAVAILABLE
    # Nothing was stored: the same id pays once Redis is back.
    town.parts = parts
    holder = await town.parts.codes.find(hash_code(await town.code()))
    await town.parts.codes.put(hash_code(fresh), holder)
    assert not (await town.pay(fresh, 100, id="tea")).receipt.replayed


async def test_five_at_once_from_fifty_are_two_of_twenty(town):
    await town.give(5000)
    codes = [await town.code() for _ in range(5)]
    results = await asyncio.gather(*(town.pay(code, 2000) for code in codes), return_exceptions=True)
    assert sorted(isinstance(result, Refusal) for result in results) == [False] * 2 + [True] * 3
    assert (await town.wallets()).available_fen == 1000


class TestIssue:
    async def test_a_code_says_when_it_ends(self, town):
        issued = await issue_payment_code(town.parts, await town.caller())
        assert is_code(issued.code)
        assert issued.renew_at - issued.issued_at == timedelta(seconds=45)
        assert issued.expires_at - issued.issued_at == timedelta(seconds=60)

    async def test_who_is_not_bound_gets_none(self, town):
        with pytest.raises(Refusal) as no:
            await issue_payment_code(town.parts, await town.newcomer())
        assert no.value.code is RefusalCode.NOT_BOUND

    async def test_who_is_frozen_gets_none_but_a_lost_card_stops_no_phone(self, town):
        account_id = (await town.wallets()).account_id
        await town.parts.book.freeze(account_id, FreezeReason.LOSS, "per_x")
        await town.code()
        await town.parts.book.freeze(account_id, FreezeReason.OPERATOR, "per_x")
        with pytest.raises(Refusal) as no:
            await town.code()
        assert (no.value.code, no.value.data) == (RefusalCode.ACCOUNT_FROZEN, {"reasons": ["OPERATOR"]})

    async def test_thirty_a_minute(self, town):
        for _ in range(CODES.count):
            await town.code()
        with pytest.raises(Refusal) as no:
            await town.code()
        assert no.value.code is RefusalCode.TOO_MANY_ATTEMPTS

    async def test_without_redis_there_are_no_codes(self, town):
        away = FakeCodeStore(town.watch)
        away.away = True
        with pytest.raises(Refusal) as no:
            await issue_payment_code(replace(town.parts, codes=away), await town.caller())
        assert no.value.code is RefusalCode.SERVICE_UNAVAILABLE


class TestReverse:
    async def reverse(self, town, charge, id="r1", caller=GATEWAY, terminal=TILL):
        return await reverse_charge(
            town.parts, caller, id=id, charge_id=charge, terminal=terminal, occurred_at=town.watch()
        )

    async def test_the_money_is_back_once(self, town):
        await town.give(5000)
        await town.pay(await town.code(), 1250, id="lunch")
        back = await self.reverse(town, "lunch")
        assert isinstance(back, Reversed)
        assert back.receipt.amount_fen == 1250
        again = await self.reverse(town, "lunch")
        assert isinstance(again, Reversed)
        assert again.replayed
        with pytest.raises(Refusal) as no:
            await self.reverse(town, "lunch", id="r2")
        assert no.value.code is RefusalCode.ALREADY_REVERSED
        assert (await town.wallets()).available_fen == 5000

    async def test_a_reversal_that_comes_first_wins(self, town):
        await town.give(5000)
        code = await town.code()
        assert isinstance(await self.reverse(town, "lunch"), Kept)
        assert await refused(town, code, 1250, id="lunch") is RefusalCode.CHARGE_REVERSED_BEFORE

    async def test_what_was_refused_needs_no_reversal(self, town):
        assert await refused(town, await town.code(), 1250, id="lunch") is RefusalCode.INSUFFICIENT_BALANCE
        assert isinstance(await self.reverse(town, "lunch"), NeverPosted)

    async def test_a_till_takes_back_its_own_and_a_stopped_one_still_does(self, town):
        await town.give(5000)
        await town.pay(await town.code(), 1250, id="lunch")
        other = await self.reverse(town, "lunch", caller=OTHER_GATEWAY, terminal=OTHER_TILL)
        assert isinstance(other, Kept)  # its own “lunch” never came
        with pytest.raises(Refusal) as no:
            await self.reverse(town, "lunch", caller=OTHER_GATEWAY)
        assert no.value.code is RefusalCode.NOT_ALLOWED
        assert (await town.wallets()).available_fen == 3750
        await town.execute("UPDATE terminal SET state = 'STOPPED'")
        assert isinstance(await self.reverse(town, "lunch", id="r3"), Reversed)
