"""From the sheet to the ledger with nothing replaced: sandbox, HTTP, notify routes, actions, PostgreSQL, Redis."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.routing import Mount
from support.waiting import until
from support.wechat import Sandbox, prepare_home, running_sandbox, serving

import api.notices
from api.worker import work_with
from onecard.actions.look_after_recharge import look_after_recharge
from onecard.actions.parts import Parts
from onecard.bootstrap import build
from onecard.ledger.book import caller_key
from onecard.ledger.statements import find_cases, find_wallets
from onecard.registry.record import record_binding, record_login
from onecard.rules.kinds import RechargeMethod, WalletType


@dataclass
class Town:
    parts: Parts
    sandbox: Sandbox
    account_id: str

    async def bind(self, number: str = "2002001") -> None:
        """The account is theirs, and they logged in through WeCom."""
        parts, person_id = self.parts, f"per_{number}"
        name = parts.registry.vault.seal("林小满", belongs_to=f"{person_id}.name")
        await parts.database.execute_query(
            "INSERT INTO person (id, number, name_sealed) VALUES ($1, $2, $3)", [person_id, number, name]
        )
        login = await record_login(parts.database, number, self.sandbox.openid(), parts.clock())
        await record_binding(parts.database, login.id, person_id, self.account_id, parts.clock())

    async def order(self, amount_fen: int = 5000) -> str:
        """A student ordered a recharge and sees the sheet."""
        key = caller_key("per_test", f"order-{amount_fen}", amount_fen=amount_fen)
        order, _ = await self.parts.recharges.create_order(
            key,
            self.account_id,
            amount_fen,
            WalletType.CARD_ACCOUNT,
            RechargeMethod.WECHAT,
            self.parts.clock() + timedelta(seconds=self.parts.policy.recharge_expires_s),
        )
        openid = self.sandbox.openid()
        prepay_id = await self.parts.wechat_pay.prepay(
            order.out_trade_no, amount_fen, openid, "校园卡充值", order.expires_at
        )
        await self.parts.recharges.set_prepay(order.id, prepay_id)
        return order.out_trade_no

    async def transition_fen(self) -> int:
        wallets = await find_wallets(self.parts.database, [self.account_id])
        return wallets[self.account_id].transition_fen

    async def answers(self, number: str, count: int = 1) -> list[str]:
        """What we answered WeChat about an order, once it is through with `count` attempts."""
        trades = self.sandbox.world.trades
        await until(
            lambda: sum(row["attempts"] for row in trades.notices_of(number)) >= count,
            f"{count} notifications about {number}",
        )
        return [row["answer"] for row in trades.notices_of(number)]


@pytest.fixture
async def town(tmp_path: Path, database: str, redis_url: str) -> AsyncIterator[Town]:
    routes = Mount("/", routes=[])
    async with running_sandbox(prepare_home(tmp_path)) as sandbox, serving([routes]) as base:
        settings = dataclasses.replace(
            sandbox.settings(), database_url=database, redis_url=redis_url, public_url=base
        )
        async with build(settings) as parts:
            routes.app.routes.extend(api.notices.routes(parts))
            yield Town(parts, sandbox, await parts.book.open_account())


@pytest.mark.parametrize("notify", ["send", "double"])
async def test_paid_once_credited_once(town: Town, notify: str) -> None:
    await town.sandbox.control("faults", {"notify": notify})
    number = await town.order(5000)
    assert await town.transition_fen() == 0
    await town.sandbox.control(f"orders/{number}/pay")
    assert await town.answers(number) == ["204"]
    assert await town.transition_fen() == 5000
    await town.sandbox.control(f"orders/{number}/notify_again")
    await until(lambda: town.sandbox.world.trades.notices_of(number)[0]["delivered_at"], "the repeat")
    assert await town.answers(number) == ["204"]
    assert await look_after_recharge(town.parts, number)
    assert await town.transition_fen() == 5000


async def test_the_holder_reads_it_in_the_inbox(town: Town) -> None:
    await town.bind()
    number, inbox, stop = await town.order(5000), town.sandbox.world.inbox, asyncio.Event()
    worker = asyncio.create_task(work_with(town.parts, stop, ()))
    try:
        await town.sandbox.control(f"orders/{number}/pay")
        assert await town.answers(number) == ["204"]
        await until(lambda: inbox.newest("2002001"), "the message")
    finally:
        stop.set()
        async with asyncio.timeout(15):
            await worker
    (message,) = inbox.newest()
    assert message["userid"] == "2002001"
    assert message["text"] == f"充值到账 50.00 元，可用余额 50.00 元。订单号尾号 {number[-4:]}。"


async def test_a_forged_notification_credits_nothing_and_the_query_does(town: Town) -> None:
    await town.sandbox.control("faults", {"notify": "tamper"})
    number = await town.order(5000)
    await town.sandbox.control(f"orders/{number}/pay")
    [answer] = await town.answers(number, 3)
    assert answer.startswith("401")
    assert await town.transition_fen() == 0
    assert await look_after_recharge(town.parts, number)
    assert await town.transition_fen() == 5000


async def test_a_lost_notification_is_made_up_for(town: Town) -> None:
    await town.sandbox.control("faults", {"notify": "drop"})
    number = await town.order(5000)
    assert not await look_after_recharge(town.parts, number)
    await town.sandbox.control(f"orders/{number}/pay")
    assert await town.transition_fen() == 0
    assert await look_after_recharge(town.parts, number)
    assert await town.transition_fen() == 5000
    await town.sandbox.control(f"orders/{number}/notify_again")
    assert await town.answers(number) == ["204"]
    assert await town.transition_fen() == 5000


@pytest.mark.parametrize("notify", ["wrong_amount", "unknown_order"])
async def test_money_that_fits_no_order_lies_in_suspense(town: Town, notify: str) -> None:
    await town.sandbox.control("faults", {"notify": notify})
    number = await town.order(5000)
    await town.sandbox.control(f"orders/{number}/pay")
    paid = town.sandbox.world.trades.newest(1)[0]
    assert await town.answers(paid["out_trade_no"]) == ["204"]
    assert await town.transition_fen() == 0
    cases = await find_cases(town.parts.database, 10)
    assert [case.amount_fen for case in cases.rows] == [paid["total_fen"]]


async def test_a_hand_made_notification_is_answered_401(town: Town) -> None:
    base = town.parts.settings.public_url
    answer = await town.sandbox.http.post(f"{base}/wechat/notify/pay", json={"id": "1"})
    assert answer.status_code == 401
