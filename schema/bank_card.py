"""绑定银行卡: the card that pays when its holder says so."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

import strawberry

from schema.scalars import Money
from schema.words import BankCardState

if TYPE_CHECKING:
    from onecard.registry.bank_cards import BankCard as CardRow


@strawberry.type(
    description=(
        "A bank card bound to a person 绑定银行卡. Its number and its PIN are given to the bank alone; the school "
        "knows the last four digits."
    )
)
class BankCard:
    id: strawberry.ID = strawberry.field(description="Its id; the bank knows the agreement 签约 by it.")
    state: BankCardState = strawberry.field(description="How far its binding has come 状态.")
    bank_name: str | None = strawberry.field(description="The bank 银行; null until it is bound.")
    last_four: str | None = strawberry.field(
        description="The card number's last four digits 尾号; null until it is bound."
    )
    once_limit: Money | None = strawberry.field(
        description="The most that one payment may take 单笔限额, as agreed with the bank; null until it is bound."
    )
    day_limit: Money | None = strawberry.field(
        description="The most that a day's payments may take 每日限额, as agreed; null until it is bound."
    )
    bound_at: datetime | None = strawberry.field(description="When it was bound 绑定时间; null until it is.")

    @classmethod
    def of(cls, card: "CardRow") -> Self:
        return cls(
            id=strawberry.ID(card.id),
            state=card.state,
            bank_name=card.bank_name,
            last_four=card.last_four,
            once_limit=None if card.once_limit_fen is None else Money(card.once_limit_fen),
            day_limit=None if card.day_limit_fen is None else Money(card.day_limit_fen),
            bound_at=card.bound_at,
        )
