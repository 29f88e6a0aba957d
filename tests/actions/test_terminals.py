"""停用/启用: an operator's word, a command for the gateway, and what the gateway says about it."""

import asyncio
from datetime import timedelta

import pytest
from support.town import BOUND, FINANCE, GATEWAY, OPERATOR, OTHER_GATEWAY, OTHER_TILL, TILL

from onecard.actions.expire_commands import expire_commands
from onecard.actions.record_terminals_seen import record_terminals_seen
from onecard.actions.report_command import LONGEST_DETAIL, report_command
from onecard.actions.set_terminal_state import set_terminal_state
from onecard.registry.things import CommandState, TerminalState
from onecard.rules.access import Nobody
from onecard.rules.refusals import Refusal, RefusalCode

STOPPED, IN_SERVICE = TerminalState.STOPPED, TerminalState.IN_SERVICE


async def set_state(town, state, caller=None, id=None, number=TILL, reason="维修"):
    terminal_id = await town.value("SELECT id FROM terminal WHERE number = $1", number) or "ter_unknown"
    return await set_terminal_state(
        town.parts,
        caller or await town.caller(OPERATOR),
        id=id or town.id(),
        terminal_id=terminal_id,
        state=state,
        reason=reason,
    )


async def report(town, command, state, caller=GATEWAY, detail=None):
    return await report_command(
        town.parts, caller, command_id=command.id, state=state, at=town.watch(), detail=detail
    )


async def test_stopped_here_at_once_and_told_to_the_gateway(town):
    await town.give(1000)
    code = await town.code()
    await town.pay(code, 100)  # the till is in the cache now
    done = await set_state(town, STOPPED)
    assert (done.terminal.state, done.command.operation, done.replayed) == (STOPPED, "TERMINAL_STOP", False)
    assert town.events.told[-2:] == [("terminal", TILL), ("commands", GATEWAY.gateway_id)]
    town.parts.registry.forget_terminal(TILL)  # what the event does in every process
    with pytest.raises(Refusal) as no:
        await town.pay(await town.code(), 100)
    assert no.value.code is RefusalCode.TERMINAL_STOPPED
    assert await town.value("SELECT detail->>'reason' FROM audit WHERE verb = 'TERMINAL_STOP'") == "维修"


async def test_one_id_acts_once(town):
    first = await set_state(town, STOPPED, id="stop")
    again = await set_state(town, STOPPED, id="stop")
    assert (again.command, again.replayed) == (first.command, True)
    with pytest.raises(Refusal) as no:
        await set_state(town, IN_SERVICE, id="stop")
    assert no.value.code is RefusalCode.IDEMPOTENCY_CONFLICT
    many = await asyncio.gather(*(set_state(town, IN_SERVICE, id="start") for _ in range(10)))
    assert sorted(one.replayed for one in many) == [False] + [True] * 9
    assert await town.value("SELECT count(*) FROM device_command") == 2


async def test_one_id_for_two_terminals_at_once_acts_on_one(town):
    for turn in range(10):
        id, sent = f"both-{turn}", [TILL, OTHER_TILL] * 4
        many = await asyncio.gather(
            *(set_state(town, STOPPED, id=id, number=number) for number in sent), return_exceptions=True
        )
        refused = [one for one in many if isinstance(one, Refusal)]
        done = [one for one in many if not isinstance(one, BaseException)]
        assert len(refused) + len(done) == len(many), many
        assert {one.code for one in refused} == {RefusalCode.IDEMPOTENCY_CONFLICT}
        assert sorted(one.replayed for one in done) == [False] + [True] * 3
        assert len({(one.terminal.number, one.command.id) for one in done}) == 1
    assert await town.value("SELECT count(*) FROM device_command") == 10


async def test_who_may(town):
    for caller in (await town.caller(BOUND), await town.caller(FINANCE), GATEWAY, Nobody()):
        with pytest.raises(Refusal) as no:
            await set_state(town, STOPPED, caller)
        assert no.value.code is RefusalCode.NOT_ALLOWED
    with pytest.raises(Refusal) as no:
        await set_state(town, STOPPED, number="99999999")
    assert no.value.code is RefusalCode.TERMINAL_UNKNOWN
    assert await town.value("SELECT count(*) FROM terminal WHERE state = 'STOPPED'") == 0


async def test_a_gateway_reads_its_own_in_order_without_gaps(town):
    one = await set_state(town, STOPPED)
    await set_state(town, STOPPED, number=OTHER_TILL)
    two = await set_state(town, IN_SERVICE)
    assert (one.command.sequence, two.command.sequence) == (1, 2)
    read = await town.parts.registry.access_pending_commands(GATEWAY)
    assert [command.sequence for command in read] == [2]  # the first was overtaken
    assert await town.parts.registry.access_pending_commands(GATEWAY, 2) == []
    assert len(await town.parts.registry.access_pending_commands(OTHER_GATEWAY)) == 1
    with pytest.raises(Refusal):
        await town.parts.registry.access_pending_commands(await town.caller(OPERATOR))


async def test_a_state_only_goes_forward(town):
    command = (await set_state(town, STOPPED)).command
    story = [
        (CommandState.RECEIVED, CommandState.RECEIVED),
        (CommandState.SENT, CommandState.SENT),
        (CommandState.RECEIVED, CommandState.SENT),
        (CommandState.UNKNOWN, CommandState.UNKNOWN),
        (CommandState.ACKNOWLEDGED, CommandState.ACKNOWLEDGED),
        (CommandState.PENDING, CommandState.ACKNOWLEDGED),
        (CommandState.VERIFIED, CommandState.VERIFIED),
        (CommandState.REJECTED, CommandState.VERIFIED),
        (CommandState.EXPIRED, CommandState.VERIFIED),
    ]
    for said, stands in story:
        assert (await report(town, command, said, detail="说" * LONGEST_DETAIL)).state is stands
    assert await town.value("SELECT length(detail) FROM device_command") == LONGEST_DETAIL
    assert await town.parts.registry.access_pending_commands(GATEWAY) == []


async def test_nobody_speaks_for_another_gateway(town):
    command = (await set_state(town, STOPPED)).command
    for caller in (OTHER_GATEWAY, await town.caller(OPERATOR), Nobody()):
        with pytest.raises(Refusal) as no:
            await report(town, command, CommandState.VERIFIED, caller)
        assert no.value.code is RefusalCode.NOT_ALLOWED
    assert await town.value("SELECT state FROM device_command") == "PENDING"


async def test_commands_end_with_their_time(town):
    await set_state(town, STOPPED)
    sent = (await set_state(town, STOPPED, number=OTHER_TILL)).command
    await report(town, sent, CommandState.SENT, OTHER_GATEWAY)
    assert await expire_commands(town.parts) == 0
    town.watch.ahead = timedelta(hours=25)
    assert await expire_commands(town.parts) == 2
    assert await expire_commands(town.parts) == 0
    assert (
        await town.value("SELECT string_agg(state, ' ' ORDER BY state) FROM device_command")
        == "EXPIRED UNKNOWN"
    )


async def test_terminals_are_seen(town):
    now = town.watch()
    assert await record_terminals_seen(town.parts, GATEWAY, numbers=[TILL, OTHER_TILL, "x"], at=now) == 1
    assert await town.value("SELECT last_seen_at FROM terminal WHERE number = $1", TILL) == now
    earlier, future = now - timedelta(hours=1), now + timedelta(days=400)
    await record_terminals_seen(town.parts, GATEWAY, numbers=[TILL], at=earlier)
    assert await town.value("SELECT last_seen_at FROM terminal WHERE number = $1", TILL) == now
    await record_terminals_seen(town.parts, GATEWAY, numbers=[TILL], at=future)
    assert await town.value(
        "SELECT last_seen_at < now() + interval '1 min' FROM terminal WHERE number = $1", TILL
    )
    assert await town.value("SELECT last_seen_at FROM terminal WHERE number = $1", OTHER_TILL) is None
    with pytest.raises(Refusal):
        await record_terminals_seen(town.parts, await town.caller(OPERATOR), numbers=[TILL], at=now)
