"""The production posting code under a virtual clock, bad lines and crashes, seed by seed.

`make simulate` runs 10,000 seeds; SIMULATION_SEED=n runs that one alone.
"""

import os
from datetime import UTC, datetime, timedelta

import pytest
from simulation.clockwork import VIRTUAL_NOW
from simulation.world import World
from support.database import connected

from onecard.ledger import attempts

SEEDS = int(os.environ.get("SIMULATION_SEEDS") or 200)
ONLY = os.environ.get("SIMULATION_SEED")
SHARED_BY = 10  # seeds that live one after the other in one database
FIRST_DAY = datetime(2031, 3, 1, tzinfo=UTC)  # 08:00 in Shanghai
BEGIN_H = (0, 6, 13.5, 14.5)  # the last two cross 23:00, when the accounting day is cut


def chunks():
    if ONLY:
        return [range(int(ONLY), int(ONLY) + 1)]
    return [range(first, min(first + SHARED_BY, SEEDS)) for first in range(0, SEEDS, SHARED_BY)]


@pytest.mark.parametrize("seeds", chunks(), ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
@pytest.mark.timeout(600)
async def test_every_truth_agrees_in_the_end(database, monkeypatch, seeds):
    monkeypatch.setattr(attempts, "FIRST_PAUSE_S", 0)  # virtual time does not pass while we pause
    morning = FIRST_DAY
    async with connected(database) as connection:
        await connection.execute(VIRTUAL_NOW)
        for seed in seeds:
            start = morning + timedelta(hours=BEGIN_H[seed % len(BEGIN_H)])
            try:
                ended = await World(seed, start, connection).live()
            except BaseException as problem:
                problem.add_note(f"reproduce: SIMULATION_SEED={seed} .venv/bin/pytest -n 0 tests/simulation")
                raise
            morning = datetime.combine(ended.date() + timedelta(days=1), FIRST_DAY.timetz())
