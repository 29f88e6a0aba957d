"""What the database could not finish is tried again with the same key, and not for ever."""

import asyncio
import contextlib

import asyncpg
import pytest
from support.database import connected

from onecard.ledger import attempts
from onecard.ledger.attempts import ATTEMPTS, attempt
from onecard.ledger.book import LedgerUnavailable
from onecard.ledger.keys import caller_key, key_text


def failing(problem, times):
    calls = []

    async def work(connection):
        calls.append(1)
        if len(calls) <= times:
            raise problem
        return await connection.fetchval("SELECT 7")

    return work, calls


@pytest.mark.parametrize(
    "problem",
    [
        asyncpg.DeadlockDetectedError(),
        asyncpg.SerializationError(),
        asyncpg.UniqueViolationError(),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.AdminShutdownError(),
        asyncpg.InternalClientError(),
        asyncpg.DiskFullError(),
        asyncpg.OutOfMemoryError(),
        asyncpg.QueryCanceledError(),
        asyncpg.ReadOnlySQLTransactionError(),
        ConnectionResetError(),
    ],
    ids=lambda problem: type(problem).__name__,
)
async def test_what_may_help_is_tried_again(school, problem):
    work, calls = failing(problem, 2)
    assert await attempt(school.database, work) == 7
    assert len(calls) == 3


async def test_but_not_for_ever(school):
    work, calls = failing(asyncpg.DeadlockDetectedError(), 99)
    with pytest.raises(LedgerUnavailable):
        await attempt(school.database, work)
    assert len(calls) == ATTEMPTS


async def test_our_mistakes_are_not_tried_again(school):
    work, calls = failing(asyncpg.CheckViolationError("a bug"), 99)
    with pytest.raises(asyncpg.CheckViolationError):
        await attempt(school.database, work)
    assert len(calls) == 1


async def test_a_database_that_hangs_is_given_up(school, monkeypatch):
    account = await school.person(5000)
    monkeypatch.setattr(attempts, "TIMEOUT_S", 0.05)
    async with connected(school.dsn) as other, other.transaction():
        await other.execute("SELECT * FROM wallet_account FOR UPDATE")
        with pytest.raises(LedgerUnavailable):
            await school.charge(account, 1250, "one")
    monkeypatch.undo()
    await school.charge(account, 1250, "one")  # the same id afterwards
    assert await school.three(account) == (0, 3750, 0)


async def test_a_server_that_became_a_standby_is_left_and_the_next_connection_posts(school):
    account = await school.person(5000)
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(3):  # held at once: three different ones
            connection = await stack.enter_async_context(school.database.acquire_connection())
            await connection.execute("SET default_transaction_read_only = on")
    await school.charge(account, 1250, "one")
    assert await school.three(account) == (0, 3750, 0)


async def test_connections_killed_under_load_lose_nothing_and_double_nothing(school):
    accounts = [await school.person(50_000) for _ in range(10)]
    done, kills = [], []

    async def pay(account, n):
        while True:
            try:
                done.append(await school.charge(account, 10, f"{account}-{n}"))
                return
            except LedgerUnavailable:
                await asyncio.sleep(0)  # the till sends it again, with the same id

    async def kill():
        async with connected(school.dsn) as killer:
            while len(done) < 200 and len(kills) < 60:
                kills.append(1)
                await killer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
                )
                await asyncio.sleep(0.005)

    async with asyncio.timeout(60):
        await asyncio.gather(kill(), *(pay(account, n) for account in accounts for n in range(20)))
    for account in accounts:
        assert await school.three(account) == (0, 49_800, 0)
    assert len({receipt.transfer_id for receipt in done}) == 200
    await school.check()


@pytest.mark.parametrize("bad", ["", "x" * 201, "a\0b"])
def test_an_id_has_a_form(bad):
    with pytest.raises(ValueError, match="an id has"):
        key_text("ter_1", bad)


def test_a_body_is_compared_by_value_not_by_order():
    one = caller_key("ter_1", "id", amount_fen=5, code="x")
    assert one == caller_key("ter_1", "id", code="x", amount_fen=5)
    assert one != caller_key("ter_1", "id", code="x", amount_fen=6)
    assert one.text != caller_key("ter_2", "id", code="x", amount_fen=5).text
