"""A dorm in a school's ledger: rooms, purchases and their energy, as tests want them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from support.ledger import School

from onecard.ledger.book import CreditOutcome
from onecard.ledger.electricity import Delivered, MustReprice, Priced, Purchase
from onecard.ledger.energy import ElectricityOrder, find_bought, find_electricity
from onecard.rules.ids import new_id
from onecard.rules.kinds import MeterWay, PayMethod, RechargeMethod

POWER = "mer_power"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
WH_PER_FEN = 18


@dataclass(frozen=True, slots=True)
class RoomEnergy:
    """What the journal says; consumption up to the register reading `counted_wh`."""

    bought_wh: int
    quota_wh: int
    emergency_fen: int
    counted_wh: int | None

    @property
    def remaining_wh(self) -> int:
        return self.bought_wh + self.quota_wh


class Dorm:
    """`room(…)` opens one; `buy(…)` pays for it from an account, `order(…)` by a provider."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.book = school.book

    async def open(self) -> None:
        await self.book.open_merchant(POWER)

    async def room(self, bought_wh: int = 0, quota_wh: int = 0) -> str:
        room_id = new_id("rom")
        await self.book.open_room(room_id)
        if bought_wh:
            await self.book.lend_emergency(room_id, "seed", bought_wh, 0, POWER)
        if quota_wh:
            await self.book.grant_quota(room_id, "seed", quota_wh, lapses=False)
        return room_id

    def wanting(
        self,
        account: str | None,
        room: str,
        fen: int,
        method: PayMethod = PayMethod.CARD_ACCOUNT,
        **more: Any,
    ) -> Purchase:
        values = {
            "order_id": new_id("ele"),
            "payer": account or "lnk_parent",
            "account_id": account,
            "room_id": room,
            "meter_id": f"met_{room}",
            "way": MeterWay.SERVER_CREDIT,
            "amount_fen": fen,
            "method": method,
        } | more
        return Purchase(**values)

    async def buy(
        self, account: str, room: str, fen: int, name: str | None = None, **more: Any
    ) -> ElectricityOrder:
        """Paid from the account; its energy is still to come."""
        key = self.school.key(name, room=room, fen=fen)
        order, _ = await self.book.pay_electricity(key, self.wanting(account, room, fen), **more)
        return order

    async def order(
        self, account: str | None, room: str, fen: int, method: PayMethod = PayMethod.WECHAT, **more: Any
    ) -> ElectricityOrder:
        purchase = self.wanting(account, room, fen, method, **more)
        order, _ = await self.book.order_electricity(
            self.school.key(room=room, fen=fen, method=method),
            purchase,
            out_trade_no=purchase.order_id.removeprefix("ele_"),
            expires_at=datetime.now(UTC) + timedelta(hours=1),
        )
        return order

    async def pay(
        self, order: ElectricityOrder, paid_fen: int | None = None, name: str | None = None
    ) -> CreditOutcome:
        assert order.out_trade_no is not None
        return await self.book.credit_electricity(
            channel=RechargeMethod(order.method),
            out_trade_no=order.out_trade_no,
            transaction_id=name or f"tx-{order.id}",
            paid_fen=order.amount_fen if paid_fen is None else paid_fen,
            paid_at=datetime.now(UTC),
            source="NOTIFY",
        )

    async def price(self, order: ElectricityOrder) -> Priced:
        """At one price: 18 Wh a fen, after what repays emergency credit."""
        bought, owed = await find_bought(self.school.database, order.room_id, SINCE)
        repaid = min(owed, order.amount_fen)
        wh = (order.amount_fen - repaid) * WH_PER_FEN
        return Priced(wh, repaid, [{"price": "0.5556", "wh": wh}], bought, SINCE)

    async def deliver(self, order: ElectricityOrder) -> Delivered:
        while True:
            try:
                return await self.book.deliver_electricity(
                    order.id, await self.price(order), merchant_id=POWER, occurred_at=datetime.now(UTC)
                )
            except MustReprice:
                continue

    async def now(self, order: ElectricityOrder) -> ElectricityOrder:
        found = await find_electricity(self.school.database, order.id)
        assert found is not None
        return found

    async def energy(self, room: str) -> RoomEnergy:
        rows = await self.school.database.execute_query_dict(
            """SELECT bought_wh, quota_wh, emergency_fen,
                      (SELECT total_wh FROM meter_consumed c WHERE c.room_id = e.room_id
                        ORDER BY read_at DESC LIMIT 1) AS counted_wh
                 FROM room_energy e WHERE room_id = $1""",
            [room],
        )
        return RoomEnergy(**rows[0])
