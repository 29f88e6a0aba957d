"""退款."""

from typing import Annotated

import strawberry

from onecard.actions.refund_recharge import refund_recharge
from schema.context import Info
from schema.fields import resolver
from schema.mutations import CALLER_ID, LONGEST_REASON, check_caller_id, check_text
from schema.recharge import Recharge
from schema.refusals import (
    AmountInvalid,
    IdempotencyConflict,
    NotAllowed,
    RechargeUnknown,
    RefundTooLarge,
    ServiceUnavailable,
)
from schema.scalars import Money


@strawberry.input(description="What an operator gives back of a recharge 退款.")
class RechargeRefundInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    recharge: strawberry.ID = strawberry.field(description="The recharge's id.")
    amount: Money = strawberry.field(
        description="How much 退款金额, at most what was paid, not refunded yet, and not spent."
    )
    reason: str = strawberry.field(description="Why 退款原因, for the books: up to 200 characters.")


@strawberry.type(
    description="The money is set aside and WeChat is asked to give it back 退款中; that can take days."
)
class RechargeRefunded:
    recharge: Recharge = strawberry.field(description="The recharge as it is now.")
    replayed: bool = strawberry.field(
        description="Was this id answered before? Then nothing more was set aside."
    )


RechargeRefundResult = Annotated[
    RechargeRefunded
    | RefundTooLarge
    | RechargeUnknown
    | AmountInvalid
    | IdempotencyConflict
    | NotAllowed
    | ServiceUnavailable,
    strawberry.union(name="RechargeRefundResult", description="What came of a refund 退款."),
]


@strawberry.type
class RechargeRefund:
    @resolver("Give a recharge back, all of it or a part, to where it came from 原路退款. For operators.")
    async def recharge_refund(
        self,
        info: Info,
        input: Annotated[RechargeRefundInput, strawberry.argument(description="What to give back, and why.")],
    ) -> RechargeRefundResult:
        refunded = await refund_recharge(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            recharge_id=input.recharge,
            amount_fen=input.amount,
            reason=check_text("reason", input.reason, LONGEST_REASON),
        )
        return RechargeRefunded(recharge=Recharge.of(refunded.recharge), replayed=refunded.replayed)
