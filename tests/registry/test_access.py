"""Who may see whom, and one statement for many."""

import asyncio

from support.town import (
    BOUND,
    FINANCE,
    GATEWAY,
    OPERATOR,
    OTHER_GATEWAY,
    OTHER_TILL,
    TILL,
    UNBOUND,
)

from onecard.registry.access import may_see_account
from onecard.rules.access import Gateway, Nobody, Person
from onecard.rules.refusals import Refusal, RefusalCode


async def seen(asked):
    try:
        return await asked
    except Refusal as no:
        return no.code


async def test_people_are_seen_by_staff_and_by_themselves(town):
    registry = town.parts.registry
    me = await town.caller(BOUND)
    other = await registry.find_person_by_number(UNBOUND)
    for number in (OPERATOR, FINANCE):
        staff = await town.caller(number)
        assert (await seen(registry.access_person_by_number(staff, BOUND))).name == "欧阳娜娜"
        assert (await seen(registry.access_person(staff, other.id))).number == UNBOUND
        assert await seen(registry.access_person_by_number(staff, "0000000")) is None
    assert (await seen(registry.access_person(me, me.person_id))).number == BOUND
    for caller in (me, Nobody(), GATEWAY, await town.newcomer()):
        assert await seen(registry.access_person_by_number(caller, BOUND)) is RefusalCode.NOT_ALLOWED
        assert await seen(registry.access_person(caller, other.id)) is RefusalCode.NOT_ALLOWED


async def test_accounts_likewise(town):
    me, operator = await town.caller(BOUND), await town.caller(OPERATOR)
    assert may_see_account(me, me.account_id)
    assert may_see_account(operator, me.account_id)
    assert not may_see_account(me, operator.account_id)
    assert not any(may_see_account(caller, me.account_id) for caller in (Nobody(), GATEWAY, Person("usr_x")))


async def test_terminals_are_an_operators_or_a_gateways_own(town):
    registry = town.parts.registry
    numbers = [terminal.number for terminal in await registry.access_terminals(await town.caller(OPERATOR))]
    assert numbers == [TILL, OTHER_TILL]
    assert [terminal.number for terminal in await registry.access_terminals(OTHER_GATEWAY)] == [OTHER_TILL]
    assert await registry.access_terminals(Gateway("gwy_none")) == []
    for caller in (await town.caller(BOUND), await town.caller(FINANCE), Nobody()):
        assert await seen(registry.access_terminals(caller)) is RefusalCode.NOT_ALLOWED


async def test_many_by_one_statement(town, monkeypatch):
    registry, statements = town.parts.registry, []
    ask = town.parts.database.execute_query_dict

    async def counted(statement, values=None):
        statements.append(statement)
        return await ask(statement, values)

    numbers = (BOUND, OPERATOR, FINANCE)
    callers = [await town.caller(number) for number in numbers]
    monkeypatch.setattr(town.parts.database, "execute_query_dict", counted)
    people = await registry.people_by_ids([caller.person_id for caller in callers] + ["per_unknown"])
    by_account = await registry.people_by_accounts([caller.account_id for caller in callers])
    assert {person.number for person in people.values()} == set(numbers)
    assert {person.number for person in by_account.values()} == set(numbers)
    terminals = await registry.terminals_by_ids(["ter_unknown"])
    assert terminals == {}
    assert await registry.merchants_by_ids([]) == {}
    assert len(statements) == 3  # nobody asks for nothing


async def test_merchants_are_read_together_and_kept_a_while(town, monkeypatch):
    registry, statements = town.parts.registry, []
    ask = town.parts.database.execute_query_dict

    async def counted(statement, values=None):
        statements.append(values)
        return await ask(statement, values)

    ids = [
        (await registry.access_terminal(caller, till)).merchant_id
        for caller, till in ((GATEWAY, TILL), (OTHER_GATEWAY, OTHER_TILL))
    ]
    monkeypatch.setattr(town.parts.database, "execute_query_dict", counted)
    first = await registry.merchants_by_ids([ids[0], "mer_unknown"])
    assert {id: merchant.id for id, merchant in first.items()} == {ids[0]: ids[0]}
    await town.execute("UPDATE merchant SET name = '新名'")
    again = await registry.merchants_by_ids([ids[0], "mer_unknown"])
    assert again == first
    assert statements == [[[ids[0], "mer_unknown"]], [["mer_unknown"]]]
    registry.forget_all()
    assert {merchant.name for merchant in (await registry.merchants_by_ids(ids)).values()} == {"新名"}


async def test_a_till_is_read_once_and_forgotten_when_told(town):
    registry = town.parts.registry
    assert (await registry.access_terminal(GATEWAY, TILL)).state == "IN_SERVICE"
    await town.execute("UPDATE terminal SET state = 'STOPPED'")
    assert (await registry.access_terminal(GATEWAY, TILL)).state == "IN_SERVICE"
    registry.forget_terminal(TILL)
    assert (await registry.access_terminal(GATEWAY, TILL)).state == "STOPPED"


async def test_a_revoked_gateway_is_none(town):
    assert (await town.parts.registry.find_gateway(GATEWAY.gateway_id)).name == "一号网关"
    await town.execute("UPDATE gateway SET revoked_at = now() WHERE id = $1", OTHER_GATEWAY.gateway_id)
    assert await town.parts.registry.find_gateway(OTHER_GATEWAY.gateway_id) is None
    assert await town.parts.registry.find_gateway("gwy_none") is None


async def test_a_flood_of_made_up_gateways_is_a_few_statements(town, monkeypatch):
    """Anybody can name a gateway in a token; nobody counts those who are nobody's."""
    statements, ask = [], town.parts.database.execute_query_dict

    async def counted(statement, values=None):
        statements.append(statement)
        return await ask(statement, values)

    monkeypatch.setattr(town.parts.database, "execute_query_dict", counted)
    names = [f"gwy_{n}" for n in range(100)] + [GATEWAY.gateway_id]
    found = await asyncio.gather(*map(town.parts.registry.find_gateway, names))
    assert [gateway.name for gateway in found if gateway] == ["一号网关"]
    assert len(statements) <= 2


async def test_a_caller_is_who_they_are_now(town):
    newcomer = await town.newcomer()
    assert await town.parts.registry.find_caller(newcomer.login_id) == newcomer
    assert await town.parts.registry.find_caller("usr_none") is None
    operator = await town.caller(OPERATOR)
    assert [role.value for role in operator.roles] == ["OPERATOR"]
