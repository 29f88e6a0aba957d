"""A canteen's tills before the real API: codes shown, charges sent over HTTP, answers believed when they are 200."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from faults.drill import Till, Unknown
from support.campus import CHARGE, GRAPHQL, Campus
from support.database import connected

from onecard.ledger.check import check
from onecard.ledger.seal import seal_pending
from onecard.outside.code_store import CodeHolder, CodeStoreUnavailable
from onecard.rules.payment_code import hash_code, new_code

FULL_FEN = 40_000  # what the payer may spend in a day is more than a drill spends


class Shop:
    def __init__(self, campus: Campus, dsn: str, url: str | None = None) -> None:
        self.campus, self.dsn = campus, dsn
        self._client = (
            campus.http if url is None else httpx.AsyncClient(base_url=url, trust_env=False, timeout=5)
        )
        self._sales: dict[int, dict[str, Any]] = {}
        self.till = Till(self.pay)

    async def pay(self, number: int) -> str:
        """The bill's id, or the refusal's code: both are final for the sale's id."""
        sale = self._sales.get(number) or await self._show_code(number)
        body = {"query": CHARGE, "variables": {"input": sale}}
        headers = {"accept": GRAPHQL, **self.campus.bearer(self.campus.gateway)}
        try:
            response = await self._client.post("/graphql", json=body, headers=headers)
        except httpx.HTTPError as problem:
            raise Unknown from problem
        if response.status_code != 200 or "errors" in response.json():
            raise Unknown
        answer = response.json()["data"]["paymentCodeCharge"]
        return answer["bill"]["id"] if answer["__typename"] == "PaymentCodeCharged" else answer["code"]

    async def _show_code(self, number: int) -> dict[str, Any]:
        account_id = self.campus.people["student"].account_id
        assert account_id is not None
        code, now = new_code(), self.campus.clock()
        holder = CodeHolder(account_id, "张*明", now, now + timedelta(seconds=60))
        try:
            await self.campus.parts.codes.put(hash_code(code), holder)
        except CodeStoreUnavailable as problem:
            raise Unknown from problem
        self._sales[number] = self.campus.charge_input(code, f"0.0{1 + number % 3}")
        return self._sales[number]

    async def compare(self) -> tuple[int, int]:
        """Every acknowledged sale is posted once, as it was told, and nothing else; (posted, refused)."""
        told = {self._sales[number]["id"]: answer for number, answer in self.till.acknowledged.items()}
        charged = {id: answer for id, answer in told.items() if answer.startswith("bil_")}
        async with connected(self.dsn) as connection:
            rows = await connection.fetch("SELECT key, id, amount_fen FROM transfer WHERE kind = 'PAYMENT'")
            posted = {row["key"].split(":", 1)[1]: f"bil_{row['id']}" for row in rows}
            assert len(rows) == len(posted)
            assert posted == charged
            spent = sum(
                round(float(self._sales[number]["amount"]) * 100)
                for number, answer in self.till.acknowledged.items()
                if answer.startswith("bil_")
            )
            left = await connection.fetchval(
                "SELECT transition_fen FROM wallet_account WHERE id = $1",
                self.campus.people["student"].account_id,
            )
            assert left == FULL_FEN - spent
            await seal_pending(connection)
            assert await check(connection, self.campus.parts.policy) == []
        return len(charged), len(told) - len(charged)

    async def aclose(self) -> None:
        if self._client is not self.campus.http:
            await self._client.aclose()
