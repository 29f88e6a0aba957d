"""PostgreSQL restarted and killed in the middle of payments: nothing acknowledged is lost, nothing is posted twice."""

import asyncio
import os
import signal

import asyncpg
import pytest
from faults.drill import Till, Unknown
from support.database import SCHOOL, connected
from support.ledger import open_school
from support.servers import server_folder
from support.waiting import until

from api.launch import EmbeddedPostgres
from onecard.ledger.book import LedgerUnavailable
from onecard.ledger.check import check
from onecard.ledger.seal import seal_pending
from onecard.migrations import migrate
from onecard.rules.policy import Policy

POLICY = Policy(payment_limit_day_fen=10**9)
HANDS, ACCOUNTS, FULL_FEN, ROUNDS = 12, 6, 10_000_000, 3


@pytest.fixture
def postgres():
    """A durable server of this test's own: only that may be killed and asked to remember."""
    with server_folder() as folder:
        server = EmbeddedPostgres(folder / "postgres", durable=True)
        try:
            yield server
        finally:
            server.stop()


async def restart(server):
    await asyncio.to_thread(server.stop)
    server.start()  # servers are children of the main thread


async def kill(server):
    """The postmaster; what it leaves behind ends by itself, and `stop` reaps it."""
    os.kill(server.pid, signal.SIGKILL)
    await asyncio.to_thread(server.stop)
    server.start()


async def kill_a_backend(server):
    """PostgreSQL then throws everybody out and recovers by itself, as after an out-of-memory kill."""
    connection = await asyncpg.connect(server.admin_dsn)
    pid = await connection.fetchval(
        "SELECT max(pid) FROM pg_stat_activity WHERE application_name = 'onecard'"
    )
    os.kill(pid, signal.SIGKILL)
    connection.terminate()


@pytest.mark.parametrize("strike", [restart, kill, kill_a_backend], ids=lambda strike: strike.__name__)
async def test_every_acknowledged_payment_is_there_once(postgres, strike):
    dsn = postgres.start()
    await migrate(dsn, SCHOOL)
    async with open_school(dsn, POLICY) as school:
        accounts = [await school.person(FULL_FEN) for _ in range(ACCOUNTS)]

        async def pay(number):
            try:
                receipt = await school.charge(accounts[number % ACCOUNTS], 1 + number % 7, f"sale {number}")
            except LedgerUnavailable as problem:
                raise Unknown from problem
            return str(receipt.transfer_id)

        till = Till(pay)
        working = asyncio.create_task(till.work(HANDS))
        for _ in range(ROUNDS):
            enough = len(till.acknowledged) + 60
            await until(lambda enough=enough: len(till.acknowledged) >= enough, "payments to go through")
            await strike(postgres)
        enough = len(till.acknowledged) + 60
        await until(lambda: len(till.acknowledged) >= enough, "payments to go on after the last time")
        till.stop()
        await working
        never_heard = len(till.unknown)
        await till.resolve()

        async with connected(dsn) as connection:
            posted = {
                row["key"].removeprefix("ter_till:sale "): str(row["id"])
                for row in await connection.fetch("SELECT key, id FROM transfer WHERE kind = 'PAYMENT'")
            }
            assert posted == {str(number): answer for number, answer in till.acknowledged.items()}
            spent = [
                sum(1 + number % 7 for number in till.acknowledged if number % ACCOUNTS == place)
                for place in range(ACCOUNTS)
            ]
            for account, fen in zip(accounts, spent, strict=True):
                assert await school.three(account) == (0, FULL_FEN - fen, 0)
            await school.book.roll_up()
            await seal_pending(connection)
            assert await check(connection, POLICY) == []
        print(f"{len(posted)} payments, {never_heard} unheard, through {ROUNDS} × {strike.__name__}")
