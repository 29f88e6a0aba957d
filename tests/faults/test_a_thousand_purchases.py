"""Electricity bought while a tenth of the meters has faults and the gateway is killed: no fen is on two sides or none.

The real API over HTTP, a real gateway process, forty meters on four lines; PURCHASES=1000 is the whole drill.
"""

import asyncio
import os
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from random import Random

import pytest
from faults.power import GatewayProcess, Trouble, buses_of
from support.campus import open_campus
from support.database import connected
from support.dormitory import build_dormitory
from support.meter_lines import QUICK_BAUD, simulated
from support.serving import serving
from support.waiting import until, until_told

from onecard.actions import command_meter, settle_electricity
from onecard.actions.decide_electricity import ProposalKind, decide_electricity, propose_electricity
from onecard.actions.expire_commands import expire_commands
from onecard.actions.settle_electricity import look_after_electricity
from onecard.actions.settle_refund import send_refund
from onecard.ledger.check import check
from onecard.ledger.energy import find_electricity, find_unsettled_electricity
from onecard.ledger.seal import seal_pending
from onecard.ledger.unsettled import find_open_refunds
from onecard.rules.kinds import ElectricityState, MeterWay
from onecard.rules.refusals import Refusal
from sandbox.devices.meter_bus import MeterBus

PURCHASES = int(os.environ.get("PURCHASES", "60"))
BUYERS, LINES, METERS, FAULTY = 12, 4, 40, 4
LIVES_FOR = timedelta(seconds=3)  # a credit write; what a healthy meter needs is far below it
PATIENCE_S = 120
BUY = """mutation ($input: ElectricityPurchaseInput!) { electricityPurchase(input: $input) { __typename
    ... on ElectricityPurchased { order { id state } } ... on Refusal { code message } } }"""
POLICY = {
    "recharge_orders_most": 10**6,
    "payment_limit_once_fen": 10**6,
    "payment_limit_day_fen": 10**9,
}
OPEN = (ElectricityState.PAID, ElectricityState.DELIVERING, ElectricityState.UNKNOWN)


class Dormitory:
    """The rooms behind forty meters, of which three quarters count credit themselves, the faulty ones among them."""

    def __init__(self, campus, dsn, ids, trouble, gateway):
        self.campus, self.dsn, self.ids = campus, dsn, ids
        self.trouble, self.gateway = trouble, gateway
        self.rooms = list(ids)
        self.faulty_rooms = [address[-5:] for address in trouble.meters]

    async def buy(self, room, number, method="CARD_ACCOUNT", amount="3.00"):
        """The order's id; it is paid."""
        given = {
            "id": f"purchase-{number}",
            "room": self.ids[room]["room"],
            "amount": amount,
            "method": method,
        }
        data = await self.campus.data(BUY, {"input": given}, who=("student", "other")[number % 2])
        order = data["electricityPurchase"]["order"]["id"]
        if method == "WECHAT":
            self.campus.wechat_pay.pay(order.removeprefix("ele_"))
            await look_after_electricity(self.campus.parts, order)
        return order

    async def until_state(self, order_id, state):
        async def is_there():
            return (await find_electricity(self.campus.parts.database, order_id)).state is state

        await until_told(is_there, f"{order_id} to be {state}", PATIENCE_S)

    async def until_counted(self, meter):
        """The API knows its counter."""

        async def is_known():
            known = await self.value(
                "SELECT credit_counter FROM meter_state WHERE meter_id = $1",
                self.ids[meter.address[-5:]]["meter"],
            )
            return known == meter.credit_count

        await until_told(is_known, f"the counter of {meter.address}", PATIENCE_S)

    async def find(self, *states):
        parts = self.campus.parts
        return await find_unsettled_electricity(parts.database, states, parts.clock(), 10**6)

    async def value(self, statement, *values):
        async with connected(self.dsn) as connection:
            return await connection.fetchval(statement, *values)

    async def outcomes(self):
        async with connected(self.dsn) as connection:
            rows = await connection.fetch("SELECT state, count(*) AS n FROM electricity_order GROUP BY state")
        return Counter({row["state"]: row["n"] for row in rows})

    async def balance(self):
        return await self.value("SELECT sum(card_fen + transition_fen + electronic_fen) FROM wallet_account")

    async def spent_from_accounts(self):
        return await self.value(
            "SELECT coalesce(sum(amount_fen), 0) FROM electricity_order "
            "WHERE method = 'CARD_ACCOUNT' AND state = 'DELIVERED'"
        )

    async def look_after(self):
        """What the worker does by its scans, oftener."""
        parts = self.campus.parts
        while True:
            await expire_commands(parts)
            for order in await self.find(*OPEN):
                await look_after_electricity(parts, order.id)
            for refund in await find_open_refunds(parts.database, parts.clock(), 500):
                if not await send_refund(parts, refund):
                    self.campus.wechat_pay.finish_refund(refund)
            await asyncio.sleep(0.3)

    async def give_back(self, order_id):
        """Two persons of the utility office lose patience with a meter that does not say what it did."""
        parts = self.campus.parts
        asks, answers = [
            await parts.registry.find_caller(self.campus.people[who].login_id)
            for who in ("utility", "finance")
        ]
        proposal, _ = await propose_electricity(
            parts,
            asks,
            id=f"back-{order_id}",
            order_id=order_id,
            kind=ProposalKind.REFUND,
            reason="电表无应答",
        )
        await decide_electricity(parts, answers, proposal_id=proposal.id, approve=True, reason="同意退款")


@asynccontextmanager
async def doing(*work):
    """Beside what happens in the block; what fails there fails here."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
        yield
        for task in tasks:
            task.cancel()


@pytest.fixture
async def dormitory(database, redis_url, tmp_path, monkeypatch):
    monkeypatch.setitem(command_meter.LIVES_FOR, command_meter.MeterOperation.CREDIT_WRITE, LIVES_FOR)
    monkeypatch.setattr(settle_electricity, "SETTLED_AFTER", timedelta(seconds=1))
    numbers = [f"2026110{n // 10 + 1:02d}{n % 10 + 1:03d}" for n in range(METERS)]
    counts = [n % 4 != 3 for n in range(METERS)]  # by its own counter; else our ledger counts
    meters = [
        simulated(number, prepaid=by_itself, remaining_mwh=5_000_000, credit_count=6)
        for number, by_itself in zip(numbers, counts, strict=True)
    ]
    prepaid = [meter.address for meter in meters if meter.prepaid]
    faulty = [meter for meter in meters if meter.prepaid][:: len(prepaid) // FAULTY][:FAULTY]
    trouble = Trouble({meter.address: meter for meter in faulty}, Random(7))
    async with open_campus(database, redis_url, policy=POLICY) as campus:
        for who in ("student", "other"):
            await campus.top_up(who, 1_000 * PURCHASES)
        ways = [MeterWay.METER_CREDIT if by_itself else MeterWay.SERVER_CREDIT for by_itself in counts]
        ids = await build_dormitory(
            campus,
            {number[-5:]: (number, way) for number, way in zip(numbers, ways, strict=True)},
        )
        per_line = METERS // LINES
        parts_of = [meters[n * per_line : (n + 1) * per_line] for n in range(LINES)]
        async with AsyncExitStack() as stack:
            lines = [
                await stack.enter_async_context(MeterBus(of_line, baud=QUICK_BAUD, on_frame=trouble.hear))
                for of_line in parts_of
            ]
            address = await stack.enter_async_context(serving(campus.app))
            on_lines = [
                {meter.address: ids[meter.address[-5:]]["meter"] for meter in of_line} for of_line in parts_of
            ]
            gateway = GatewayProcess(campus, address, buses_of(lines, on_lines, prepaid), tmp_path)
            try:
                await gateway.start()
                yield Dormitory(campus, database, ids, trouble, gateway)
            finally:
                gateway.kill()
            async with connected(database) as connection:
                await seal_pending(connection)
                assert await check(connection, campus.parts.policy) == []


@pytest.mark.timeout(900)
async def test_what_is_paid_is_delivered_or_given_back_whatever_meters_and_lines_do(dormitory):
    draw, bought, patient = Random(11), [], {}
    numbers = iter(range(PURCHASES))

    async def buy_on():
        for number in numbers:
            room = draw.choice(draw.choice((dormitory.rooms, dormitory.faulty_rooms)))
            method = draw.choice(("CARD_ACCOUNT", "WECHAT"))
            await asyncio.sleep(draw.uniform(0, 2))
            bought.append(await dormitory.buy(room, number, method, f"{draw.randint(1, 999) / 100:.2f}"))

    async def kill_the_gateway():
        while True:
            await asyncio.sleep(draw.uniform(4, 8))
            dormitory.gateway.kill()
            await dormitory.gateway.start()

    async def lose_patience():
        """With every other order in doubt, before anybody asks the meter again."""
        while True:
            for order in await dormitory.find(ElectricityState.UNKNOWN):
                if patient.setdefault(order.id, draw.random() < 0.5):
                    continue
                with suppress(Refusal):  # it went on meanwhile
                    await dormitory.give_back(order.id)
            await asyncio.sleep(0.2)

    async with doing(dormitory.look_after()):
        async with doing(dormitory.trouble.run(), kill_the_gateway(), lose_patience()):
            await asyncio.gather(*(buy_on() for _ in range(BUYERS)))
            await asyncio.sleep(LIVES_FOR.total_seconds())  # what was bought last meets faults, too

        async def are_ended():
            return not await dormitory.find(*OPEN, ElectricityState.REFUNDING)

        await until_told(are_ended, "every order to end", PATIENCE_S)
    assert len(set(bought)) == PURCHASES
    outcomes = await dormitory.outcomes()
    print(f"{dict(outcomes)}, {dormitory.trouble.played} faults")
    assert sum(outcomes.values()) == PURCHASES
    assert outcomes["DELIVERED"] > PURCHASES / 2
    assert outcomes["REFUNDED"] or PURCHASES < 500, "no fault bit"
    assert await dormitory.balance() == 2 * 1_000 * PURCHASES - await dormitory.spent_from_accounts()


async def test_a_meter_that_counts_after_the_money_went_back_is_a_dispute(dormitory):
    """Killed between the meter's taking and our hearing of it, until people have decided otherwise."""
    meter = next(iter(dormitory.trouble.meters.values()))
    room = meter.address[-5:]
    async with doing(dormitory.look_after()):
        for number, method in enumerate(("CARD_ACCOUNT", "WECHAT")):
            before = meter.credit_count
            await dormitory.until_counted(meter)
            dormitory.trouble.mute_after_a_write.add(meter.address)
            order_id = await dormitory.buy(room, number, method)
            await until(lambda before=before: meter.credit_count == before + 1, "the meter to take it")
            dormitory.gateway.kill()
            dormitory.trouble.heal(meter)
            await dormitory.until_state(order_id, ElectricityState.UNKNOWN)
            await dormitory.give_back(order_id)
            await dormitory.gateway.start()
            await dormitory.until_state(order_id, ElectricityState.DISPUTED)
            assert meter.credit_count == before + 1
