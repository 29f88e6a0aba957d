"""A sale from the till's frame to the API and back: answered once, the same for ever, never paid for nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from support.gateway_wire import Wire, sale
from support.stub_api import REFUSALS, StubApi
from support.waiting import until

from devices_gateway.sessions.pos_answers import DE39, UNRESOLVED
from devices_gateway.sessions.pos_sales import charge_id, reversal_id
from devices_gateway.tasks import end
from sandbox.devices.pos import SaleState

CODE = "91234567890123456784"
ANOTHER = "91234567890123456792"


async def test_a_lunch(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal()
    assert await till.sign_on()
    result = await till.pay(CODE, 1250)
    assert result.approved
    assert result.voice == "支付成功"
    assert result.display == "支付成功\n张* 12.50元\n可用余额 37.50元"
    assert (result.available_fen, result.reference, result.attempts) == (3750, "000000B00001", 1)
    assert api.paid_fen() == 1250
    (charge,) = api.charges.values()
    assert charge["input"]["terminal"] == "10000001"
    assert charge["input"]["amount"] == "12.50"


async def test_the_caller_id_is_made_of_terminal_time_and_trace(house, api: StubApi) -> None:
    await house.open()
    result = await house.terminal().pay(CODE, 1250)
    ((key, charge),) = api.charges.items()
    occurred_at = datetime.fromisoformat(charge["input"]["occurredAt"])
    assert occurred_at.strftime("%m%d%H%M%S") == result.sent_at
    assert key == charge_id("10000001", occurred_at, result.trace)


async def test_payer_and_balance_are_shown_only_where_the_school_allows(house, api: StubApi) -> None:
    await house.open(showPayer=False, showAvailable=False)
    result = await house.terminal().pay(CODE, 1250)
    assert (result.display, result.available_fen) == ("支付成功\n12.50元", None)


@pytest.mark.parametrize("refusal", sorted(set(REFUSALS) - {"BornTomorrow"}))
async def test_each_refusal_has_its_code_and_its_voice(house, api: StubApi, refusal: str) -> None:
    await house.open()
    api.codes[CODE] = refusal
    result = await house.terminal().pay(CODE, 1250)
    code, voice = REFUSALS[refusal]
    assert result.response_code == DE39[code]
    assert result.display == f"{voice}\n没有扣款"
    assert api.paid_fen() == 0


async def test_a_refusal_younger_than_this_gateway_is_spoken_all_the_same(house, api: StubApi) -> None:
    await house.open()
    api.codes[CODE] = "BornTomorrow"
    result = await house.terminal().pay(CODE, 1250)
    assert (result.response_code, result.voice) == ("05", "明天才有")


@pytest.mark.parametrize("amount_fen", [0, 100_000_001])
async def test_an_amount_nobody_means(house, api: StubApi, amount_fen: int) -> None:
    await house.open()
    result = await house.terminal().pay(CODE, amount_fen)
    assert (result.response_code, api.charges) == ("13", {})


# ── the same again ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_lost_reply_is_asked_for_again_and_is_the_same(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal(reply_timeout_s=0.3)
    till.faults.drop_next_reply = 2
    result = await till.pay(CODE, 1250)
    assert result.approved
    assert result.attempts == 3
    assert len(api.order) == 1


async def test_a_lost_request_is_sent_again(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal(reply_timeout_s=0.3)
    till.faults.drop_next_request = 1
    result = await till.pay(CODE, 1250)
    assert result.approved
    assert api.paid_fen() == 1250


async def test_a_cut_cable_after_the_request(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal()
    till.faults.cut_connection = 1
    result = await till.pay(CODE, 1250)
    assert result.approved
    assert result.attempts == 2
    assert len(api.order) == 1


async def test_fifty_repeats_at_once_on_fifty_connections(house, api: StubApi) -> None:
    await house.open()
    frame = sale(CODE, 1250)
    wires = [await Wire.open(house.gateway.address) for _ in range(50)]
    replies = await asyncio.gather(*(wire.ask(frame) for wire in wires))
    assert len(set(replies)) == 1
    assert len(api.order) == 1
    assert api.calls.count("payment_code_charge") == 1
    for wire in wires:
        await wire.close()


async def test_a_repeat_after_a_restart_gets_the_original_answer(house, api: StubApi) -> None:
    await house.open()
    wire = await Wire.open(house.gateway.address)
    frame = sale(CODE, 1250)
    first = await wire.ask(frame)
    await wire.close()
    await house.close()
    api.codes[CODE] = "AccountFrozen"
    api.charges.clear()  # even if the API had forgotten
    await house.open()
    async with await Wire.open(house.gateway.address) as wire:
        assert await wire.ask(frame) == first
    assert api.charges == {}


@pytest.mark.parametrize(("code", "amount_fen"), [(CODE, 1251), (ANOTHER, 1250)])
async def test_the_same_key_with_another_body(house, api: StubApi, code: str, amount_fen: int) -> None:
    await house.open()
    moment = datetime.now(UTC)
    async with await Wire.open(house.gateway.address) as wire:
        first = await wire.reply(sale(CODE, 1250, moment=moment))
        other = await wire.reply(sale(code, amount_fen, moment=moment))
        again = await wire.reply(sale(CODE, 1250, moment=moment))
    assert (first.response_code, other.response_code) == ("00", "94")
    assert again == first
    assert api.paid_fen() == 1250


async def test_the_same_key_with_another_body_while_the_first_is_in_flight(house, api: StubApi) -> None:
    await house.open(answerWithinS=1.0)
    api.faults.hang_before = True
    moment = datetime.now(UTC)
    async with await Wire.open(house.gateway.address) as one, await Wire.open(house.gateway.address) as two:
        await one.send(sale(CODE, 1250, moment=moment))
        await until(lambda: house.gateway.sales.in_flight == 1, "the sale in flight")
        assert (await two.reply(sale(CODE, 9900, moment=moment))).response_code == "94"
        assert (await one.receive()).response_code == "91"


# ── the API is away ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_cut_answer_is_asked_for_with_the_same_id(house, api: StubApi) -> None:
    await house.open()
    api.faults.cut_after = 2
    result = await house.terminal().pay(CODE, 1250)
    assert result.approved
    assert len(api.order) == 1
    assert api.paid_fen() == 1250


async def test_an_unreadable_answer_is_no_answer(house, api: StubApi) -> None:
    await house.open()
    api.faults.nonsense = 1
    result = await house.terminal().pay(CODE, 1250)
    assert result.approved
    assert len(api.order) == 1


async def test_an_unknown_outcome_is_declined_and_reversed(house, api: StubApi) -> None:
    await house.open(answerWithinS=0.5)
    api.faults.hang_after = True
    result = await house.terminal().pay(CODE, 1250)
    assert result.response_code == "91"
    assert result.display == "系统繁忙\n交易未成功，如已扣款将自动退回"
    assert api.paid_fen() == 1250, "the API did it and could not say so"
    api.faults.hang_after = False
    await until(lambda: api.paid_fen() == 0, "the reversal")
    ((key, reversal),) = api.reversals.items()
    assert key == reversal_id(reversal["charge"])


async def test_a_repeat_after_giving_up_is_declined_too(house, api: StubApi) -> None:
    await house.open(answerWithinS=0.3)
    api.faults.hang_after = True
    frame = sale(CODE, 1250)
    async with await Wire.open(house.gateway.address) as wire:
        first = await wire.reply(frame)
        api.faults.hang_after = False
        assert first.response_code == "91"
        assert await wire.reply(frame) == first
    await until(lambda: api.paid_fen() == 0, "the reversal")


async def test_a_success_that_comes_too_late_changes_nothing(house, api: StubApi) -> None:
    """Housekeeping gave the sale up while its charge was on the way: that decision stands."""
    await house.open(repeatWindowS=0)
    api.faults.status = 503
    async with await Wire.open(house.gateway.address) as wire:
        frame = sale(CODE, 1250)
        await wire.send(frame)
        await until(lambda: "payment_code_charge" in api.calls, "the charge on its way")
        sales = house.gateway.sales
        (charge,) = sales._in_flight
        first = await sales._settle(charge, "10000001", UNRESOLVED)
        api.faults.status = 0
        reply = await wire.receive()
        assert (reply.response_code, reply.text) == (first.response_code, first.text) == ("91", first.text)
        assert await wire.reply(frame) == reply
    await until(lambda: api.reversals and api.paid_fen() == 0, "the money where it belongs")


@pytest.mark.parametrize("refusal", ["TerminalUnknown", "NotAllowed"])
async def test_a_refusal_that_looked_at_no_id_says_nothing_about_a_lost_answer(
    house, api: StubApi, refusal: str
) -> None:
    """Charged, the answer lost, and meanwhile an operator gave the terminal to another gateway."""
    await house.open()
    api.faults.cut_after = 1
    api.refuse_again = refusal
    result = await house.terminal().pay(CODE, 1250)
    assert result.display == "系统繁忙\n交易未成功，如已扣款将自动退回"
    assert api.paid_fen() == 1250, "the API did it"
    await until(lambda: api.paid_fen() == 0, "the reversal")


async def test_nothing_sent_is_nothing_to_reverse(house, api: StubApi) -> None:
    await house.open(answerWithinS=0.5)
    await api.stop()
    result = await house.terminal().pay(CODE, 1250)
    assert (result.response_code, result.display) == ("91", "系统繁忙\n没有扣款")
    assert (await house.gateway.health()).waiting == 0


@pytest.mark.parametrize("status", [401, 403])
async def test_an_api_that_does_not_know_us_has_done_nothing(house, api: StubApi, status: int) -> None:
    await house.open(answerWithinS=0.3)
    api.faults.status = status
    result = await house.terminal().pay(CODE, 1250)
    assert result.display == "系统繁忙\n没有扣款"
    assert (await house.gateway.health()).waiting == 0


async def test_the_api_comes_back_within_the_tills_patience(house, api: StubApi) -> None:
    await house.open()
    await api.stop()
    paying = asyncio.create_task(house.terminal(reply_timeout_s=8).pay(CODE, 1250))
    await until(lambda: house.gateway.sales.in_flight == 1, "the sale in flight")
    await api.start()
    assert (await paying).approved


async def test_an_api_that_is_away_for_a_while(house, api: StubApi) -> None:
    """Ten tills' worth of unknown outcomes: the outbox drains, nobody pays, nothing is done twice."""
    await house.open(answerWithinS=0.3)
    api.faults.hang_after = True
    codes = [f"9{number:019d}" for number in range(10)]
    wires = [await Wire.open(house.gateway.address) for _ in codes]
    replies = await asyncio.gather(
        *(
            wire.reply(sale(code, 100, trace=number))
            for number, (wire, code) in enumerate(zip(wires, codes, strict=True))
        )
    )
    assert {reply.response_code for reply in replies} == {"91"}
    await api.stop()
    assert (await house.gateway.health()).waiting == 10
    await house.close()
    api.faults.hang_after = False
    await api.start()
    await house.open()
    await until(lambda: len(api.reversals) == 10, "every reversal")
    assert api.paid_fen() == 0
    assert len(api.order) == len(set(api.order)) == 20
    backlog = await house.gateway.health()
    assert backlog.dead_letters == 0
    for wire in wires:
        await wire.close()


# ── 冲正 ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_till_that_hears_nothing_reverses(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal(reply_timeout_s=0.2, repeats=1)
    till.faults.drop_next_reply = 2
    result = await till.pay(CODE, 1250)
    assert (result.response_code, result.approved) == ("68", False)
    assert result.display == "交易超时\n已冲正，没有扣款"
    assert till.sales[0].state is SaleState.REVERSED
    await until(lambda: api.paid_fen() == 0 and api.reversals, "the reversal")
    assert len(api.reversed) == 1


async def test_a_cashier_takes_a_sale_back(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal()
    assert (await till.pay(CODE, 1250)).approved
    assert (await till.reverse()).display == "冲正成功"
    await until(lambda: api.paid_fen() == 0, "the reversal")
    assert (await till.reverse()).approved, "said again, kept once"
    assert len(api.reversals) == 1


async def test_a_repeat_after_its_reversal_is_not_served(house, api: StubApi) -> None:
    await house.open()
    moment = datetime.now(UTC)
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(sale(CODE, 1250, moment=moment))).response_code == "00"
        assert (await wire.reply(Wire.reversal(moment))).response_code == "00"
        assert (await wire.reply(sale(CODE, 1250, moment=moment))).response_code == "21"
    await until(lambda: api.paid_fen() == 0, "the reversal")


async def test_a_repeat_long_after_its_reversal_is_not_served_either(house, api: StubApi) -> None:
    """The journal has forgotten the sale, and the API would answer its id with the receipt of then."""
    await house.open()
    moment = datetime.now(UTC)
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(sale(CODE, 1250, moment=moment))).response_code == "00"
        assert (await wire.reply(Wire.reversal(moment))).response_code == "00"
        await until(lambda: api.reversals, "the reversal")
        await house.until_health(lambda health: health.waiting == 0, "the outbox to empty")
        days = "UPDATE event SET observed_s = observed_s - 86400 * ?"
        await house.gateway.journal.run(lambda connection: connection.execute(days, (40,)))
        await house.gateway._forget()
        assert (await wire.reply(sale(CODE, 1250, moment=moment))).response_code == "21"
        assert api.calls.count("payment_code_charge") == 1
        await house.gateway.journal.run(lambda connection: connection.execute(days, (400,)))
        await house.gateway._forget()
    left = await house.gateway.journal.run(lambda c: c.execute("SELECT count(*) FROM event").fetchone())
    assert left == (0,)


async def test_the_reversal_comes_before_its_sale(house, api: StubApi) -> None:
    await house.open()
    moment = datetime.now(UTC)
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(Wire.reversal(moment))).response_code == "00"
        await until(lambda: api.reversals, "the reversal kept by the API")
        assert (await wire.reply(sale(CODE, 1250, moment=moment))).response_code == "21"
    assert api.charges == {}


async def test_a_reversal_during_its_sale(house, api: StubApi) -> None:
    await house.open(answerWithinS=3.0)
    api.faults.hang_before = True
    moment = datetime.now(UTC)
    async with await Wire.open(house.gateway.address) as one, await Wire.open(house.gateway.address) as two:
        await one.send(sale(CODE, 1250, moment=moment))
        await until(lambda: "payment_code_charge" in api.calls, "the charge on its way")
        assert (await two.reply(Wire.reversal(moment))).response_code == "00"
        api.faults.hang_before = False
        assert (await one.receive()).response_code == "21"
    await until(lambda: api.paid_fen() == 0 and api.reversals, "the money where it belongs")


async def leave_unanswered(house, api: StubApi, moment: datetime) -> str:
    """The charge id of a sale that a crash caught before the API was asked."""
    api.faults.hang_before = True
    async with await Wire.open(house.gateway.address) as wire:
        await wire.send(sale(CODE, 1250, moment=moment))
        await until(lambda: "payment_code_charge" in api.calls, "the charge on its way")
        ((charge, running),) = house.gateway.sales._in_flight.items()
        await end([running.answer])
    api.faults.hang_before = False
    api.calls.clear()
    return charge


async def test_a_sale_that_a_crash_left_unanswered_is_not_charged_after_its_reversal(
    house, api: StubApi
) -> None:
    await house.open(repeatWindowS=60)
    moment = datetime.now(UTC)
    charge = await leave_unanswered(house, api, moment)
    api.faults.poison = {charge}  # the API has not heard the reversal yet
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(Wire.reversal(moment))).response_code == "00"
        assert (await wire.reply(sale(CODE, 1250, moment=moment))).response_code == "21"
    assert "payment_code_charge" not in api.calls
    api.faults.poison = set()
    await until(lambda: api.reversals, "the reversal")


async def test_a_till_may_ask_again_after_a_long_absence(house, api: StubApi) -> None:
    """The time to ask again begins with the gateway's start, not with the sale an hour ago."""
    await house.open(repeatWindowS=60)
    moment = datetime.now(UTC)
    await leave_unanswered(house, api, moment)
    await house.gateway.journal.run(lambda c: c.execute("UPDATE event SET observed_s = observed_s - 3600"))
    await house.close()
    await house.open(repeatWindowS=60)
    assert await house.gateway.sales.give_up_old_ones() == 0
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(sale(CODE, 1250, moment=moment))).response_code == "00"
    assert api.paid_fen() == 1250


async def test_a_till_whose_clock_is_lost_reverses_now(house, api: StubApi) -> None:
    await house.open()
    lost = datetime.now(UTC) - timedelta(days=200)
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(sale(CODE, 1250, moment=lost))).response_code == "00"
        assert (await wire.reply(Wire.reversal(lost))).response_code == "00"
    await until(lambda: api.reversals, "the reversal")
    (reversal,) = api.reversals.values()
    assert abs(datetime.fromisoformat(reversal["occurredAt"]) - datetime.now(UTC)) < timedelta(minutes=5)
    assert api.paid_fen() == 0


async def test_a_reversal_of_nothing(house, api: StubApi) -> None:
    await house.open()
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(Wire.reversal(datetime.now(UTC)))).response_code == "00"
    await until(lambda: api.reversals, "the reversal")
    assert api.paid_fen() == 0


async def test_a_reversal_while_the_api_is_away_is_kept(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal()
    assert (await till.pay(CODE, 1250)).approved
    await api.stop()
    assert (await till.reverse()).approved
    await house.close()
    await api.start()
    await house.open()
    await until(lambda: api.paid_fen() == 0, "the reversal")
    await house.until_health(lambda health: health.waiting == 0, "the outbox to empty")
