"""What the database itself refuses, whoever asks: the last line of defence has no Python in it."""

import asyncpg
import pytest
from support.database import connected
from support.ledger import CANTEEN

from onecard.ledger.book import FactKind

INSERT_TRANSFER = """
    INSERT INTO transfer (month, id, kind, lines, amount_fen, occurred_at, recorded_at, day, late, key)
    SELECT date_trunc('month', day)::date, 900001, 'ADJUSTMENT', 2, 0, now(), now(), day, false, 'intruder'
      FROM accounting_day WHERE closed_at IS NULL
"""
INSERT_ENTRY = """
    INSERT INTO entry (month, transfer_id, line, lines, account, amount)
    SELECT date_trunc('month', day)::date, 900001, $1::smallint, 2, $2, $3 FROM accounting_day WHERE closed_at IS NULL
"""


async def post(connection, *entries, and_then="SELECT"):
    async with connection.transaction():
        await connection.execute(INSERT_TRANSFER)
        for entry in entries:
            await connection.execute(INSERT_ENTRY, *entry)
        await connection.execute(and_then)


@pytest.fixture
async def intruder(school):
    account = await school.person(5000, 100)
    await school.charge(account, 1250)
    async with connected(school.dsn) as connection:
        yield connection
    assert await school.three(account) == (0, 3750, 100)
    assert await school.balance(f"merchant:{CANTEEN}") == -1250
    await school.check()


@pytest.mark.parametrize("table", ["transfer", "entry"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET lines = lines", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("where", ["parent", "partition"])
async def test_the_journal_is_only_added_to(intruder, table, verb, where):
    if where == "partition":
        table = await intruder.fetchval(
            f"SELECT tableoid::regclass::text FROM {table} LIMIT 1"  # the one that has the rows
        )
    with pytest.raises(asyncpg.PostgresError, match="only ever added to"):
        await intruder.execute(verb.format(table))


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [(1, "cash", 100)],
        [(1, "cash", 100), (2, "fee", -99)],
        [(2, "fee", -100)],
    ],
    ids=["no entries", "one leg", "a fen short", "only the second leg"],
)
async def test_a_transfer_that_does_not_balance_cannot_commit(intruder, entries):
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="not balanced"):
        await post(intruder, *entries)


async def test_units_balance_apart(intruder):
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="not balanced"):
        await post(
            intruder,
            (1, "cash", 100),
            and_then="INSERT INTO entry SELECT month, transfer_id, 2, 2, 'issued', 'Wh', -100 FROM entry "
            "WHERE transfer_id = 900001",
        )
    with pytest.raises(asyncpg.ForeignKeyViolationError):  # kWh are not yuan
        await post(intruder, (1, "issued", 100))


async def test_a_finished_transfer_gets_no_further_entry(intruder):
    """Not even a pair that would balance."""
    for line, lines in ((3, 4), (3, 2), (1, 2)):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await intruder.execute(
                "INSERT INTO entry SELECT month, id, $1, $2, 'cash', 'CNY', 1 FROM transfer LIMIT 1",
                line,
                lines,
            )


async def test_an_entry_needs_its_transfer_and_its_account(intruder):
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await intruder.execute(INSERT_ENTRY, 1, "cash", 100)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await post(intruder, (1, "no such account", 100))


@pytest.mark.parametrize(
    "change",
    [
        "electronic_fen = -1",
        "held_fen = -1",
        "paid_today_fen = -1",
        "freezes = '{BAD_MOOD}'",
    ],
)
async def test_a_wallet_keeps_its_floors(intruder, change):
    with pytest.raises(asyncpg.CheckViolationError):
        await intruder.execute(f"UPDATE wallet_account SET {change}")


async def test_a_key_a_reference_a_code_and_a_reversal_are_unique(school):
    account = await school.person()
    order = await school.order(account, 100)
    await school.credit(order, 100, "wx-1")
    async with connected(school.dsn) as intruder:
        for twice in (
            "INSERT INTO posting_key SELECT * FROM posting_key",
            "INSERT INTO outside_reference SELECT * FROM outside_reference",
        ):
            with pytest.raises(asyncpg.UniqueViolationError):
                await intruder.execute(twice)


async def test_two_days_are_never_open(school):
    async with connected(school.dsn) as intruder:
        with pytest.raises(asyncpg.UniqueViolationError):
            await intruder.execute(
                "INSERT INTO accounting_day SELECT day + 1, opens_at, closes_at FROM accounting_day"
            )


async def test_a_hold_never_exceeds_what_it_was_granted_on(school):
    account = await school.person(100)
    await school.book.place_hold(school.key(), account, 50, merchant_id=CANTEEN, terminal_id=None)
    async with connected(school.dsn) as intruder:
        for change in ("amount_fen = available_before_fen + 1", "state = 'CAPTURED'", "state = 'RELEASED'"):
            with pytest.raises(asyncpg.CheckViolationError):
                await intruder.execute(f"UPDATE hold SET {change}")


async def test_refunds_stay_within_what_was_paid(school):
    account = await school.person()
    await school.pay_in(account, 1000)
    async with connected(school.dsn) as intruder:
        with pytest.raises(asyncpg.CheckViolationError, match="refunds_within_paid"):
            await intruder.execute("UPDATE recharge_order SET refunded_fen = amount_fen + 1")


async def test_a_chip_never_changes_hands(school):
    one, other = await school.person(100), await school.person(100)
    await school.fact(FactKind.CHIP_LOAD, one, 50)
    with pytest.raises(asyncpg.RestrictViolationError, match="another account"):
        await school.book.open_chip(other, f"chip-{one}")


async def test_balance_is_checked_from_outside_the_schools_search_path_too(school):
    """A worker of a distributed database reaches the tables by their full names alone."""
    insert = (
        INSERT_TRANSFER + ";" + INSERT_ENTRY.replace("$1", "1").replace("$2", "'cash'").replace("$3", "100")
    )
    for table in ("INTO transfer", "INTO entry", "FROM accounting_day"):
        insert = insert.replace(table, table.replace(" ", " school."))
    await school.charge(await school.person(500), 100)
    async with connected(school.dsn, "public") as stranger:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="not balanced: 1 of 2 lines"):
            await stranger.execute(insert)
        with pytest.raises(asyncpg.PostgresError, match="only ever added to"):
            await stranger.execute("DELETE FROM school.entry; DELETE FROM school.transfer")
