"""One seed: a few hours on a small campus with bad lines, then quiet, then the truths are compared."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from simulation.clockwork import Database, Events
from simulation.people import Campus, Frost, Recharge, RefundRequest, Sale, Upload, Water, Wechat

from onecard.ledger.book import Book, FactKind
from onecard.ledger.check import check
from onecard.ledger.recharges import Recharges
from onecard.ledger.seal import seal_pending
from onecard.rules.policy import Policy

POLICY = Policy(hold_expires_s=600, payment_limit_once_fen=20_000, payment_limit_day_fen=30_000)
HOURS = 2.0
SALES, RECHARGES, WATERS, UPLOADS, REFUNDS = 30, 9, 7, 8, 6
CLEARING = ("wechat", "suspense", "refund_payable", "cash")


class World:
    def __init__(self, seed: int, start: datetime, connection: Any) -> None:
        self.events = Events(seed, start)
        self.database = Database(connection, self.events)
        self._raw = connection
        book = Book(self.database, POLICY, self.events.clock)
        recharges = Recharges(self.database)
        self.campus = Campus(f"s{seed}t{start:%y%m%d}", self.events, book, recharges)
        self.wechat = Wechat(self.campus)
        self.frosts: list[Frost] = []
        self._recharges: list[Recharge] = []
        self._before: dict[str, int] = {}

    async def live(self) -> datetime:
        """Runs it all and compares; returns when it ended."""
        await self._found()
        self._plan()
        await self.events.run(self.database)
        await self._settle()
        await self._compare()
        await self.campus.book.aclose()
        return self.events.now

    async def _found(self) -> None:
        campus, self.events.faulty = self.campus, False
        await self.database.set_now(self.events.now)
        await campus.book.start()
        self._before = await self._balances(CLEARING)
        for number in range(3):
            campus.merchants.append(f"mer_{campus.name}_{number}")
            await campus.book.open_merchant(campus.merchants[-1])
        for _ in range(4):
            campus.accounts.append(await campus.book.open_account())
            await campus.book.open_chip(campus.accounts[-1], f"{campus.name}-{campus.accounts[-1]}")
        self.events.faulty = True

    def _plan(self) -> None:
        """Who will come when, all of it drawn now."""
        campus, events, random, span = self.campus, self.events, self.events.random, HOURS * 3600

        def later(make: Any) -> None:
            events.soon(span, make)

        for n in range(RECHARGES):
            account, fen = random.choice(campus.accounts), random.randint(1, 12_000)
            events.soon(
                span / 2 if n else 60,
                lambda n=n, account=account, fen=fen: self._recharges.append(
                    Recharge(campus, self.wechat, n, account, fen)
                ),
            )
        later(lambda: self.wechat.pay(f"STRAY{campus.name}", random.randint(1, 5_000)))
        codes: list[tuple[str, bytes]] = []
        for n in range(SALES):
            if codes and random.random() < 0.2:
                account, code = random.choice(codes)  # the same code held before another till
            else:
                account = random.choice(campus.accounts)
                code = hashlib.sha256(f"{campus.name}{n}".encode()).digest()
                codes.append((account, code))
            fen = random.choice((random.randint(1, 300), random.randint(1, 4_000), random.randint(1, 22_000)))
            voided = random.random() < 0.15
            later(
                lambda n=n, account=account, fen=fen, code=code, voided=voided: Sale(
                    campus, n, account, fen, code, voided=voided
                )
            )
        for n in range(WATERS):
            account, fen = random.choice(campus.accounts), random.randint(1, 500)
            later(lambda n=n, account=account, fen=fen: Water(campus, n, account, fen))
        for n in range(UPLOADS):
            kind = random.choice((FactKind.CARD_TAP, FactKind.OFFLINE_SALE, FactKind.CASH_TOP_UP))
            account, fen = random.choice(campus.accounts), random.randint(1, 3_000)
            later(lambda n=n, kind=kind, account=account, fen=fen: Upload(campus, n, kind, account, fen))
        for n in range(REFUNDS):
            later(lambda n=n: self._refund(n))
        for account in random.sample(campus.accounts, 2):
            self.frosts.append(Frost(campus, account, random.uniform(60, 900)))
        for minute in range(0, round(span / 60), 5):
            events.after(minute * 60 + 30, self._work)
        events.after(span, self._end_faults)

    def _refund(self, number: int) -> None:
        random = self.events.random
        orders = [one.order for one in self._recharges if one.order is not None]
        if orders:
            order = random.choice(orders)
            RefundRequest(self.campus, number, order, random.randint(1, order.amount_fen))

    def _end_faults(self) -> None:
        self.events.faulty = False

    async def _work(self) -> None:
        """The worker's round: expiry, refunds that wait, rollup, seal. It may die anywhere and come again."""
        campus, random = self.campus, self.events.random
        try:
            await campus.book.expire_holds(self.events.now)
            if random.random() < 0.3:
                await campus.book.roll_up()
        except ConnectionError:
            return
        except Exception as problem:
            if type(problem).__name__ != "LedgerUnavailable":
                raise
            return
        await self._pay_out()

    async def _pay_out(self) -> None:
        """Tells WeChat of every refund that was asked; WeChat takes each number once."""
        for row in await self.database.rows(
            "SELECT out_refund_no, r.amount_fen, coalesce(o.transaction_id, c.reference) AS paid FROM refund r "
            "LEFT JOIN recharge_order o ON o.id = r.recharge_id LEFT JOIN suspense_case c ON c.id = r.case_id "
            "WHERE r.state = 'ASKED' ORDER BY r.transfer_id"
        ):
            self.wechat.refund(row["out_refund_no"], row["paid"], row["amount_fen"])

    async def _settle(self) -> None:
        """Everybody has what they asked; the worker comes round until nothing is left to do."""
        self.events.faulty = False
        cases = await self.database.rows(
            "SELECT id FROM suspense_case WHERE state = 'OPEN' AND reference = ANY ($1::text[]) ORDER BY position",
            list(self.wechat.paid),
        )
        for number, row in enumerate(cases):
            if self.events.random.random() < 0.5:
                RefundRequest(self.campus, number, row["id"], 0)
        await self.events.run(self.database)
        self.events.now += timedelta(seconds=POLICY.hold_expires_s)
        for _ in range(3):
            self.events.soon(1, self._work)
            await self.events.run(self.database)
        await self.campus.book.roll_up()

    # ---------------------------------------------------------------- the truths

    async def _compare(self) -> None:
        campus, wechat = self.campus, self.wechat
        for sale in campus.sales:
            assert sale.printed in ("APPROVED", "DECLINED", "REVERSED"), (sale.number, sale.printed)
            if sale.printed == "APPROVED":
                campus.take(sale.account, sale.merchant, sale.fen)
        await self._compare_sales()

        refunds = await self.database.rows(
            "SELECT r.out_refund_no, r.state, o.account_id FROM refund r "
            "LEFT JOIN recharge_order o ON o.id = r.recharge_id WHERE r.out_refund_no = ANY ($1::text[])",
            list(wechat.refunded),
        )
        assert len(refunds) == len(wechat.refunded), "WeChat paid out what nobody asked"
        given_back: dict[str | None, int] = {}
        for row in refunds:
            _, fen, ok = wechat.refunded[row["out_refund_no"]]
            assert row["state"] == ("DONE" if ok else "FAILED"), row
            if ok:
                given_back[row["account_id"]] = given_back.get(row["account_id"], 0) + fen

        wallets = {
            row["id"]: row
            for row in await self.database.rows(
                "SELECT *, card_fen + transition_fen + electronic_fen AS balance FROM wallet_account "
                "WHERE id = ANY ($1::text[])",
                campus.accounts,
            )
        }
        for account in campus.accounts:
            wallet = wallets[account]
            true = (
                campus.paid_in[account]
                + wechat.credited[account]
                - campus.spent[account]
                - given_back.get(account, 0)
            )
            assert (wallet["balance"], wallet["held_fen"]) == (true, 0), account
        true_earnings = {f"merchant:{merchant}": -campus.earned[merchant] for merchant in campus.merchants}
        earned = await self._balances(true_earnings)
        assert earned == true_earnings, (earned, true_earnings)
        after = await self._balances(CLEARING)
        paid_out = sum(fen for _, fen, ok in wechat.refunded.values() if ok)
        assert {code: after[code] - self._before[code] for code in CLEARING} == {
            "wechat": sum(fen for _, fen in wechat.paid.values()) - paid_out,
            "suspense": given_back.get(None, 0) - sum(wechat.stray.values()),
            "refund_payable": 0,
            "cash": sum(campus.paid_in.values()),
        }
        await seal_pending(self._raw)
        assert await check(self._raw, POLICY) == []

    async def _compare_sales(self) -> None:
        """A printed approval is posted once; a code was approved once; nothing new while frozen."""
        campus = self.campus
        posted = {
            row["key"]: row
            for row in await self.database.rows(
                "SELECT t.key, t.account_id, t.recorded_at, r.reversed_by FROM transfer t "
                "LEFT JOIN reversal r ON r.transfer_id = t.id WHERE t.key = ANY ($1::text[])",
                [sale.key.text for sale in campus.sales],
            )
        }
        for sale in campus.sales:
            row = posted.get(sale.key.text)
            standing = row is not None and row["reversed_by"] is None
            assert standing == (sale.printed == "APPROVED"), (sale.number, sale.printed, row)
        codes = [sale.code for sale in campus.sales if sale.key.text in posted]
        assert len(codes) == len(set(codes)), "a code was charged twice"
        for frost in self.frosts:
            for since, until in frost.spans:
                for row in posted.values():
                    inside = since < row["recorded_at"] < (until or self.events.now)
                    assert not (inside and row["account_id"] == frost.account), (row, since, until)

    async def _balances(self, codes: Any) -> dict[str, int]:
        """As merchants are shown them: rollup and what is above its fence."""
        rows = await self.database.rows("SELECT * FROM ledger_balances($1::text[])", list(codes))
        return {row["code"]: row["amount"] for row in rows}
