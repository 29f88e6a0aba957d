"""The pretend campus in the school's own books: loaded once, loaded again; wallets and invariants hold."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import asyncpg

from onecard.actions.load_rows import load_rows
from onecard.bootstrap import open_records
from onecard.ledger.check import check
from onecard.ledger.statements import find_wallets
from onecard.settings import Settings
from sandbox.campus import SEED, build_campus, write_campus
from sandbox.campus.model import SHANGHAI

Four = tuple[int, int, int, int]


async def test_every_wallet_is_what_the_history_left_behind_however_often_it_is_loaded(
    database: str, tmp_path: Path
) -> None:
    pretend = build_campus(SEED, datetime.now(SHANGHAI).date())
    write_campus(pretend, tmp_path, api_url="http://127.0.0.1:8000/graphql", pos_listen="127.0.0.1:8002")
    settings = Settings(home=tmp_path, database_url=database, redis_url="redis://unused", sandbox=True)
    expected: dict[str, Four] = {
        number: (wallets.card_fen, wallets.transition_fen, wallets.electronic_fen, 0)
        for number, wallets in pretend.wallets.items()
    }

    async with open_records(settings) as records:
        counts = await load_rows(records, tmp_path / "sandbox" / "rows", lambda *_: None)
        found = await records.database.execute_query_dict(
            "SELECT number, account_id FROM person WHERE account_id IS NOT NULL"
        )
        account_of = {row["number"]: row["account_id"] for row in found}

        async def wallets_now() -> dict[str, Four]:
            by_account = await find_wallets(records.database, list(account_of.values()))
            return {
                number: (
                    by_account[account_of[number]].card_fen,
                    by_account[account_of[number]].transition_fen,
                    by_account[account_of[number]].electronic_fen,
                    by_account[account_of[number]].held_fen,
                )
                for number in expected
            }

        first = await wallets_now()
        await load_rows(records, tmp_path / "sandbox" / "rows", lambda *_: None)
        second = await wallets_now()
        policy = records.policy
    connection = await asyncpg.connect(database, server_settings={"search_path": settings.school})
    try:
        wrong = await check(connection, policy)
    finally:
        await connection.close()

    assert (counts["people"], counts["rooms"], counts["history"]) == (5000, 2000, len(pretend.history))
    assert set(account_of) == set(pretend.bound)
    assert first == expected
    assert second == expected
    assert wrong == [], "onecard ledger check"
    assert first["2002001"] == (8634, -504, 0, 0)
