"""The export passes hledger's and beancount's own checks, and fails them after each kind of tampering."""

import re
import uuid

import pytest
from support.books import refusal, transactions, write_books
from support.database import connected, create_database, drop_database, run
from support.full_journal import fill
from support.ledger import open_school

from onecard.ledger.export import Format
from onecard.ledger.seal import seal_pending

EXPORTED = f"test_exported_{uuid.uuid4().hex[:12]}"  # one for each test process
FORMATS = pytest.mark.parametrize("form", list(Format))


@pytest.fixture(scope="module")
def exported(postgres_server, template_database):
    """A database with everything posted: (its superuser's DSN, the books in both formats)."""

    async def make():
        dsn = await create_database(postgres_server.dsn, EXPORTED, template_database)
        async with open_school(dsn) as school:
            await fill(school)
        async with connected(dsn) as connection:
            await seal_pending(connection)
            return {form: await write_books(connection, form) for form in Format}

    yield run(make())
    run(drop_database(postgres_server.admin_dsn, EXPORTED))


@FORMATS
def test_the_books_pass(exported, form, tmp_path):
    text = exported[form]
    assert len(transactions(text)) > 30
    assert refusal(form, text, tmp_path) == ""


@FORMATS
async def test_an_empty_ledger_has_books_that_pass(database, form, tmp_path):
    async with connected(database) as connection:
        text = await write_books(connection, form)
    assert transactions(text) == []
    assert refusal(form, text, tmp_path) == ""


def test_hledger_reads_amounts_number_first_with_the_balance_after_each(exported):
    postings = [line for text in transactions(exported[Format.HLEDGER]) for line in text.splitlines()[1:]]
    yuan, energy = r"-?\d+\.\d\d CNY", r"-?\d+ Wh"
    form = re.compile(rf"    \w+:[\w:-]+  (?:{yuan} = {yuan}|{energy} = {energy})")
    assert [line for line in postings if not form.fullmatch(line)] == []
    assert any(line.endswith(" Wh") for line in postings)


@FORMATS
async def test_the_sealed_head_stands_in_the_first_line(exported, form):
    assert re.fullmatch(
        r"; OneCard journal\. Sealed head: block 1 [0-9a-f]{64}", exported[form].split("\n")[0]
    )


def remove(place):
    def tamper(text):
        return text.replace(transactions(text)[place], "")

    return tamper


def double(text):
    one = transactions(text)[5]
    return text.replace(one, one + "\n" + one)


def one_fen(text):
    one = transactions(text)[5]
    number = re.search(r"  -?(\d+\.\d)(\d) CNY", one)
    return text.replace(one, one.replace(number[0], f"  {number[1]}{(int(number[2]) + 1) % 10} CNY", 1))


def both_legs(text):
    """Ten times as much: the point one place to the right, on every leg, assertions left alone."""
    one = next(found for found in transactions(text) if "PAYMENT" in found)
    changed = re.sub(r"  (-?\d+)\.(\d)(\d) CNY", r"  \1\2.\g<3>0 CNY", one)
    assert changed != one
    return text.replace(one, changed)


def redirect(text):
    one = next(found for found in transactions(text) if "PAYMENT" in found)
    changed = re.sub(r"(?i)mer.canteen", lambda found: found[0].replace("canteen", "bath"), one)
    assert changed != one
    return text.replace(one, changed)


TAMPERINGS = {
    "one fen": one_fen,
    "both legs": both_legs,
    "the first removed": remove(0),
    "one removed": remove(7),
    "the last removed": remove(-1),
    "one doubled": double,
    "one redirected": redirect,
}


@FORMATS
@pytest.mark.parametrize("name", TAMPERINGS)
def test_altered_books_do_not_pass(exported, form, name, tmp_path):
    text = TAMPERINGS[name](exported[form])
    assert text != exported[form]
    assert refusal(form, text, tmp_path) != ""


LAST = "(SELECT max(id) FROM transfer)"


@FORMATS
@pytest.mark.parametrize(
    "sql",
    [
        f"DELETE FROM entry WHERE transfer_id = {LAST}; DELETE FROM transfer WHERE id = {LAST}",
        "UPDATE entry SET amount = amount * 2 WHERE transfer_id = (SELECT min(id) FROM transfer)",
        "UPDATE entry SET amount = amount + 1 WHERE account = 'wechat'",
        "UPDATE entry SET account = 'merchant:mer_bath' WHERE account = 'merchant:mer_canteen'",
        "UPDATE wallet_account SET transition_fen = transition_fen + 1",
        "UPDATE wallet_account SET card_fen = card_fen + 1",
        "UPDATE rollup SET amount = amount + 1 WHERE account = 'wechat'",
    ],
)
async def test_the_books_of_a_tampered_database_do_not_pass(exported, postgres_server, form, sql, tmp_path):
    async with connected(postgres_server.admin_dsn.rsplit("/", 1)[0] + f"/{EXPORTED}") as connection:
        transaction = connection.transaction(isolation="repeatable_read")
        await transaction.start()
        try:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(sql)
            text = await write_books(_Inside(connection), form)
        finally:
            await transaction.rollback()
    assert refusal(form, text, tmp_path) != ""


class _Inside:
    """A connection whose transaction is open already, so that the tampering can be rolled back."""

    def __init__(self, connection):
        self._connection = connection

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def transaction(self, **_):
        return self._connection.transaction()


@FORMATS
async def test_kilowatt_hours_have_their_own_unit_and_several_chips_one_stored_sum(
    database, postgres_server, form, tmp_path
):
    async with open_school(database) as school:
        account = await school.person(5000, 0, 1000)
        await school.book.open_chip(account, "neW chip/2")
        dsn = postgres_server.admin_dsn.rsplit("/", 1)[0] + "/" + database.rsplit("/", 1)[1]
        async with connected(dsn) as connection:
            await connection.execute("SELECT ledger_open_room('rom_1')")
            await connection.execute("""
                WITH t AS (INSERT INTO transfer (month, id, kind, lines, amount_fen, occurred_at, recorded_at, day,
                                                 late, key)
                           SELECT month, 1000, 'ADJUSTMENT', 2, 0, now(), now(), day, false, 'system:wh'
                             FROM transfer LIMIT 1 RETURNING *)
                INSERT INTO entry SELECT month, id, l.line, 2, l.account, 'Wh', l.amount FROM t, (VALUES
                    (1, 'issued', 53734), (2, 'room:rom_1', -53734)) AS l (line, account, amount)""")
            text = await write_books(connection, form)
    assert "53734 W" in text
    assert refusal(form, text, tmp_path) == ""
    assert refusal(form, text.replace("53734", "53735", 1), tmp_path) != ""
