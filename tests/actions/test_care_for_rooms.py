"""A counselor's rooms: lowest first, and one action for several that pays for each once."""

import pytest
from support.town import BOUND, COUNSELOR, GATEWAY, UTILITY

from onecard.actions.care_for_rooms import buy_for_rooms, find_rooms_in_care
from onecard.actions.record_readings import Reading, record_readings
from onecard.registry.meters import Relay
from onecard.rules.kinds import ElectricityState
from onecard.rules.refusals import Refusal, RefusalCode


async def rooms(town, *numbers):
    return [await town.room(number) for number in numbers]


async def buy(town, room_ids, fen=3000, id="many-1", who=COUNSELOR):
    return await buy_for_rooms(
        town.parts, await town.caller(who), id=id, room_ids=room_ids, amount_fen=fen, note=None
    )


async def heard(town, number):
    meter = await town.meter(number)
    reading = Reading(meter.id, town.watch(), 1_000_000, 100, Relay.CLOSED, (), None, None, True, None)
    await record_readings(town.parts, GATEWAY, [reading])


async def test_the_lowest_come_first_and_the_unknown_last(town):
    counselor = await town.caller(COUNSELOR)

    async def names():
        return [room.name for room in await find_rooms_in_care(town.parts, counselor)]

    assert await names() == ["中专部3栋 101", "中专部3栋 201"], "nothing is known yet"
    await heard(town, "201")
    assert await names() == ["中专部3栋 201", "中专部3栋 101"]
    await heard(town, "101")
    assert await names() == ["中专部3栋 201", "中专部3栋 101"], "0 before 12.5 kWh"
    assert await find_rooms_in_care(town.parts, await town.caller(UTILITY)) == []


async def test_several_rooms_are_paid_for_at_once_and_once(town):
    await town.give(10_000, COUNSELOR)
    wanted = await rooms(town, "101", "201")
    first = await buy(town, wanted)
    assert [one.order.state for one in first] == [ElectricityState.DELIVERED] * 2
    assert [one.room_id for one in first] == wanted
    again = await buy(town, wanted)
    assert [one.order.id for one in again] == [one.order.id for one in first]
    assert (await town.wallets(COUNSELOR)).balance_fen == 4_000


async def test_what_one_room_refuses_stops_no_other(town):
    await town.give(10_000, COUNSELOR)
    own, foreign, last = await rooms(town, "101", "102", "201")
    outcomes = await buy(town, [own, foreign, "rom_none", last])
    assert [one.refusal and one.refusal.code for one in outcomes] == [
        None,
        RefusalCode.NOT_ALLOWED,
        RefusalCode.NOT_ALLOWED,
        None,
    ]
    assert (await town.wallets(COUNSELOR)).balance_fen == 4_000


async def test_too_little_money_pays_for_the_first_and_goes_on_later(town):
    await town.give(4_000, COUNSELOR)
    wanted = await rooms(town, "101", "201")
    outcomes = await buy(town, wanted)
    assert [one.refusal and one.refusal.code for one in outcomes] == [None, RefusalCode.INSUFFICIENT_BALANCE]
    assert (await town.wallets(COUNSELOR)).balance_fen == 1_000


async def test_the_same_id_for_another_amount_is_refused_for_each(town):
    await town.give(10_000, COUNSELOR)
    wanted = await rooms(town, "101")
    await buy(town, wanted)
    (outcome,) = await buy(town, wanted, fen=4000)
    assert outcome.refusal.code is RefusalCode.IDEMPOTENCY_CONFLICT
    assert (await town.wallets(COUNSELOR)).balance_fen == 7_000


async def test_only_counselors_do(town):
    with pytest.raises(Refusal, match=RefusalCode.NOT_ALLOWED):
        await buy(town, await rooms(town, "101"), who=BOUND)
