"""绑定: number and query password; the same answer for what does not fit, and never without a limit."""

import asyncio
from dataclasses import replace

import argon2
import pytest
from support.town import BOUND, UNBOUND

from onecard.actions.bind_card import TRIES_OF_A_LOGIN, TRIES_ON_A_NUMBER, bind_card
from onecard.outside.rate_limits import FakeRateLimits
from onecard.registry.digits import DigitsProfile, hash_digits
from onecard.rules.access import Gateway, Nobody
from onecard.rules.refusals import Refusal, RefusalCode


async def refused(town, caller, number, password, parts=None):
    before = await town.value("SELECT count(*) FROM login WHERE person_id IS NOT NULL")
    accounts = await town.value("SELECT count(*) FROM wallet_account")
    with pytest.raises(Refusal) as no:
        await bind_card(parts or town.parts, caller, number=number, query_password=password)
    assert await town.value("SELECT count(*) FROM login WHERE person_id IS NOT NULL") == before
    assert await town.value("SELECT count(*) FROM wallet_account") == accounts
    return no.value.code


async def test_a_newcomer_binds_and_has_an_account(town):
    newcomer = await town.newcomer()
    person = await bind_card(town.parts, newcomer, number=UNBOUND, query_password="040506")
    assert (person.name, person.number, person.department) == ("张三", UNBOUND, "信息工程学院")
    caller = await town.parts.registry.find_caller(newcomer.login_id)
    assert caller is not None
    assert (caller.person_id, caller.account_id) == (person.id, person.account_id)
    assert (await town.wallets(UNBOUND)).balance_fen == 0
    audited = await town.value("SELECT verb FROM audit WHERE subject = $1", person.id)
    assert audited == "BIND"


async def test_binding_again_is_the_same_binding(town):
    newcomer = await town.newcomer()
    first = await bind_card(town.parts, newcomer, number=UNBOUND, query_password="040506")
    assert await bind_card(town.parts, newcomer, number=UNBOUND, query_password="040506") == first
    people = await town.value("SELECT count(*) FROM person")
    assert await town.value("SELECT count(*) FROM wallet_account") == people


@pytest.mark.parametrize(
    ("number", "password"),
    [
        (UNBOUND, "000000"),
        ("7777777", "040506"),
        (UNBOUND, ""),
        (UNBOUND, "'; DROP TABLE person; --"),
        ("7\0", "040506"),
        ("9" * 5000, "0" * 5000),
        (BOUND, "000000"),
    ],
)
async def test_what_does_not_fit_gets_one_answer(town, number, password):
    newcomer = await town.newcomer()
    assert await refused(town, newcomer, number, password) is RefusalCode.BIND_MISMATCH


async def test_only_who_knows_the_password_learns_that_it_is_taken(town):
    assert await refused(town, await town.newcomer(), BOUND, "010203") is RefusalCode.ALREADY_BOUND


async def test_one_login_is_one_person(town):
    bound = await town.caller(BOUND)
    assert await refused(town, bound, UNBOUND, "040506") is RefusalCode.ALREADY_BOUND


async def test_two_logins_at_once_bind_one_person_once(town):
    logins = [await town.newcomer(f"user{n}") for n in range(8)]
    results = await asyncio.gather(
        *(bind_card(town.parts, login, number=UNBOUND, query_password="040506") for login in logins),
        return_exceptions=True,
    )
    no = [result.code for result in results if isinstance(result, Refusal)]
    assert no == [RefusalCode.ALREADY_BOUND] * 7
    people = await town.value("SELECT count(*) FROM person")
    assert await town.value("SELECT count(*) FROM wallet_account") == people


@pytest.mark.parametrize("caller", [Nobody(), Gateway("gwy_one")])
async def test_only_people_bind(town, caller):
    assert await refused(town, caller, UNBOUND, "040506") is RefusalCode.NOT_ALLOWED


async def test_a_login_may_try_five_times(town):
    newcomer = await town.newcomer()
    codes = [await refused(town, newcomer, f"70000{n}", "000000") for n in range(TRIES_OF_A_LOGIN.count)]
    assert set(codes) == {RefusalCode.BIND_MISMATCH}
    assert await refused(town, newcomer, UNBOUND, "040506") is RefusalCode.TOO_MANY_ATTEMPTS


async def test_a_number_may_be_tried_ten_times_by_everybody_together(town):
    for n in range(TRIES_ON_A_NUMBER.count):
        assert (
            await refused(town, await town.newcomer(f"u{n}"), UNBOUND, "000000") is RefusalCode.BIND_MISMATCH
        )
    last = await town.newcomer("last")
    assert await refused(town, last, UNBOUND, "040506") is RefusalCode.TOO_MANY_ATTEMPTS


async def test_without_redis_the_database_counts(town):
    limits = FakeRateLimits()
    limits.away = True
    parts = replace(town.parts, limits=limits)
    newcomer = await town.newcomer()
    for n in range(TRIES_OF_A_LOGIN.count):
        assert await refused(town, newcomer, f"70000{n}", "000000", parts) is RefusalCode.BIND_MISMATCH
    assert await refused(town, newcomer, UNBOUND, "040506", parts) is RefusalCode.TOO_MANY_ATTEMPTS
    other = await bind_card(parts, await town.newcomer("b"), number=UNBOUND, query_password="040506")
    assert other.number == UNBOUND


async def test_without_redis_and_database_nobody_guesses(town):
    limits = FakeRateLimits()
    limits.away = True
    parts = replace(town.parts, limits=limits)
    newcomer = await town.newcomer()
    await town.execute("ALTER TABLE attempt RENAME TO attempt_away")
    with pytest.raises(Exception) as problem:  # noqa: PT011 - whatever it is, it is no answer about the password
        await bind_card(parts, newcomer, number=UNBOUND, query_password="040506")
    assert not isinstance(problem.value, Refusal)
    assert await town.value("SELECT person_id FROM login WHERE id = $1", newcomer.login_id) is None


async def test_nobody_costs_what_somebody_does(town, monkeypatch):
    """With the dear hash, as in a real school: the decoy's cost is a real one's."""
    await town.execute("UPDATE person SET digits_profile = NULL, digits_hash = NULL")
    real = await hash_digits("010203", DigitsProfile.REAL)
    await town.execute(
        "UPDATE person SET digits_hash = $1, digits_profile = 'REAL' WHERE number = $2", real, BOUND
    )
    costs = []
    verify = argon2.PasswordHasher.verify

    def watched(hasher, kept, tried):
        costs.append(argon2.extract_parameters(kept))
        return verify(hasher, kept, tried)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", watched)
    for number in (BOUND, "7777777"):
        newcomer = await town.newcomer(f"tries-{number}")
        assert await refused(town, newcomer, number, "999999") is RefusalCode.BIND_MISMATCH
    assert costs == [argon2.extract_parameters(real)] * 2
