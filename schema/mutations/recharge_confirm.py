"""The payment sheet closed: has the money come?"""

from typing import Annotated

import strawberry

from onecard.actions.confirm_recharge import confirm_recharge
from schema.context import Info
from schema.fields import resolver
from schema.recharge import Recharge
from schema.refusals import RechargeUnknown, ServiceUnavailable


@strawberry.input(description="Which recharge the payment sheet was for.")
class RechargeConfirmInput:
    recharge: strawberry.ID = strawberry.field(description="The recharge's id.")


@strawberry.type(
    description="WeChat was asked; the recharge is as it says. Its `state` tells whether money came."
)
class RechargeConfirmed:
    recharge: Recharge = strawberry.field(description="The recharge as it is now.")


RechargeConfirmResult = Annotated[
    RechargeConfirmed | RechargeUnknown | ServiceUnavailable,
    strawberry.union(name="RechargeConfirmResult", description="What WeChat said about a recharge 查询结果."),
]


@strawberry.type
class RechargeConfirm:
    @resolver(
        "Say that the payment sheet closed: the server asks WeChat at once 查询支付结果. What the phone says "
        "about money is never believed, so this may be sent at any time, and twice."
    )
    async def recharge_confirm(
        self,
        info: Info,
        input: Annotated[RechargeConfirmInput, strawberry.argument(description="Which recharge.")],
    ) -> RechargeConfirmResult:
        order = await confirm_recharge(info.context.parts, info.context.caller, input.recharge)
        return RechargeConfirmed(recharge=Recharge.of(order))
