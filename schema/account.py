"""校园卡账户 with its three wallets."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.actions.find_obstacles import obstacles_of
from onecard.ledger import statements
from onecard.rules.clock import SHANGHAI
from schema.bill import Bill
from schema.connections import Connection, check_first, connect, read_cursor
from schema.context import Info
from schema.fields import resolver
from schema.node import Node
from schema.obstacle import Obstacle
from schema.recharge import Recharge
from schema.scalars import Money, mistake
from schema.words import BillKind, PaymentChannel

if TYPE_CHECKING:
    from onecard.ledger.statements import Wallets

MOST_MONTHS = 24


@strawberry.type(description="What a calendar month came to 月度合计.")
class MonthTotal:
    month: str = strawberry.field(description='The month, "2026-11".')
    spent: Money = strawberry.field(description="Spent 支出, less what was given back.")
    recharged: Money = strawberry.field(description="Recharged 充值, less what was refunded.")
    count: int = strawberry.field(description="How many payments 消费笔数.")


@strawberry.type(
    description=(
        "A person's campus card account 校园卡账户 with its three wallets 钱包. `balance` = card + "
        "transition + electronic 三者之和; a purchase may start only while it is above 0 "
        "余额大于0才能进行消费."
    )
)
class Account(Node):
    wallets: strawberry.Private["Wallets"]
    balance: Money = strawberry.field(description="The sum of the three wallets 余额 (三者之和).")
    available: Money = strawberry.field(
        description="What may be spent now 可用余额: balance less what is held."
    )
    card_balance: Money = strawberry.field(
        description="Mirrors the money on the card's chip 卡余额; taps of the card are recorded here."
    )
    transition_balance: Money = strawberry.field(
        description=(
            "What is not yet written to the card 过渡余额: phone payments and recharges are recorded here. "
            "It may be negative; only the sum of the three counts."
        )
    )
    electronic_account: Money = strawberry.field(
        description=(
            "Where recharges of the wallet type ELECTRONIC land 电子账户; spent where the transition balance does not "
            "suffice, and never negative."
        )
    )
    held: Money = strawberry.field(
        description="Held for something that is still going on 预扣中, such as drawing water."
    )

    @resolver("Why a payment would be refused now, each with one remedy 办法; empty when it would pass.")
    def obstacles(
        self,
        info: Info,
        via: Annotated[
            PaymentChannel, strawberry.argument(description="With what one wants to pay.")
        ] = PaymentChannel.PHONE,
        amount: Annotated[
            Money | None, strawberry.argument(description="How much; null asks about any payment at all.")
        ] = None,
    ) -> list[Obstacle]:
        found = obstacles_of(self.wallets, info.context.parts.policy, via=via, amount_fen=amount)
        return [Obstacle.of(refusal) for refusal in found]

    @resolver("What moved money in or out 我的账单, newest first.")
    async def bills(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Cursor of the last one seen.")] = None,
        kind: Annotated[
            list[BillKind] | None, strawberry.argument(description="Only these kinds; null for all.")
        ] = None,
        from_: Annotated[
            date | None,
            strawberry.argument(
                name="from", description="Only what happened on this day or later, in the school's time."
            ),
        ] = None,
        to: Annotated[
            date | None,
            strawberry.argument(
                description="Only what happened on this day or earlier, in the school's time."
            ),
        ] = None,
    ) -> Connection[Bill]:
        page = await statements.find_bills(
            info.context.parts.database,
            self.id,
            first=check_first(first),
            after=read_cursor("bil", after),
            kinds=kind,
            since=_midnight(from_) if from_ else None,
            until=_midnight(to) + timedelta(days=1) if to else None,
        )
        sellers = {row.merchant_id for row in page.rows if row.merchant_id is not None}
        merchants = await info.context.parts.registry.merchants_by_ids(sellers)
        return connect(
            "bil",
            page.rows,
            more=page.has_next,
            after=after,
            key=lambda row: row.transfer_id,
            node=lambda row: Bill.of(row, merchants),
        )

    @resolver(
        "What the last calendar months came to 月度合计, newest first; months without anything are 0.00."
    )
    async def month_totals(
        self,
        info: Info,
        months: Annotated[
            int, strawberry.argument(description="How many months, this one included; at most 24.")
        ] = 6,
    ) -> list[MonthTotal]:
        if not 1 <= months <= MOST_MONTHS:
            raise mistake(f"months is from 1 to {MOST_MONTHS}.")
        totals = await statements.find_month_totals(info.context.parts.database, self.id, months)
        return [
            MonthTotal(
                month=total.month,
                spent=Money(total.spent_fen),
                recharged=Money(total.recharged_fen),
                count=total.count,
            )
            for total in totals
        ]

    @resolver("The recharges 充值记录 of this account, newest first.")
    async def recharges(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 10,
        after: Annotated[str | None, strawberry.argument(description="Cursor of the last one seen.")] = None,
    ) -> Connection[Recharge]:
        page = await statements.find_recharges(
            info.context.parts.database, self.id, first=check_first(first), after=read_cursor("rch", after)
        )
        return connect(
            "rch", page.rows, more=page.has_next, after=after, key=lambda row: row.position, node=Recharge.of
        )

    @classmethod
    def of(cls, wallets: "Wallets") -> Self:
        return cls(
            wallets=wallets,
            id=strawberry.ID(wallets.account_id),
            balance=Money(wallets.balance_fen),
            available=Money(wallets.available_fen),
            card_balance=Money(wallets.card_fen),
            transition_balance=Money(wallets.transition_fen),
            electronic_account=Money(wallets.electronic_fen),
            held=Money(wallets.held_fen),
        )


def _midnight(day: date) -> datetime:
    """When that day begins in the school's time."""
    return datetime.combine(day, time.min, SHANGHAI)
