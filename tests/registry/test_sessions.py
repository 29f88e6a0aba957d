"""Refresh tokens: each good once, two tabs forgiven, a thief shut out."""

import asyncio
from datetime import timedelta

from onecard.registry.sessions import GRACE_S, LIVES_FOR

SOON, LATER = timedelta(seconds=GRACE_S), timedelta(seconds=GRACE_S + 1)


async def start(town):
    login_id = (await town.caller()).login_id
    sessions, now = town.parts.registry.sessions, town.watch()
    return sessions, await sessions.open(login_id, now), now


async def test_each_use_gives_the_next(town):
    sessions, session, now = await start(town)
    seen = {session.token}
    for turn in range(1, 5):
        now += timedelta(minutes=10)
        session = await sessions.rotate(session.token, now)
        assert session.expires_at == now + LIVES_FOR
        seen.add(session.token)
        assert len(seen) == turn + 1


async def test_two_tabs_get_the_same_next_one(town):
    sessions, session, now = await start(town)
    one, other = await asyncio.gather(*(sessions.rotate(session.token, now) for _ in range(2)))
    assert one.token == other.token
    assert (await sessions.rotate(session.token, now + SOON)).token == one.token
    assert await sessions.rotate(one.token, now + LATER) is not None


async def test_a_token_used_again_later_ends_the_family(town):
    sessions, session, now = await start(town)
    following = await sessions.rotate(session.token, now)
    assert await sessions.rotate(session.token, now + LATER) is None
    assert await sessions.rotate(following.token, now + LATER) is None


async def test_a_token_from_before_the_last_ends_the_family_at_once(town):
    sessions, first, now = await start(town)
    second = await sessions.rotate(first.token, now)
    third = await sessions.rotate(second.token, now)
    assert await sessions.rotate(first.token, now) is None
    assert await sessions.rotate(third.token, now) is None


async def test_it_ends_with_its_time_and_with_logging_out(town):
    sessions, session, now = await start(town)
    assert await sessions.rotate(session.token, now + LIVES_FOR) is None
    _, other, _ = await start(town)
    await sessions.revoke(other.token, now)
    assert await sessions.rotate(other.token, now) is None
    assert await sessions.rotate(session.token, now) is not None


async def test_forged_tokens_open_and_end_nothing(town):
    sessions, session, now = await start(town)
    text, _, mac = session.token.rpartition(".")
    for forged in (
        "",
        ".",
        "..",
        "x.1." + mac,
        f"{session.id}.2.{mac}",
        f"{text}.{'0' * 64}",
        text,
        "é.1.x",
        f"{text}.é",
    ):
        assert await sessions.rotate(forged, now) is None
        await sessions.revoke(forged, now)
    assert await sessions.rotate(session.token, now) is not None
