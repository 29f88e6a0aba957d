"""A small school for tests of money: its book on a real database, and eyes for the truth in the tables."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from support.database import tortoise

from onecard.ledger.book import Book, CallerKey, ChargeOrder, Fact, FactKind, Receipt, caller_key
from onecard.ledger.recharges import RechargeOrder, Recharges
from onecard.ledger.statements import BillLine, Wallets, find_bills_by_id, find_wallets
from onecard.rules.clock import system_clock
from onecard.rules.kinds import RechargeMethod, WalletType
from onecard.rules.policy import Policy

CANTEEN = "mer_canteen"
TERMINAL = "ter_till"


@dataclass
class School:
    book: Book
    recharges: Recharges
    database: Any
    dsn: str
    policy: Policy
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def key(self, name: str | None = None, **body: Any) -> CallerKey:
        return caller_key(TERMINAL, name or f"n{next(self.numbers)}", **body)

    async def person(self, transition_fen: int = 0, electronic_fen: int = 0, card_fen: int = 0) -> str:
        """A new account with this in its wallets, paid in the honest way."""
        account_id = await self.book.open_account()
        if transition_fen + card_fen > 0:
            await self.fact(FactKind.CASH_TOP_UP, account_id, transition_fen + card_fen)
        elif transition_fen + card_fen < 0:
            await self.fact(FactKind.OFFLINE_SALE, account_id, -transition_fen - card_fen)
        if card_fen:
            await self.fact(FactKind.CHIP_LOAD, account_id, card_fen)
        if electronic_fen:
            await self.pay_in(account_id, electronic_fen, WalletType.ELECTRONIC)
        return account_id

    async def fact(self, kind: FactKind, account_id: str, amount_fen: int, **more: Any) -> Receipt:
        chip = None
        if kind in (FactKind.CARD_TAP, FactKind.CHIP_LOAD):
            chip = f"chip-{account_id}"
            await self.book.open_chip(account_id, chip)
        merchant = CANTEEN if kind in (FactKind.CARD_TAP, FactKind.OFFLINE_SALE) else None
        values = {
            "key": self.key(kind=kind, amount_fen=amount_fen),
            "occurred_at": datetime.now(UTC),
            "merchant_id": merchant,
            "chip": chip,
        } | more
        return await self.book.record_fact(Fact(kind, account_id=account_id, amount_fen=amount_fen, **values))

    async def order(
        self, account_id: str, amount_fen: int, wallet_type: WalletType = WalletType.CARD_ACCOUNT
    ) -> RechargeOrder:
        key = self.key(amount_fen=amount_fen)
        order, _ = await self.recharges.create_order(
            key,
            account_id,
            amount_fen,
            wallet_type,
            RechargeMethod.WECHAT,
            datetime.now(UTC) + timedelta(hours=2),
        )
        return order

    async def credit(self, order: RechargeOrder | str, paid_fen: int, transaction_id: str) -> Any:
        return await self.book.credit_recharge(
            out_trade_no=order if isinstance(order, str) else order.out_trade_no,
            transaction_id=transaction_id,
            paid_fen=paid_fen,
            paid_at=datetime.now(UTC),
            source="NOTIFY",
        )

    async def pay_in(
        self, account_id: str, amount_fen: int, wallet_type: WalletType = WalletType.CARD_ACCOUNT
    ) -> RechargeOrder:
        order = await self.order(account_id, amount_fen, wallet_type)
        await self.credit(order, amount_fen, f"wx-{order.id}")
        return order

    def charging(
        self, account_id: str | None, amount_fen: int, name: str | None = None, **more: Any
    ) -> ChargeOrder:
        code = more.get("code_hash")
        values = {
            "key": self.key(name, account=account_id, amount_fen=amount_fen, code=code),
            "merchant_id": CANTEEN,
            "terminal_id": TERMINAL,
            "occurred_at": datetime.now(UTC),
        } | more
        return ChargeOrder(account_id=account_id, amount_fen=amount_fen, **values)

    async def charge(
        self, account_id: str | None, amount_fen: int, name: str | None = None, **more: Any
    ) -> Receipt:
        return await self.book.charge(self.charging(account_id, amount_fen, name, **more))

    async def wallets(self, account_id: str) -> Wallets:
        return (await find_wallets(self.database, [account_id]))[account_id]

    async def three(self, account_id: str) -> tuple[int, int, int]:
        """Card, transition, electronic."""
        now = await self.wallets(account_id)
        return now.card_fen, now.transition_fen, now.electronic_fen

    async def bill(self, transfer_id: int) -> BillLine | None:
        return (await find_bills_by_id(self.database, [transfer_id])).get(transfer_id)

    async def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return await self.database.execute_query_dict(sql, list(values))

    async def value(self, sql: str, *values: Any) -> Any:
        return next(iter((await self.rows(sql, *values))[0].values()))

    async def balance(self, code: str) -> int:
        """From the entries alone: debit +."""
        return await self.value("SELECT coalesce(sum(amount), 0)::bigint FROM entry WHERE account = $1", code)

    async def check(self) -> None:
        """I1, I2, I3, I5 straight from the journal, whatever the book says."""
        assert (
            await self.rows(
                "SELECT transfer_id FROM entry GROUP BY month, transfer_id, unit HAVING sum(amount) <> 0"
            )
            == []
        )
        assert await self.value("SELECT coalesce(sum(amount), 0)::bigint FROM entry") == 0
        assert (
            await self.rows(
                """
            SELECT a.id, j.wallet, min(a.card_fen), min(a.transition_fen), min(a.electronic_fen), -sum(e.amount)
              FROM wallet_account a
              CROSS JOIN (VALUES ('card'), ('transition'), ('electronic')) AS j (wallet)
              LEFT JOIN journal_account c ON c.owner = a.id AND c.wallet = j.wallet
              LEFT JOIN entry e ON e.account = c.code
             GROUP BY a.id, j.wallet
            HAVING coalesce(-sum(e.amount), 0) <> min(
                CASE j.wallet WHEN 'card' THEN a.card_fen WHEN 'transition' THEN a.transition_fen
                ELSE a.electronic_fen END)
            """
            )
            == []
        )
        assert (
            await self.rows(
                """
            SELECT id FROM wallet_account a WHERE electronic_fen < 0 OR held_fen < 0
                OR (transition_fen < 0 AND electronic_fen > 0)
                OR held_fen <> (SELECT coalesce(sum(amount_fen), 0) FROM hold h
                                 WHERE h.account_id = a.id AND h.state = 'ACTIVE')
            """
            )
            == []
        )


@asynccontextmanager
async def open_school(dsn: str, policy: Policy | None = None) -> AsyncIterator[School]:
    policy = policy or Policy()
    async with tortoise(dsn) as context:
        database = context.connections.get("default")
        book = Book(database, policy, system_clock)
        await book.start()
        await book.open_merchant(CANTEEN)
        yield School(book, Recharges(database), database, dsn, policy)
        await book.aclose()
