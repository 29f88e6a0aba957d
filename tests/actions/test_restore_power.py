"""恶性负载: the meter cuts and locks; a resident applies, the department decides, the utility office lights."""

from datetime import timedelta

import pytest
from support.town import BOUND, FINANCE, GATEWAY, OFFICE, OTHER_OFFICE, UTILITY

from api.worker import look_for_power
from onecard.actions.command_meter import MeterOperation, command_meter
from onecard.actions.record_readings import Reading, record_readings
from onecard.actions.restore_power import apply_for_power, decide_power_restore, restore_power
from onecard.registry.meters import MeterFlag, Relay
from onecard.registry.power import find_incidents, incidents_of_rooms, steps_of_incidents
from onecard.rules.kinds import IncidentState, PowerStepKind
from onecard.rules.refusals import Refusal, RefusalCode

CUT, LOCKED = (MeterFlag.MALICIOUS_CUT,), (MeterFlag.MALICIOUS_LOCKED,)
SAID = "是热得快，已经带回家，以后不再使用。"


async def says(town, flags=(), relay=None, power_w=0, room="101", silent=False):
    """A second later its meter says so, and the worker looks."""
    town.watch.ahead += timedelta(seconds=1)
    meter, now = await town.meter(room), town.watch()
    relay = relay or (Relay.OPEN if flags else Relay.CLOSED)
    reading = (
        Reading(meter.id, now, None, None, None, (), None, None, False, now)
        if silent
        else Reading(meter.id, now, 1_000_000, power_w, relay, flags, None, None, True, None)
    )
    assert await record_readings(town.parts, GATEWAY, [reading])
    await look_for_power(town.parts)


async def incident(town, room="101"):
    room_id = await town.room(room)
    return (await incidents_of_rooms(town.parts.database, [room_id])).get(room_id)


async def steps(town, incident_id):
    found = await steps_of_incidents(town.parts.database, [incident_id])
    return [step.kind.value for step in found[incident_id]]


async def locked(town):
    await says(town, power_w=1850)
    await says(town, LOCKED)
    found = await incident(town)
    assert found is not None
    return found


async def apply(town, cut, who=BOUND, id="apply-1", statement=SAID):
    return await apply_for_power(
        town.parts, await town.caller(who), id=id, incident_id=cut.id, statement=statement
    )


async def decide(town, cut, who=OFFICE, id="decide-1", approve=True):
    return await decide_power_restore(
        town.parts, await town.caller(who), id=id, incident_id=cut.id, approve=approve, reason="核实过"
    )


async def light(town, cut, who=UTILITY, id="light-1"):
    return await restore_power(
        town.parts, await town.caller(who), id=id, incident_id=cut.id, reason="院部同意"
    )


def refused(code):
    return pytest.raises(Refusal, match=code)


async def commands(town):
    return await town.value("SELECT count(*) FROM device_command")


async def test_a_first_cut_counts_down_and_ends_by_the_meters_own_word(town):
    await says(town, power_w=1850)
    await says(town, CUT)
    cut = await incident(town)
    assert (cut.state, cut.watts) == (IncidentState.CUT, 1850)
    assert cut.due_at - cut.opened_at == timedelta(seconds=town.parts.policy.power.restores_after_s)
    await says(town, CUT)
    assert await steps(town, cut.id) == ["CUT"], "written once"
    await says(town, power_w=80)
    assert await incident(town) is None
    assert await steps(town, cut.id) == ["CUT", "RESTORED"]
    assert await commands(town) == 0, "the meter does it all"


async def test_locked_applied_approved_lit(town):
    cut = await locked(town)
    assert (cut.state, cut.watts, cut.due_at) == (IncidentState.LOCKED, 1850, None)
    applied, replayed = await apply(town, cut)
    assert (applied.state, replayed) == (IncidentState.APPLIED, False)
    assert (await apply(town, cut)) == (applied, True), "a double click"
    approved, _ = await decide(town, cut)
    assert approved.state is IncidentState.APPROVED
    lit, _ = await light(town, cut)
    assert (await light(town, cut))[1], "a double click"
    assert lit.state is IncidentState.APPROVED, "until the meter says that the room has power"
    assert await commands(town) == 1
    assert await town.value("SELECT operation FROM device_command") == MeterOperation.RELAY_CLOSE
    await says(town)
    assert await incident(town) is None
    assert await steps(town, cut.id) == ["LOCKED", "APPLIED", "APPROVED", "SWITCHED_ON", "RESTORED"]
    assert await town.value("SELECT count(*) FROM audit WHERE subject = $1", cut.id) == 3


async def test_a_cut_becomes_a_lock(town):
    await says(town, CUT)
    first = await incident(town)
    await says(town, LOCKED)
    cut = await incident(town)
    assert (cut.id, cut.state, cut.due_at) == (first.id, IncidentState.LOCKED, None)


async def test_rejected_it_may_be_applied_for_anew(town):
    cut = await locked(town)
    await apply(town, cut)
    rejected, _ = await decide(town, cut, approve=False)
    assert rejected.state is IncidentState.LOCKED
    with refused(RefusalCode.INCIDENT_NOT_OPEN):
        await light(town, cut)
    applied, _ = await apply(town, cut, id="apply-2", statement=SAID + "承诺书已交。")
    assert applied.state is IncidentState.APPLIED


async def test_nobody_goes_round_the_approval(town):
    cut = await locked(town)
    meter = await town.meter()
    close = {"meter_id": meter.id, "operation": MeterOperation.RELAY_CLOSE, "reason": "来人催"}
    with refused(RefusalCode.POWER_LOCKED):
        await command_meter(town.parts, await town.caller(UTILITY), id=town.id(), **close)
    with refused(RefusalCode.INCIDENT_NOT_OPEN):
        await light(town, cut)
    with refused(RefusalCode.INCIDENT_NOT_OPEN):
        await decide(town, cut)
    await apply(town, cut)
    for who in (OTHER_OFFICE, UTILITY, FINANCE, BOUND):
        with refused(RefusalCode.NOT_ALLOWED):
            await decide(town, cut, who=who)
    await decide(town, cut)
    for who in (OFFICE, BOUND):
        with refused(RefusalCode.NOT_ALLOWED):
            await light(town, cut, who=who)
    assert await commands(town) == 0


async def test_a_lock_that_is_not_written_yet_is_known_by_the_meters_word(town):
    """The worker may be away."""
    meter = await town.meter()
    reading = Reading(meter.id, town.watch(), 1_000_000, 0, Relay.OPEN, LOCKED, None, None, True, None)
    await record_readings(town.parts, GATEWAY, [reading])
    close = {"meter_id": meter.id, "operation": MeterOperation.RELAY_CLOSE, "reason": "来人催"}
    with refused(RefusalCode.POWER_LOCKED):
        await command_meter(town.parts, await town.caller(UTILITY), id=town.id(), **close)


async def test_only_a_resident_applies_and_only_once(town):
    cut = await locked(town)
    with refused(RefusalCode.NOT_ALLOWED):
        await apply(town, cut, who=FINANCE)
    with refused(RefusalCode.NOT_BOUND):
        await apply_for_power(
            town.parts, await town.newcomer(), id=town.id(), incident_id=cut.id, statement=SAID
        )
    await apply(town, cut)
    with refused(RefusalCode.INCIDENT_NOT_OPEN):
        await apply(town, cut, id="apply-2")
    with refused(RefusalCode.IDEMPOTENCY_CONFLICT):
        await apply(town, cut, statement="改了说法")


async def test_a_cut_that_nobody_knows(town):
    nobody = type("Cut", (), {"id": "inc_none"})
    for step in (apply, decide, light):
        with refused(RefusalCode.INCIDENT_UNKNOWN):
            await step(town, nobody)


async def test_the_offices_time_runs_out_and_is_written_down_once(town):
    cut = await locked(town)
    await apply(town, cut)
    town.watch.ahead += timedelta(seconds=town.parts.policy.power.decide_within_s)
    await says(town, silent=True)
    now = await incident(town)
    assert (now.state, now.overdue) == (IncidentState.APPLIED, True), "also while the meter is silent"
    await look_for_power(town.parts)
    assert await steps(town, cut.id) == ["LOCKED", "APPLIED", "OVERDUE"]
    approved, _ = await decide(town, cut)
    assert not approved.overdue, "the utility office has its own time"


async def test_lit_by_hand_at_the_meter_it_is_over(town):
    cut = await locked(town)
    await says(town)
    assert await incident(town) is None
    assert await steps(town, cut.id) == ["LOCKED", PowerStepKind.RESTORED]
    await says(town, LOCKED)
    assert (await incident(town)).id != cut.id, "the next one is another"


async def test_a_department_sees_its_own_students_rooms(town):
    cut = await locked(town)
    office, other = await town.caller(OFFICE), await town.caller(OTHER_OFFICE)
    database = town.parts.database
    for department_of, found in ((office.person_id, 1), (other.person_id, 0), (None, 1)):
        rows, more = await find_incidents(database, 10, open=True, department_of=department_of)
        assert ([row.id for row in rows], more) == ([cut.id] * found, False)
    assert await find_incidents(database, 10, open=False) == ([], False)
    assert await find_incidents(database, 10, cut.position, open=True) == ([], False)
