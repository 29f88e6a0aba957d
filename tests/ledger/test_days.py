"""The accounting day: 23:00 to 23:00, never decreasing, closed only when no posting is in flight."""

import asyncio
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import asyncpg
import pytest
from support.database import connected, tortoise

import onecard.migrations
from onecard.ledger.book import FactKind
from onecard.rules.clock import SHANGHAI
from onecard.rules.hours import accounting_day

YEAR = datetime.now(SHANGHAI).year + 1  # the ledger's clock stands in a year that no test run has reached

WAITING = """
    SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
     WHERE d.datname = current_database() AND NOT l.granted
"""


async def set_clock(school, moment):
    """The ledger's one clock, stopped at a moment."""
    async with connected(school.dsn) as connection:
        await connection.execute(
            "CREATE OR REPLACE FUNCTION ledger_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
            f"$$ SELECT timestamptz '{moment.isoformat()}' $$"
        )


async def somebody_waits(watcher):
    async with asyncio.timeout(10):
        while not await watcher.fetchval(WAITING):  # noqa: ASYNC110 - the condition asks the database
            await asyncio.sleep(0.01)


def at(day, hour, minute=0, second=0):
    return datetime(YEAR, 3, day, hour, minute, second, tzinfo=SHANGHAI)


async def test_a_posting_finds_the_day_over_and_closes_it(school):
    account = await school.person(50_000)
    days = []
    for moment in (at(1, 12), at(1, 22, 59, 59), at(1, 23), at(2, 1), at(2, 23), at(9, 8)):
        await set_clock(school, moment)
        days.append((await school.charge(account, 100, occurred_at=moment)).day)
    assert days == [date(YEAR, 3, d) for d in (1, 1, 2, 2, 3, 9)]
    await school.check()


async def test_the_day_never_decreases_though_the_clock_does(school):
    account = await school.person(50_000)
    await set_clock(school, at(5, 12))
    assert (await school.charge(account, 100)).day == date(YEAR, 3, 5)
    await set_clock(school, at(3, 12))
    assert (await school.charge(account, 100)).day == date(YEAR, 3, 5)
    assert await school.book.close_day_if_due() == date(YEAR, 3, 5)
    positions = await school.rows("SELECT day FROM transfer ORDER BY id")
    assert [row["day"] for row in positions] == sorted(row["day"] for row in positions)


async def test_a_closing_time_that_moves_never_opens_a_day_twice(school):
    await set_clock(school, at(5, 12))
    await school.book.close_day_if_due()
    async with connected(school.dsn) as connection:
        await set_clock(school, at(5, 23))
        assert await connection.fetchval("SELECT ledger_close_day('02:00')") == date(YEAR, 3, 6)
        await set_clock(school, at(6, 3))
        assert await connection.fetchval("SELECT ledger_close_day('02:00')") == date(YEAR, 3, 7)
        spans = await connection.fetch("SELECT * FROM accounting_day ORDER BY day")
        for older, newer in pairwise(spans):
            assert newer["opens_at"] >= older["closes_at"]
            assert older["closed_at"] is not None


async def test_a_closing_time_that_moves_later_leaves_no_gap_between_two_days(school):
    await set_clock(school, at(5, 12))
    await school.book.close_day_if_due()
    account = await school.person(5000)
    async with connected(school.dsn) as connection:
        await set_clock(school, at(5, 23, 0, 1))
        assert await connection.fetchval("SELECT ledger_close_day('23:30')") == date(YEAR, 3, 6)
    await set_clock(school, at(5, 23, 10))
    supper = await school.fact(FactKind.OFFLINE_SALE, account, 100, occurred_at=at(5, 23, 5))
    assert (supper.day, supper.late) == (date(YEAR, 3, 6), False)
    assert (await school.wallets(account)).paid_today_fen == 100
    await set_clock(school, at(6, 23, 29))
    assert (await school.charge(account, 100)).day == date(YEAR, 3, 6)


async def test_a_new_month_waits_for_postings_in_flight_and_deadlocks_with_none(school):
    """Tying it in stops the writers of a dozen tables, one after the other; a posting writes them in its own order."""
    account = await school.person(5000)
    async with connected(school.dsn) as posting, connected(school.dsn) as making:
        transaction = posting.transaction()
        await transaction.start()
        await posting.execute("SELECT ledger_open_day()")
        await posting.execute(
            "INSERT INTO posting_key (key, subject, recorded_at) VALUES ('other', 'kept', now())"
        )
        made = asyncio.create_task(making.fetchval("SELECT ledger_ensure_partitions('2031-12-01', 1)"))
        await somebody_waits(posting)
        await posting.execute("UPDATE wallet_account SET held_fen = 0 WHERE id = $1", account)
        await transaction.commit()
        async with asyncio.timeout(10):
            assert await made == 2


async def test_closing_waits_for_postings_in_flight_and_new_ones_go_into_the_next_day(school):
    account = await school.person(50_000)
    await set_clock(school, at(5, 22, 59))
    await school.charge(account, 100)
    async with connected(school.dsn) as posting, connected(school.dsn) as watcher:
        transaction = posting.transaction()
        await transaction.start()
        row = await posting.fetchrow(
            "SELECT * FROM ledger_fact('slow', sha256('slow'), 'FEE', $1, ARRAY['transition:' || $1, 'fee'], "
            "ARRAY[5, -5]::bigint[], -5, false, NULL, NULL, now(), NULL, NULL)",
            account,
        )
        assert row["day"] == date(YEAR, 3, 5)
        await set_clock(school, at(5, 23, 0, 1))
        other = await school.book.open_account()
        closing = asyncio.create_task(school.fact(FactKind.CASH_TOP_UP, other, 100))
        await somebody_waits(watcher)
        assert not closing.done()
        assert await watcher.fetchval("SELECT count(*) FROM accounting_day WHERE closed_at IS NULL") == 1
        await transaction.commit()
        async with asyncio.timeout(10):
            later = await closing
    assert later.day == date(YEAR, 3, 6)
    assert later.transfer_id > row["transfer_id"]
    closed = (await school.rows(f"SELECT * FROM accounting_day WHERE day = '{date(YEAR, 3, 5)}'"))[0]
    assert closed["last_position"] >= row["transfer_id"]
    await school.check()


async def test_a_process_that_hangs_in_a_posting_keeps_no_day_open(school, monkeypatch):
    """Nor one whose machine is gone, with its connections still open for hours."""
    account = await school.person(50_000)
    await set_clock(school, at(5, 22, 59))
    await school.charge(account, 100)
    monkeypatch.setattr(onecard.migrations, "IDLE_IN_TRANSACTION_S", 1)
    async with tortoise(school.dsn) as context:
        # The pool may hear only when it takes the connection back that the database has ended its session.
        with suppress(ConnectionError):
            async with context.connections.get("default").acquire_connection() as hung:
                await hung.execute("BEGIN")
                await hung.execute("SELECT ledger_open_day()")
                await set_clock(school, at(5, 23, 0, 1))
                async with asyncio.timeout(8):
                    charged = await school.charge(account, 100)
                with suppress(asyncpg.InterfaceError):  # it has heard already that it was thrown out
                    hung.terminate()
    assert charged.day == date(YEAR, 3, 6)


async def test_a_day_brings_its_partitions_and_postings_cross_the_month(school):
    account = await school.person(50_000)
    for moment in (datetime(YEAR, 11, 30, 22, tzinfo=SHANGHAI), datetime(YEAR, 11, 30, 23, tzinfo=SHANGHAI)):
        await set_clock(school, moment)
        await school.charge(account, 100)
    months = await school.rows(
        "SELECT DISTINCT month, tableoid::regclass::text AS part FROM transfer ORDER BY 1 DESC"
    )
    assert [row["part"] for row in months[:2]] == [f"transfer_{YEAR}_12", f"transfer_{YEAR}_11"]
    lunch = school.charging(account, 100, "across")
    await school.book.charge(lunch)
    await set_clock(school, datetime(YEAR + 1, 1, 15, 12, tzinfo=SHANGHAI))
    await school.book.reverse(school.key(), lunch.key.text, terminal_id=None, occurred_at=datetime.now(UTC))
    assert (await school.book.charge(lunch)).replayed
    everything = await school.rows("SELECT id, month FROM transfer WHERE account_id IS NOT NULL")
    assert len({row["month"] for row in everything}) == 4
    for row in everything:  # found in its own month, whichever that is
        assert (await school.bill(row["id"])).transfer_id == row["id"]
    await school.check()


async def test_many_find_the_day_over_at_once(school):
    accounts = [await school.person(50_000) for _ in range(20)]
    await set_clock(school, at(5, 12))
    async with asyncio.timeout(30):
        receipts = await asyncio.gather(
            *(school.book._charge_batch([school.charging(account, 100)]) for account in accounts)
        )
    assert {rows[0]["day"] for rows in receipts} == {date(YEAR, 3, 5)}
    assert await school.value("SELECT count(*) FROM accounting_day WHERE closed_at IS NULL") == 1


async def test_sql_and_rules_agree_on_the_day(school):
    """The same table for both: `hours.accounting_day` is what a screen says, SQL what is posted."""
    step = timedelta(hours=5, minutes=29, seconds=59)
    moment = at(10, 0)
    async with connected(school.dsn) as connection:
        for _ in range(12):
            await set_clock(school, moment)
            assert await connection.fetchval("SELECT ledger_close_day('23:00')") == accounting_day(
                moment, time(23)
            )
            moment += step


@pytest.mark.parametrize("ahead", [0, 3])
async def test_ensuring_partitions_is_idempotent(school, ahead):
    async with connected(school.dsn) as connection:
        sql = "SELECT ledger_ensure_partitions('2131-12-31', $1)"
        assert await connection.fetchval(sql, ahead) == ahead + 1
        assert await connection.fetchval(sql, ahead) == 0
        tables = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '_213[12]_[01][0-9]$'"
        assert await connection.fetchval(tables) == 2 * (ahead + 1)
    assert await school.book.ensure_partitions() == 0


async def test_a_payment_among_many_months_plans_nothing_anew(school):
    """Replanning each look by key costs more with every month: after ten years three times a payment's work."""
    assert await school.rows(
        "SELECT proname::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace "
        "AND 'enable_seqscan=off' = ANY (proconfig) AND 'plan_cache_mode=force_generic_plan' = ANY (proconfig) "
        'ORDER BY proname COLLATE "C"'
    ) == [
        {"proname": name}
        for name in (
            "ledger_apply",
            "ledger_charge",
            "ledger_check_balanced",
            "ledger_post_energy",
            "ledger_recall",
        )
    ]


async def test_ten_years_of_months_change_no_receipt(school):
    account = await school.person(50_000)
    await school.value(f"SELECT ledger_ensure_partitions('{YEAR}-01-01', 119)")
    assert await school.value("SELECT count(*) FROM pg_inherits WHERE inhparent = 'transfer'::regclass") > 100
    await set_clock(school, datetime(YEAR + 9, 12, 31, 22, 59, tzinfo=SHANGHAI))
    old = await school.charge(account, 100, "last of the year")
    await set_clock(school, datetime(YEAR + 9, 12, 31, 23, tzinfo=SHANGHAI))
    new = await school.charge(account, 100, "first of the next")
    assert [old.day, new.day] == [date(YEAR + 9, 12, 31), date(YEAR + 10, 1, 1)]
    assert (await school.charge(account, 100, "last of the year")).transfer_id == old.transfer_id
    assert (await school.bill(old.transfer_id)).day == old.day
    await school.check()
