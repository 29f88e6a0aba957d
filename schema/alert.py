"""用电提醒: what one wants to hear of one's room."""

from collections.abc import Iterable

import strawberry

from onecard.registry.alerts import Subscription
from onecard.rules.alerts import USUAL_THRESHOLD_WH
from schema.scalars import Kwh
from schema.words import AlertKind


@strawberry.type(description="One kind of alert of one's own room 用电提醒, on or off.")
class AlertSubscription:
    kind: AlertKind = strawberry.field(description="About what.")
    on: bool = strawberry.field(description="Is it on 已开启?")
    threshold: Kwh | None = strawberry.field(
        description="Of LOW_ENERGY: below how much 提醒线; what would be used while it is off. Null for the others."
    )


def all_kinds(subscriptions: Iterable[Subscription]) -> list[AlertSubscription]:
    """Each kind once, in a fixed order."""
    on = {one.watched.kind: one.watched.threshold_wh for one in subscriptions}
    return [
        AlertSubscription(
            kind=kind,
            on=kind in on,
            threshold=Kwh(on.get(kind, USUAL_THRESHOLD_WH)) if kind is AlertKind.LOW_ENERGY else None,
        )
        for kind in AlertKind
    ]
