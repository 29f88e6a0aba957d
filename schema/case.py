"""Money that needs a look."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

import strawberry

from schema.node import Node
from schema.scalars import Money
from schema.words import CaseKind, CaseState

if TYPE_CHECKING:
    from onecard.ledger.statements import Case as CaseRow


@strawberry.type(
    description="Money that needs a look by a person 异常款项: it is in the books, but not where it belongs."
)
class Case(Node):
    kind: CaseKind = strawberry.field(description="What is odd about it 异常类型.")
    state: CaseState = strawberry.field(description="How far it has come 处理状态.")
    amount: Money = strawberry.field(description="How much money it is about 金额.")
    reference: str = strawberry.field(
        description="What it is called outside, such as the provider's transaction id 凭证号."
    )
    opened_at: datetime = strawberry.field(description="When it was noticed 发现时间.")
    closed_at: datetime | None = strawberry.field(
        description="When it was settled 处理时间; null while it is open."
    )
    explanation: str = strawberry.field(description="What happened, and where the money is now 说明.")

    @classmethod
    def of(cls, row: "CaseRow") -> Self:
        return cls(
            id=strawberry.ID(row.id),
            kind=row.kind,
            state=row.state,
            amount=Money(row.amount_fen),
            reference=row.reference,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            explanation=row.explanation,
        )
