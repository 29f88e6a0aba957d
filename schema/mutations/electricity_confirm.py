"""The payment sheet closed: has the money come, and where is the energy?"""

from typing import Annotated

import strawberry

from onecard.actions.confirm_electricity import confirm_electricity
from schema.context import Info
from schema.electricity import ElectricityOrder
from schema.fields import resolver
from schema.refusals import NotAllowed, OrderUnknown, ServiceUnavailable


@strawberry.input(description="Which order the payment sheet was for.")
class ElectricityConfirmInput:
    order: strawberry.ID = strawberry.field(description="The order's id.")


@strawberry.type(description="The provider was asked, and the order went on as far as it can now.")
class ElectricityConfirmed:
    order: ElectricityOrder = strawberry.field(description="The order as it is now.")


ElectricityConfirmResult = Annotated[
    ElectricityConfirmed | OrderUnknown | ServiceUnavailable | NotAllowed,
    strawberry.union(
        name="ElectricityConfirmResult", description="How an order for electricity stands 查询结果."
    ),
]


@strawberry.type
class ElectricityConfirm:
    @resolver(
        "Have an order for electricity looked after at once 查询缴费结果. What the phone says about money is never "
        "believed, so this may be sent at any time, and twice."
    )
    async def electricity_confirm(
        self,
        info: Info,
        input: Annotated[ElectricityConfirmInput, strawberry.argument(description="Which order.")],
    ) -> ElectricityConfirmResult:
        order = await confirm_electricity(info.context.parts, info.context.caller, input.order)
        return ElectricityConfirmed(order=ElectricityOrder.of(order))
