"""An alert of one's room is turned on or off."""

from typing import Annotated

import strawberry

from onecard.actions.set_alert import set_alert
from onecard.rules.alerts import THRESHOLDS_WH
from schema.alert import AlertSubscription, all_kinds
from schema.context import Info
from schema.fields import resolver
from schema.refusals import NotAllowed, NotBound
from schema.scalars import Kwh, mistake
from schema.words import AlertKind


@strawberry.input(description="Which alert, on or off.")
class AlertSetInput:
    kind: AlertKind = strawberry.field(description="About what.")
    on: bool = strawberry.field(description="On 开启, or off.")
    threshold: Kwh | None = strawberry.field(
        description="Of LOW_ENERGY: below how much 提醒线, 0.1 to 1000 kWh; null: the usual.", default=None
    )


@strawberry.type(description="It is so now.")
class AlertSet:
    subscriptions: list[AlertSubscription] = strawberry.field(description="All kinds, as they are now.")


AlertSetResult = Annotated[
    AlertSet | NotBound | NotAllowed,
    strawberry.union(name="AlertSetResult", description="What came of turning an alert on or off."),
]


@strawberry.type
class AlertSetting:
    @resolver("Turn an alert of one's own room on or off 用电提醒. The same twice is the same.")
    async def alert_set(
        self,
        info: Info,
        input: Annotated[AlertSetInput, strawberry.argument(description="Which one, and how.")],
    ) -> AlertSetResult:
        threshold = input.threshold
        if threshold is not None and (
            input.kind is not AlertKind.LOW_ENERGY or threshold not in THRESHOLDS_WH
        ):
            raise mistake("threshold goes with LOW_ENERGY, 0.1 to 1000 kWh.")
        subscriptions = await set_alert(
            info.context.parts, info.context.caller, input.kind, on=input.on, threshold_wh=threshold
        )
        return AlertSet(subscriptions=all_kinds(subscriptions))
