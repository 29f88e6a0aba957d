"""The simulation has teeth too: with a bug planted, one of a few seeds ends in disagreement."""

from datetime import timedelta

import asyncpg
import pytest
from simulation.clockwork import VIRTUAL_NOW
from simulation.test_simulation import FIRST_DAY
from simulation.world import World
from support.database import connected
from teeth.bugs import BUGS

from onecard.ledger import attempts

SEEDS = 16
NOTICED = (
    "double credit on a duplicate notify",
    "an order credited once for each payment",
    "another amount credited as ordered",
    "a refund paid out for each notice",
    "a replay posts again",
    "a code claimed is not looked at",
    "the sweep omitted for facts",
    "a freeze ignored",
    "an upload posted for each gateway",
    "a kept reversal ignored",
    "captured twice",
    "an expired hold captured from another one",
    "a released hold's money stays held",
)


# A disagreement, or the database's own no.
NOTICED_BY = (AssertionError, asyncpg.IntegrityConstraintViolationError, asyncpg.NoDataFoundError)


@pytest.mark.parametrize("name", NOTICED)
async def test_a_planted_bug_is_noticed(database, monkeypatch, name):
    monkeypatch.setattr(attempts, "FIRST_PAUSE_S", 0)
    (bug,) = (bug for bug in BUGS if bug.name == name)
    async with connected(database) as connection:
        await connection.execute(VIRTUAL_NOW)
        await bug.plant(connection, monkeypatch)
        with pytest.raises(NOTICED_BY):
            await live(connection)


async def live(connection):
    for seed in range(SEEDS):
        await World(seed, FIRST_DAY + timedelta(days=2 * seed), connection).live()
