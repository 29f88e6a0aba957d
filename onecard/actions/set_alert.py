"""A person turns an alert of their room on or off."""

from __future__ import annotations

from onecard.actions.parts import Parts
from onecard.registry.alerts import Subscription, subscribe, subscriptions_of, unsubscribe
from onecard.rules.access import Caller, require_person
from onecard.rules.alerts import USUAL_THRESHOLD_WH
from onecard.rules.kinds import AlertKind
from onecard.rules.refusals import Refusal, RefusalCode


async def set_alert(
    parts: Parts, caller: Caller, kind: AlertKind, *, on: bool, threshold_wh: int | None
) -> list[Subscription]:
    """All of theirs that are on now. Refuses NOT_BOUND, NOT_ALLOWED."""
    person = require_person(caller)
    if person.person_id is None:
        raise Refusal(RefusalCode.NOT_BOUND)
    if on:
        await subscribe(parts.database, person.person_id, kind, threshold_wh or USUAL_THRESHOLD_WH)
    else:
        await unsubscribe(parts.database, person.person_id, kind)
    return await subscriptions_of(parts.database, person.person_id)
