"""缴电费 as actions: paid any way, delivered by our ledger or by the meter, or given back; every state readable."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from support.database import connected
from support.town import BOUND, GATEWAY, UTILITY

from onecard.actions.buy_electricity import buy_electricity, quote_electricity
from onecard.actions.command_meter import MeterOperation, command_meter
from onecard.actions.confirm_electricity import confirm_electricity, may_see_order
from onecard.actions.expire_commands import expire_commands
from onecard.actions.look_into_rooms import find_energy
from onecard.actions.record_readings import Reading, ReadingOutcome, record_readings
from onecard.actions.report_command import report_command
from onecard.actions.settle_electricity import carry_on, look_after_electricity
from onecard.actions.settle_recharge import settle_recharge
from onecard.ledger.check import check
from onecard.ledger.energy import find_electricity, find_electricity_numbered
from onecard.registry.things import CommandState
from onecard.rules.kinds import ElectricityState, PayMethod, RechargeMethod
from onecard.rules.refusals import Refusal, RefusalCode
from onecard.rules.tariffs import Step, Tariff

PAID, DELIVERING, DELIVERED = (
    ElectricityState.PAID,
    ElectricityState.DELIVERING,
    ElectricityState.DELIVERED,
)


@pytest.fixture(autouse=True)
async def green(town):
    """Whatever a test did, the checker finds nothing."""
    yield
    async with connected(town.dsn) as connection:
        assert await check(connection, town.parts.policy) == []


async def buy(town, room="101", fen=3000, method=PayMethod.CARD_ACCOUNT, caller=None, **more):
    values = {
        "id": town.id(),
        "room_id": await town.room(room),
        "amount_fen": fen,
        "method": method,
        "note": None,
    }
    caller = caller or await town.caller()
    return (await buy_electricity(town.parts, caller, **values | more)).order


async def now(town, order):
    return await find_electricity(town.parts.database, order.id)


async def read(town, room, **said):
    """The gateway reads this room's meter."""
    meter = await town.meter(room)
    values = {
        "meter_id": meter.id,
        "read_at": town.watch(),
        "total_wh": None,
        "power_w": 200,
        "relay": None,
        "flags": (),
        "remaining_wh": None,
        "credit_counter": None,
        "heard": True,
        "silent_since": None,
    } | said
    (outcome,) = await record_readings(town.parts, GATEWAY, [Reading(**values)])
    return outcome


async def commands(town, operation=MeterOperation.CREDIT_WRITE):
    found = await town.parts.registry.access_pending_commands(GATEWAY)
    return [command for command in found if command.operation == operation]


async def report(town, command, state, detail=None):
    await report_command(
        town.parts, GATEWAY, command_id=command.id, state=state, at=town.watch(), detail=detail
    )


# ---------------------------------------------------------------- counted by our ledger


async def test_thirty_yuan_from_the_account_are_energy_at_once(town):
    await town.give(5000)
    await read(town, "101", total_wh=1_000_000)
    order = await buy(town)
    assert (order.state, order.wh) == (DELIVERED, 53_734)
    assert (await town.wallets()).transition_fen == 2000
    energy = (await find_energy(town.parts, [order.room_id]))[order.room_id]
    assert (energy.remaining_wh, energy.stale) == (12_500 + 53_734, False)


async def test_by_wechat_for_a_friends_room(town):
    order = await buy(town, "201", method=PayMethod.WECHAT)
    assert (order.state, order.prepay_id is not None) == (ElectricityState.ORDERED, True)
    town.wechat.pay(order.out_trade_no)
    notice = town.wechat.read_notification(*town.wechat.payment_notification(order.out_trade_no))
    for _ in range(2):  # WeChat repeats itself
        await settle_recharge(town.parts, notice, RechargeMethod.WECHAT)
    assert ((await now(town, order)).state, (await now(town, order)).wh) == (DELIVERED, 53_734)
    assert (await town.wallets()).transition_fen == 0


async def test_the_page_asks_and_wechat_is_asked(town):
    order = await buy(town, method=PayMethod.WECHAT)
    assert (
        await confirm_electricity(town.parts, await town.caller(), order.id)
    ).state is ElectricityState.ORDERED
    town.wechat.pay(order.out_trade_no)
    assert (await confirm_electricity(town.parts, await town.caller(), order.id)).state is DELIVERED


async def test_somebody_elses_order_is_not_known(town):
    order = await buy(town, method=PayMethod.WECHAT)
    stranger = await town.caller("9001001")
    with pytest.raises(Refusal) as refused:
        await confirm_electricity(town.parts, stranger, order.id)
    assert refused.value.code is RefusalCode.ORDER_UNKNOWN
    assert may_see_order(await town.caller(UTILITY), order)
    assert may_see_order(await town.caller(), order)


async def test_the_counter_finds_an_order_by_the_number_its_payer_reads_out(town):
    order = await buy(town, method=PayMethod.WECHAT)
    assert await find_electricity_numbered(town.parts.database, order.number) == order
    for wrong in ("", "ele_1", order.number[8:], f"20200101{order.number[8:]}", f"{order.number}0", "9" * 26):
        assert await find_electricity_numbered(town.parts.database, wrong) is None


async def test_nobody_pays_and_it_is_closed(town):
    order = await buy(town, method=PayMethod.WECHAT)
    assert not await look_after_electricity(town.parts, order.id)
    town.watch.ahead = timedelta(seconds=town.parts.policy.electricity_expires_s + 1)
    assert await look_after_electricity(town.parts, order.id)
    assert (await now(town, order)).state is ElectricityState.CLOSED


async def test_wechat_is_away_and_the_same_id_goes_on(town):
    order = await buy(town, method=PayMethod.WECHAT, id="one-and-the-same")
    again = await buy(town, method=PayMethod.WECHAT, id="one-and-the-same")
    assert again.id == order.id


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fen": 0}, RefusalCode.AMOUNT_INVALID),
        ({"fen": 50_001}, RefusalCode.AMOUNT_INVALID),
        ({"fen": -1}, RefusalCode.AMOUNT_INVALID),
        ({"room": "103"}, RefusalCode.ROOM_HAS_NO_METER),
        ({"room_id": "rom_nowhere"}, RefusalCode.ROOM_UNKNOWN),
        ({"method": PayMethod.BANK_CARD}, RefusalCode.BANK_CARD_NOT_BOUND),
        ({"fen": 2000}, RefusalCode.INSUFFICIENT_BALANCE),
    ],
)
async def test_what_cannot_be_is_refused_before_any_money(town, change, code):
    await town.give(1000)
    before = await town.transfers()
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await buy(town, **{"id": "refused-1"} | change)
        assert refused.value.code is code
    assert await town.transfers() == before


async def test_an_unbound_login_is_told_to_bind(town):
    with pytest.raises(Refusal) as refused:
        await buy(town, caller=await town.newcomer())
    assert refused.value.code is RefusalCode.NOT_BOUND


async def test_a_flood_of_orders_is_stopped(town):
    for _ in range(town.parts.policy.recharge_orders_most):
        await buy(town, method=PayMethod.WECHAT)
    with pytest.raises(Refusal) as refused:
        await buy(town, method=PayMethod.WECHAT)
    assert refused.value.code is RefusalCode.TOO_MANY_ATTEMPTS


async def test_a_quote_is_what_is_delivered(town):
    steps = (Step(100_000, Decimal("0.50")), Step(None, Decimal("1.00")))
    policy = replace(town.parts.policy, tariffs=(Tariff((await town_day(town)), steps),))
    town.parts = replace(town.parts, policy=policy)
    await town.give(50_000)
    room = await town.room()
    quote = await quote_electricity(town.parts, room, 6000)
    assert [part.wh for part in quote.parts] == [100_000, 10_000]
    order = await buy(town, fen=6000)
    assert order.wh == quote.wh == 110_000
    assert (await quote_electricity(town.parts, room, 1000)).wh == 10_000, "the month's first step is used up"
    assert await quote_electricity(town.parts, "rom_nowhere", 1000) is None


async def town_day(town):
    return town.watch().date() - timedelta(days=400)


async def test_a_meter_that_was_taken_out_meanwhile_leaves_it_to_a_person(town):
    order = await buy(town, method=PayMethod.WECHAT)
    await town.execute("UPDATE meter SET removed_at = now() WHERE id = $1", order.meter_id)
    town.wechat.pay(order.out_trade_no)
    order = await confirm_electricity(town.parts, await town.caller(), order.id)
    assert order.state is ElectricityState.UNMAPPED


# ---------------------------------------------------------------- written to the meter


async def paid_for_meter(town, fen=3000):
    await town.give(fen)
    await read(town, "102", total_wh=1_000, remaining_wh=5_000, credit_counter=6)
    order = await buy(town, "102", fen)
    (command,) = await commands(town)
    return order, command


async def test_the_meter_is_told_its_next_counter_and_says_yes(town):
    order, command = await paid_for_meter(town)
    assert order.state is DELIVERING
    assert command.arguments.replace(" ", "") == (f'{{"wh":53730,"order":"{order.id}","counter":7}}')
    await report(town, command, CommandState.SENT)
    assert (await now(town, order)).state is DELIVERING
    await report(town, command, CommandState.VERIFIED)
    assert (await now(town, order)).state is DELIVERED


async def test_the_meter_says_no_and_the_money_is_back(town):
    order, command = await paid_for_meter(town)
    await report(town, command, CommandState.REJECTED, "the counter is 9")
    assert (await now(town, order)).state is ElectricityState.REFUNDED
    assert (await town.wallets()).transition_fen == 3000


async def test_without_a_known_counter_the_money_waits(town):
    await town.give(3000)
    order = await buy(town, "102")
    assert (order.state, await commands(town)) == (PAID, [])
    await read(town, "102", credit_counter=6)
    assert not await look_after_electricity(town.parts, order.id)
    (command,) = await commands(town)
    await report(town, command, CommandState.VERIFIED)
    assert (await now(town, order)).state is DELIVERED


async def test_a_second_purchase_waits_for_the_first_ones_end(town):
    _, command = await paid_for_meter(town, 3000)
    await town.give(3000)
    second = await buy(town, "102")
    assert second.state is PAID
    await report(town, command, CommandState.VERIFIED)
    await read(town, "102", credit_counter=7)
    await carry_on(town.parts, second.id)
    (newer,) = await commands(town)
    assert '"counter": 8' in newer.arguments


@pytest.mark.parametrize(("counter", "state"), [(7, DELIVERED), (6, DELIVERING)])
async def test_no_answer_is_decided_by_the_counter_alone(town, counter, state):
    order, command = await paid_for_meter(town)
    await report(town, command, CommandState.SENT)
    await report(town, command, CommandState.UNKNOWN)
    assert (await now(town, order)).state is ElectricityState.UNKNOWN
    await read(town, "102", credit_counter=counter, remaining_wh=999_999)
    await carry_on(town.parts, order.id)
    assert (await now(town, order)).state is ElectricityState.UNKNOWN, "it may still be sent"
    town.watch.ahead = timedelta(minutes=10)
    await carry_on(town.parts, order.id)
    assert len(await commands(town, MeterOperation.READ_NOW)) == 1
    await read(town, "102", credit_counter=counter, remaining_wh=1)
    assert (await carry_on(town.parts, order.id)).state is state


async def test_three_writes_that_never_arrive_give_the_money_back(town):
    order, _ = await paid_for_meter(town)
    for turn in range(1, 4):
        town.watch.ahead += timedelta(minutes=10)
        await expire_commands(town.parts)
        await carry_on(town.parts, order.id)
        town.watch.ahead += timedelta(minutes=10)
        await read(town, "102", credit_counter=6)
        order = await carry_on(town.parts, order.id)
        assert order.state is (ElectricityState.REFUNDED if turn == 3 else DELIVERING), turn
    assert (await town.wallets()).transition_fen == 3000


async def test_a_yes_after_the_refund_is_a_dispute(town):
    order, command = await paid_for_meter(town)
    await report(town, command, CommandState.UNKNOWN)
    await town.parts.book.refund_electricity(order.id, "two persons decided", "per_1")
    await report(town, command, CommandState.VERIFIED)
    assert (await now(town, order)).state is ElectricityState.DISPUTED


async def test_we_stopped_between_the_order_and_its_command(town):
    await town.give(3000)
    await read(town, "102", credit_counter=6)
    order = await buy(town, "102")
    await town.execute("DELETE FROM device_command")
    await carry_on(town.parts, order.id)
    (command,) = await commands(town)
    assert command.id == order.command_id
    await carry_on(town.parts, order.id)
    assert len(await commands(town)) == 1


# ---------------------------------------------------------------- switched by hand


async def test_a_meter_is_switched_once_under_an_id(town):
    staff, meter = await town.caller(UTILITY), await town.meter()
    wanted = {
        "id": "switch-1",
        "meter_id": meter.id,
        "operation": MeterOperation.RELAY_OPEN,
        "reason": "检修",
    }
    first = await command_meter(town.parts, staff, **wanted)
    again = await command_meter(town.parts, staff, **wanted)
    assert (first.replayed, again.replayed, again.command) == (False, True, first.command)
    with pytest.raises(Refusal, match="IDEMPOTENCY_CONFLICT"):
        await command_meter(town.parts, staff, **wanted | {"operation": MeterOperation.RELAY_CLOSE})
    back = await command_meter(
        town.parts, staff, **wanted | {"id": "s2", "operation": MeterOperation.RELAY_CLOSE}
    )
    assert [one.id for one in await town.parts.registry.access_pending_commands(GATEWAY)] == [back.command.id]


async def test_a_student_switches_nothing(town):
    meter = await town.meter()
    for number, code in ((BOUND, RefusalCode.NOT_ALLOWED), (UTILITY, RefusalCode.METER_UNKNOWN)):
        with pytest.raises(Refusal) as refused:
            await command_meter(
                town.parts,
                await town.caller(number),
                id="x",
                meter_id=meter.id if number == BOUND else "met_none",
                operation=MeterOperation.RELAY_OPEN,
                reason="x",
            )
        assert refused.value.code is code


# ---------------------------------------------------------------- readings


async def test_readings_move_the_state_and_refuse_what_went_back(town):
    assert await read(town, "101", total_wh=1_000_000) is ReadingOutcome.ACCEPTED
    town.watch.ahead = timedelta(minutes=1)
    assert await read(town, "101", total_wh=1_000_500) is ReadingOutcome.ACCEPTED
    town.watch.ahead = timedelta(minutes=2)
    assert await read(town, "101", total_wh=900_000) is ReadingOutcome.REJECTED
    meter = await town.meter()
    assert await town.value("SELECT total_wh FROM meter_state WHERE meter_id = $1", meter.id) == 1_000_500
    old = town.watch() - timedelta(seconds=90)
    assert await read(town, "101", total_wh=1_000_100, read_at=old) is ReadingOutcome.DUPLICATE
    assert await read(town, "101", meter_id="met_other", total_wh=1) is ReadingOutcome.REJECTED


async def test_a_room_shows_what_ran_before_the_ledger_knows(town):
    await read(town, "101", total_wh=1_000_000)
    room, meter = await town.room(), await town.meter()
    await town.parts.book.consume(room, meter.id, 1_000_000, town.watch())
    town.watch.ahead = timedelta(minutes=5)
    await read(town, "101", total_wh=1_002_500)
    assert (await find_energy(town.parts, [room]))[room].remaining_wh == 10_000
