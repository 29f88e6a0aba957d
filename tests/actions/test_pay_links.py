"""A parent pays by a link: who may make one, what it opens, how it ends, and where the money goes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.database import connected
from support.town import COUNSELOR, UTILITY, Town, open_town

from onecard.actions.confirm_electricity import confirm_electricity
from onecard.actions.pay_links import (
    OPEN_AT_ONCE,
    address_of,
    close_link,
    link_of_guest,
    links_of,
    make_link,
    pay_by_link,
    read_token,
)
from onecard.actions.settle_electricity import settle_electricity_by_query
from onecard.ledger.check import check
from onecard.rules.access import Guest, Nobody
from onecard.rules.kinds import ElectricityState
from onecard.rules.refusals import Refusal, RefusalCode


@pytest.fixture
async def town(database: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(database, redis_url, tmp_path) as town:
        yield town


def refused(code: RefusalCode):
    return pytest.raises(Refusal, check=lambda refusal: refusal.code is code)


async def test_a_parent_pays_and_the_room_has_the_energy(town: Town) -> None:
    link = await make_link(town.parts, await town.caller(), "妈妈")
    token = address_of(town.parts, link).rpartition("/pay/")[2]
    assert await read_token(town.parts, token) == link
    guest = Guest(link.id, "o-mother")
    bought = await pay_by_link(town.parts, guest, id="mother-0001", amount_fen=3000)
    order = bought.order
    assert (order.state, order.account_id, order.payer) == (ElectricityState.ORDERED, None, link.id)
    assert (await pay_by_link(town.parts, guest, id="mother-0001", amount_fen=3000)).replayed
    with refused(RefusalCode.IDEMPOTENCY_CONFLICT):
        await pay_by_link(town.parts, guest, id="mother-0001", amount_fen=3100)
    assert order.out_trade_no is not None
    town.wechat.pay(order.out_trade_no)
    paid = await confirm_electricity(town.parts, guest, order.id)
    assert (paid.state, paid.wh) == (ElectricityState.DELIVERED, 53_734)
    with refused(RefusalCode.ORDER_UNKNOWN):  # another link's holder
        await confirm_electricity(town.parts, Guest("lnk_other", "o-x"), order.id)
    async with connected(town.dsn) as connection:
        assert await check(connection, town.parts.policy) == []


async def test_what_cannot_be_delivered_goes_back_to_whoever_paid(town: Town) -> None:
    link = await make_link(town.parts, await town.caller(), "爸爸")
    bought = await pay_by_link(town.parts, Guest(link.id, "o-father"), id="father-0001", amount_fen=1000)
    await town.execute("UPDATE meter SET removed_at = now() WHERE room_id = $1", link.room_id)
    assert bought.order.out_trade_no is not None
    town.wechat.pay(bought.order.out_trade_no)
    await settle_electricity_by_query(town.parts, bought.order)
    order = await confirm_electricity(town.parts, Guest(link.id, "o-father"), bought.order.id)
    assert order.state is ElectricityState.UNMAPPED


async def test_an_ended_link_opens_nothing_and_its_order_goes_on(town: Town) -> None:
    caller = await town.caller()
    link = await make_link(town.parts, caller, "妈妈")
    token = address_of(town.parts, link).rpartition("/pay/")[2]
    guest = Guest(link.id, "o-mother")
    bought = await pay_by_link(town.parts, guest, id="mother-0001", amount_fen=3000)
    await close_link(town.parts, caller, link.id)
    await close_link(town.parts, caller, link.id)
    assert await links_of(town.parts, caller) == []
    assert await read_token(town.parts, token) is None
    assert await link_of_guest(town.parts, guest) is None
    with refused(RefusalCode.LINK_UNKNOWN):
        await pay_by_link(town.parts, guest, id="mother-0002", amount_fen=3000)
    assert bought.order.out_trade_no is not None
    town.wechat.pay(bought.order.out_trade_no)
    assert (await confirm_electricity(town.parts, guest, bought.order.id)).state is ElectricityState.DELIVERED
    again = await make_link(town.parts, caller, "妈妈")
    assert again.id != link.id


async def test_it_ends_with_its_time_and_with_a_move(town: Town) -> None:
    caller = await town.caller()
    link = await make_link(town.parts, caller, "妈妈")
    token = address_of(town.parts, link).rpartition("/pay/")[2]
    await town.execute("UPDATE pay_link SET expires_at = now() - interval '1 second' WHERE id = $1", link.id)
    assert await read_token(town.parts, token) is None
    assert (await make_link(town.parts, caller, "妈妈")).id == link.id  # its year begins anew
    assert await read_token(town.parts, token) is not None
    await town.execute("UPDATE residence SET until = since WHERE person_id = $1", caller.person_id)
    assert await read_token(town.parts, token) is None
    with refused(RefusalCode.ROOM_UNKNOWN):
        await make_link(town.parts, caller, "爷爷")


@pytest.mark.parametrize("change", ["", "x", "0" * 90, "short"])
async def test_a_token_that_is_not_ours_opens_nothing(town: Town, change: str) -> None:
    link = await make_link(town.parts, await town.caller(), "妈妈")
    token = address_of(town.parts, link).rpartition("/pay/")[2]
    bad = change if change != "x" else token[:-1] + ("0" if token[-1] != "0" else "1")
    assert await read_token(town.parts, bad) is None


async def test_who_may_have_how_many(town: Town) -> None:
    caller = await town.caller()
    for n in range(OPEN_AT_ONCE):
        await make_link(town.parts, caller, f"亲戚{n}")
    with refused(RefusalCode.TOO_MANY_LINKS):
        await make_link(town.parts, caller, "还有一个")
    assert (await make_link(town.parts, caller, "亲戚0")).label == "亲戚0"
    assert len(await links_of(town.parts, caller)) == OPEN_AT_ONCE
    with refused(RefusalCode.NOT_BOUND):
        await make_link(town.parts, await town.newcomer(), "妈妈")
    with refused(RefusalCode.ROOM_UNKNOWN):  # lives in no dormitory
        await make_link(town.parts, await town.caller(UTILITY), "妈妈")
    with refused(RefusalCode.LINK_UNKNOWN):  # somebody else's
        await close_link(town.parts, await town.caller(COUNSELOR), (await links_of(town.parts, caller))[0].id)


async def test_a_guest_may_nothing_else(town: Town) -> None:
    link = await make_link(town.parts, await town.caller(), "妈妈")
    for caller in (Nobody(), await town.caller()):
        with refused(RefusalCode.NOT_ALLOWED):
            await pay_by_link(town.parts, caller, id="guest-0001", amount_fen=3000)
    with refused(RefusalCode.NOT_ALLOWED):
        await make_link(town.parts, Guest(link.id, "o-mother"), "姐姐")
