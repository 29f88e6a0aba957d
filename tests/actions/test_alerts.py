"""用电提醒 on the real database: told once by WeCom, again when it is so again; what is lost is sent again."""

from datetime import timedelta

import pytest
from support.town import BOUND, FINANCE, GATEWAY

from api.worker import look_for_power, send_alerts
from onecard.actions.forget_old import ALERTS, forget_old
from onecard.actions.record_readings import Reading, record_readings
from onecard.actions.send_alerts import TOLD_WITHIN, look_for_alerts
from onecard.actions.set_alert import set_alert
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.registry.meters import MeterFlag, Relay
from onecard.rules.kinds import AlertKind
from onecard.rules.refusals import Refusal, RefusalCode


async def wants(town, *kinds, threshold_wh=None):
    for kind in kinds:
        await set_alert(town.parts, await town.caller(), kind, on=True, threshold_wh=threshold_wh)


async def says(town, *, flags=(), relay=None):
    town.watch.ahead += timedelta(seconds=1)
    meter, now = await town.meter(), town.watch()
    relay = relay or (Relay.OPEN if flags else Relay.CLOSED)
    reading = Reading(meter.id, now, 1_000_000, 100, relay, flags, None, None, True, None)
    assert await record_readings(town.parts, GATEWAY, [reading])
    await look_for_power(town.parts)


async def told(town):
    """What comes of a look and a sending."""
    before = len(town.wecom.sent)
    await look_for_alerts(town.parts)
    await send_alerts(town.parts)
    return town.wecom.sent[before:]


async def state(town):
    return await town.value("SELECT state FROM alert ORDER BY id DESC LIMIT 1")


async def test_nobody_hears_what_they_did_not_ask_for(town):
    await says(town, flags=(MeterFlag.MALICIOUS_CUT,))
    assert await told(town) == []


async def test_little_energy_is_told_once_and_anew_under_another_threshold(town):
    """12.5 kWh came with the room."""
    await says(town)
    await wants(town, AlertKind.LOW_ENERGY)
    assert await told(town) == [], "the usual threshold is 10"
    await wants(town, AlertKind.LOW_ENERGY, threshold_wh=20_000)
    ((userid, words),) = await told(town)
    assert userid == "ouyang"
    assert "剩余电量 12.50 度，低于你设的 20.00 度" in words
    assert await told(town) == []
    await wants(town, AlertKind.LOW_ENERGY, threshold_wh=20_000)
    assert await told(town) == [], "set to the same it is the same"


async def test_a_cut_and_its_end(town):
    await wants(town, AlertKind.POWER_CUT, AlertKind.POWER_RESTORED)
    await says(town)
    assert await told(town) == []
    await says(town, flags=(MeterFlag.MALICIOUS_CUT,))
    ((_, words),) = await told(town)
    assert "违规电器" in words
    town.watch.ahead += timedelta(minutes=6)
    await says(town)
    ((_, words),) = await told(town)
    assert "恢复供电" in words
    assert await told(town) == []


async def test_turned_off_nothing_is_told(town):
    await wants(town, AlertKind.POWER_CUT)
    left = await set_alert(town.parts, await town.caller(), AlertKind.POWER_CUT, on=False, threshold_wh=None)
    assert left == []
    await says(town, flags=(MeterFlag.MALICIOUS_CUT,))
    assert await told(town) == []


async def test_two_workers_tell_it_once(town):
    await says(town)
    await wants(town, AlertKind.LOW_ENERGY, threshold_wh=20_000)
    first = await look_for_alerts(town.parts)
    assert (first, await look_for_alerts(town.parts)) == (1, 0)
    assert await town.value("SELECT count(*) FROM alert") == 1


async def test_wecom_away_it_comes_later_and_much_later_not_at_all(town):
    await says(town)
    await wants(town, AlertKind.LOW_ENERGY, threshold_wh=20_000)
    town.wecom.failure = ProviderUnavailable("45009", retry_after_s=60)
    assert await told(town) == []
    assert await state(town) == "WAITING"
    town.wecom.failure = None
    await send_alerts(town.parts)
    assert (await state(town), len(town.wecom.sent)) == ("SENT", 1)

    await wants(town, AlertKind.LOW_ENERGY, threshold_wh=30_000)
    town.watch.ahead += timedelta(minutes=11)
    await look_for_alerts(town.parts)
    town.watch.ahead += TOLD_WITHIN + timedelta(seconds=1)
    await send_alerts(town.parts)
    assert (await state(town), len(town.wecom.sent)) == ("LATE", 1)


async def test_a_message_that_wecom_refuses_is_not_repeated(town):
    await says(town)
    await wants(town, AlertKind.LOW_ENERGY, threshold_wh=20_000)
    town.wecom.failure = ProviderRefused("81013")
    await told(town)
    assert await state(town) == "REFUSED"


async def test_what_was_said_of_another_room_is_over(town):
    await says(town)
    await wants(town, AlertKind.POWER_RESTORED)
    await says(town, flags=(MeterFlag.MALICIOUS_CUT,))
    assert await told(town) == []
    await town.execute("UPDATE residence SET room_id = $1", await town.room("201"))
    assert await told(town) == [], "the new room was never dark"


async def test_who_lives_nowhere_is_told_nothing(town):
    await set_alert(
        town.parts, await town.caller(FINANCE), AlertKind.LOW_ENERGY, on=True, threshold_wh=20_000
    )
    assert await told(town) == []
    with pytest.raises(Refusal, match=RefusalCode.NOT_BOUND):
        await set_alert(town.parts, await town.newcomer(), AlertKind.POWER_CUT, on=True, threshold_wh=None)


async def test_alerts_are_forgotten_after_a_month(town):
    await says(town)
    await wants(town, AlertKind.LOW_ENERGY, threshold_wh=20_000)
    assert len(await told(town)) == 1
    assert (await town.caller(BOUND)).person_id
    town.watch.ahead += ALERTS + timedelta(seconds=1)
    await forget_old(town.parts)
    assert await town.value("SELECT count(*) FROM alert") == 0
