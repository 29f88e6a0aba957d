"""Two persons decide what no machine can know: one proposes, another decides, and it is done once."""

import pytest
from support.database import connected
from support.town import FINANCE, UTILITY

from onecard.actions.buy_electricity import buy_electricity
from onecard.actions.confirm_electricity import confirm_electricity
from onecard.actions.decide_electricity import decide_electricity, propose_electricity
from onecard.ledger.check import check
from onecard.ledger.energy import find_electricity
from onecard.rules.kinds import ElectricityState, PayMethod, ProposalKind, ProposalState
from onecard.rules.refusals import Refusal, RefusalCode


@pytest.fixture(autouse=True)
async def green(town):
    yield
    async with connected(town.dsn) as connection:
        assert await check(connection, town.parts.policy) == []


async def bought(town, room="101", method=PayMethod.CARD_ACCOUNT):
    await town.give(3000)
    caller = await town.caller()
    done = await buy_electricity(
        town.parts,
        caller,
        id=town.id(),
        room_id=await town.room(room),
        amount_fen=3000,
        method=method,
        note=None,
    )
    return done.order


async def unmapped(town):
    order = await bought(town, method=PayMethod.WECHAT)
    await town.execute("UPDATE meter SET removed_at = now() WHERE id = $1", order.meter_id)
    town.wechat.pay(order.out_trade_no)
    return await confirm_electricity(town.parts, await town.caller(), order.id)


async def propose(town, order, kind, **more):
    values = {"id": town.id(), "kind": kind, "order_id": order.id, "reason": "核实过"} | more
    return await propose_electricity(town.parts, await town.caller(UTILITY), **values)


async def decide(town, proposal, who=FINANCE, approve=True):
    return await decide_electricity(
        town.parts, await town.caller(who), proposal_id=proposal.id, approve=approve, reason="同意"
    )


async def energy(town, room):
    room_id = await town.room(room)
    return await town.value("SELECT bought_wh FROM room_energy WHERE room_id = $1", room_id)


async def test_unused_energy_goes_to_the_right_room(town):
    order = await bought(town)
    proposal, replayed = await propose(
        town, order, ProposalKind.MOVE, to_room_id=await town.room("201"), wh=53_734
    )
    assert (proposal.state, replayed) == (ProposalState.OPEN, False)
    decided = await decide(town, proposal)
    assert decided.proposal.state is ProposalState.APPROVED
    assert (await energy(town, "101"), await energy(town, "201")) == (12_500, 53_734)
    await decide(town, proposal)
    assert await energy(town, "201") == 53_734, "deciding the same again does nothing again"


async def test_more_than_is_left_is_not_moved_and_stays_open(town):
    order = await bought(town)
    proposal, _ = await propose(town, order, ProposalKind.MOVE, to_room_id=await town.room("201"), wh=66_235)
    with pytest.raises(Refusal) as refused:
        await decide(town, proposal)
    assert refused.value.data == {"left_wh": 66_234}
    rejected = await decide(town, proposal, approve=False)
    assert rejected.proposal.state is ProposalState.REJECTED


async def test_an_order_without_a_meter_is_assigned(town):
    order = await unmapped(town)
    assert order.state is ElectricityState.UNMAPPED
    proposal, _ = await propose(town, order, ProposalKind.ASSIGN, to_room_id=await town.room("201"))
    assert (await decide(town, proposal)).order.state is ElectricityState.DELIVERED
    assert await energy(town, "201") == 53_734


async def test_an_order_without_a_meter_is_given_back(town):
    order = await unmapped(town)
    proposal, _ = await propose(town, order, ProposalKind.REFUND)
    assert (await decide(town, proposal)).order.state is ElectricityState.REFUNDING


async def test_nobody_decides_what_they_proposed(town):
    proposal, _ = await propose(town, await unmapped(town), ProposalKind.REFUND)
    with pytest.raises(Refusal) as refused:
        await decide(town, proposal, who=UTILITY)
    assert refused.value.code is RefusalCode.NOT_ALLOWED


async def test_one_proposal_waits_at_a_time_and_an_id_makes_one(town):
    order = await unmapped(town)
    first, _ = await propose(town, order, ProposalKind.REFUND, id="propose-1")
    again, replayed = await propose(town, order, ProposalKind.REFUND, id="propose-1")
    assert (again, replayed) == (first, True)
    with pytest.raises(Refusal) as refused:
        await propose(town, order, ProposalKind.REFUND)
    assert refused.value.code is RefusalCode.ORDER_NOT_OPEN
    with pytest.raises(Refusal) as refused:
        await propose(town, order, ProposalKind.REFUND, id="propose-1", reason="another")
    assert refused.value.code is RefusalCode.IDEMPOTENCY_CONFLICT


@pytest.mark.parametrize("kind", [ProposalKind.REFUND, ProposalKind.WRITE_OFF])
async def test_a_delivered_order_is_neither_refunded_nor_in_dispute(town, kind):
    with pytest.raises(Refusal) as refused:
        await propose(town, await bought(town), kind)
    assert refused.value.code is RefusalCode.ORDER_NOT_OPEN


async def test_a_dispute_is_written_off_by_two(town):
    order = await bought(town, "102")
    await town.parts.book.start_delivery(order.id, "cmd_x", 53_734, [], 6)
    await town.parts.book.refund_electricity(order.id, "unknown", "per_x")
    await town.execute(
        "SELECT ledger_deliver_electricity($1, 0, '[]', 0, 0, now(), $2, now(), 'cas_x')",
        order.id,
        await town.value("SELECT id FROM merchant WHERE code = 'power'"),
    )
    order = await find_electricity(town.parts.database, order.id)
    proposal, _ = await propose(town, order, ProposalKind.WRITE_OFF)
    await decide(town, proposal)
    assert await town.value("SELECT state FROM suspense_case WHERE id = 'cas_x'") == "CLOSED"
    assert (await town.wallets()).transition_fen == 3000
