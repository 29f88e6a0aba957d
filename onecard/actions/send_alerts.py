"""用电提醒, by the worker: looks at the rooms of those who want to hear, and sends what there is to say.

What is said and what is remembered as said are one statement; sending comes after it, and a message whose answer was
lost is sent again with the same words, of which WeCom delivers one.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from onecard.actions.find_power import power_of_rooms
from onecard.actions.look_into_rooms import find_energy, find_recent_use
from onecard.actions.parts import Parts
from onecard.outside.providers import ProviderRefused
from onecard.outside.wecom import REPEATS_DROPPED
from onecard.registry.alerts import Waiting, all_subscriptions, end_alert, remember_said
from onecard.rules.alerts import RoomNow, decide_alert, word_alert

TOLD_WITHIN = timedelta(hours=3)  # later it is no news
assert TOLD_WITHIN < REPEATS_DROPPED

log = structlog.get_logger(__name__)


async def look_for_alerts(parts: Parts) -> int:
    """How many were put on their way. Four statements for all rooms, and one for each that has news."""
    subscriptions = await all_subscriptions(parts.database)
    if not subscriptions:
        return 0
    now, power = parts.clock(), parts.policy.power
    rooms = {one.room_id for one in subscriptions if one.room_id is not None}
    states = await power_of_rooms(parts, list(rooms))
    energy = await find_energy(parts, rooms)
    daily = await find_recent_use(parts, list(rooms))
    told = 0
    for one in subscriptions:
        assert one.room_id is not None, "asked for those who live somewhere"
        state, has = states.get(one.room_id), energy.get(one.room_id)
        room = RoomNow(
            state=state.state if state else None,
            remaining_wh=has.remaining_wh if has and not has.stale else None,
            daily_wh=daily.get(one.room_id),
            cuts=power.cut_at_zero or (state is not None and state.seen.meter_counts),
        )
        said, tells = decide_alert(one.watched, room, now, power.protected_hours, power.warns_from_h)
        if said == one.watched.said:
            continue
        words = word_alert(one.watched, room, now, power.protected_hours) if tells else None
        told += await remember_said(parts.database, one, said, words, now) and tells
    return told


async def send_alert(parts: Parts, alert: Waiting) -> bool:
    """True: it is sent, or never will be. Raises ProviderUnavailable: later again."""
    state = "SENT"
    if parts.clock() - alert.made_at > TOLD_WITHIN:
        state = "LATE"
    elif alert.wecom_userid is None:
        state = "REFUSED"
    else:
        try:
            await parts.wecom.send_message(alert.wecom_userid, alert.words)
        except ProviderRefused as refused:
            log.error("message_refused", alert=alert.id, why=refused.code)
            state = "REFUSED"
    await end_alert(parts.database, alert.id, state)
    log.info("alert_ended", alert=alert.id, state=state)
    return True
