"""The checker is quiet about an honest journal and names the invariant of each kind of tampering."""

import uuid

import pytest
from support.database import connected, create_database, drop_database, run
from support.full_journal import fill
from support.ledger import open_school

from onecard.ledger.check import check, examine
from onecard.ledger.invariants import MEANINGS, RULES
from onecard.ledger.seal import find_head, seal_pending
from onecard.rules.policy import Policy

FULL = f"test_full_{uuid.uuid4().hex[:12]}"  # one for each test process


@pytest.fixture(scope="module")
def full_journal(postgres_server, template_database):
    """(A database with everything posted and sealed but the last transfer, what is in it.)"""

    async def make():
        dsn = await create_database(postgres_server.dsn, FULL, template_database)
        async with open_school(dsn) as school:
            names = await fill(school)
            async with connected(dsn) as connection:
                await seal_pending(connection)
            await school.charge(names["lin"], 130, "after the seal", code_hash=b"\1" * 32)
        return names

    names = run(make())
    yield names
    run(drop_database(postgres_server.admin_dsn, FULL))


@pytest.fixture
async def intruder(postgres_server, full_journal):
    """A superuser's connection to a copy of it."""
    name = f"test_tampered_{uuid.uuid4().hex[:12]}"
    await create_database(postgres_server.dsn, name, FULL)
    dsn = postgres_server.admin_dsn.rsplit("/", 1)[0] + f"/{name}"
    async with connected(dsn) as connection:
        yield connection
    await drop_database(postgres_server.admin_dsn, name)


async def broken(connection):
    return {finding.invariant for finding in await check(connection, Policy())}


async def test_an_honest_journal_is_green(intruder):
    assert await check(intruder, Policy()) == []
    kinds = {row["kind"] for row in await intruder.fetch("SELECT DISTINCT kind FROM transfer")}
    assert kinds == {
        *("RECHARGE", "PAYMENT", "CARD_TAP", "CHIP_LOAD", "REFUND", "REVERSAL", "FEE"),
        *("ELECTRICITY", "ADJUSTMENT"),
    }
    assert await intruder.fetchval("SELECT count(DISTINCT day) FROM transfer") == 2
    assert await intruder.fetchval("SELECT count(*) FROM transfer WHERE lines = 4") >= 1
    states = {row["state"] for row in await intruder.fetch("SELECT DISTINCT state FROM hold")}
    assert states == {"ACTIVE", "CAPTURED", "RELEASED"}


async def test_an_empty_ledger_is_green(database):
    async with connected(database) as connection:
        assert await check(connection, Policy()) == []


async def test_every_meaning_is_looked_at(intruder):
    assert {rule.invariant for rule in RULES} == set(MEANINGS) - {"I16"}
    assert [verdict.invariant async for verdict in examine(intruder, Policy())] == list(MEANINGS)


LAST = "(SELECT max(id) FROM transfer)"
LUNCH = "(SELECT id FROM transfer WHERE key LIKE '%:lunch')"
TEA_BACK = "(SELECT id FROM transfer WHERE key LIKE '%:tea back')"
COPY = """
    CREATE TEMP TABLE copy AS SELECT * FROM transfer WHERE id = {0};
    UPDATE copy SET id = nextval('ledger_position'), key = '{1}', kind = '{2}';
    INSERT INTO transfer SELECT * FROM copy;
    INSERT INTO entry SELECT e.month, c.id, e.line, e.lines, e.account, e.unit, e.amount
      FROM entry e, copy c WHERE e.transfer_id = {0};
    INSERT INTO posting_key SELECT key, '\\x{3}', id, month, NULL, NULL, recorded_at FROM copy"""

# What an intruder does with the triggers off, and what must be named at least.
TAMPERINGS = {
    "one fen on one leg": (
        f"UPDATE entry SET amount = amount + 1 WHERE transfer_id = {LUNCH} AND line = 1", "I1 I2 I3 I16"),
    "both legs doubled": (f"UPDATE entry SET amount = amount * 2 WHERE transfer_id = {LUNCH}", "I3 I16"),
    "both legs doubled, after the seal": (
        f"UPDATE entry SET amount = amount * 2 WHERE transfer_id = {LAST}", "I3"),
    "a transfer deleted": (
        f"DELETE FROM entry WHERE transfer_id = {LUNCH}; DELETE FROM transfer WHERE id = {LUNCH}", "I3 I6 I16"),
    "the last transfer deleted": (
        f"DELETE FROM entry WHERE transfer_id = {LAST}; DELETE FROM transfer WHERE id = {LAST}", "I3 I6"),
    "a transfer's lines deleted": (f"DELETE FROM entry WHERE transfer_id = {LUNCH}", "I1 I3 I16"),
    "a transfer without its lines": (f"DELETE FROM transfer WHERE id = {LUNCH}", "I1 I3 I6 I16"),
    "a transfer duplicated": (COPY.format(LUNCH, "ter_till:copy", "PAYMENT", "00" * 32), "I3"),
    "a transfer duplicated under its own id": (
        f"""UPDATE transfer SET key = (SELECT key FROM transfer WHERE id = {LUNCH}) WHERE id = {LAST}""", "I6 I8"),
    "redirected to another person": (
        "UPDATE entry SET account = (SELECT code FROM journal_account WHERE wallet = 'transition' AND code <> account"
        f" LIMIT 1) WHERE transfer_id = {LUNCH} AND account LIKE 'transition:%'", "I3 I16"),
    "redirected to another merchant": (
        f"UPDATE entry SET account = 'merchant:mer_bath' WHERE transfer_id = {LUNCH} AND account LIKE 'merchant:%'",
        "I3 I6 I16"),
    "redirected to another merchant, after the seal": (
        f"UPDATE entry SET account = 'merchant:mer_bath' WHERE transfer_id = {LAST} AND account LIKE 'merchant:%'",
        "I6"),
    "an entry on another unit": (
        f"UPDATE entry SET unit = 'Wh' WHERE transfer_id = {LUNCH} AND line = 2", "I1 I2"),
    "a wallet edited": ("UPDATE wallet_account SET transition_fen = transition_fen + 1", "I3"),
    "money moved between two wallets of a person": (
        "UPDATE wallet_account SET transition_fen = transition_fen - 1, electronic_fen = electronic_fen + 1", "I3"),
    "a running balance edited": (
        f"UPDATE transfer SET transition_fen = transition_fen + 1 WHERE id = {LUNCH}", "I3 I16"),
    "a movement edited on the bill": (
        f"UPDATE transfer SET amount_fen = -1, transition_delta_fen = -1 WHERE id = {LUNCH}", "I3 I6 I16"),
    "the day's counter reset": (
        "UPDATE wallet_account SET paid_today_fen = paid_today_fen + 1 WHERE counter_day IS NOT NULL", "I3"),
    "the rollup edited": ("UPDATE rollup SET amount = amount + 1 WHERE account = 'wechat'", "I3"),
    "a rollup row deleted": ("DELETE FROM rollup WHERE account = 'wechat'", "I3"),
    "held money set free": ("UPDATE wallet_account SET held_fen = 0", "I3"),
    "a hold made larger": ("UPDATE hold SET amount_fen = amount_fen + 1 WHERE state = 'ACTIVE'", "I3"),
    "a hold granted on less": (
        "UPDATE hold SET available_before_fen = available_before_fen + 1 WHERE state = 'RELEASED'", "I7"),
    "a hold from nothing": (
        "UPDATE hold SET amount_fen = available_before_fen + 1 WHERE state = 'RELEASED'", "I7"),
    "a capture above its hold": (
        "UPDATE hold SET captured_fen = amount_fen + 1 WHERE state = 'CAPTURED' AND transfer_id IS NOT NULL", "I7"),
    "the electronic account below 0": (
        "UPDATE entry SET amount = amount + 10000 WHERE account LIKE 'electronic:%' AND amount > 0;"
        "UPDATE transfer SET electronic_delta_fen = electronic_delta_fen - 10000,"
        " transition_delta_fen = transition_delta_fen + 10000 WHERE electronic_delta_fen < 0", "I3 I5"),
    "an order forgotten": ("UPDATE recharge_order SET transfer_id = NULL, month = NULL", "I6"),
    "an order's account changed": (
        "UPDATE recharge_order o SET account_id = (SELECT id FROM wallet_account WHERE id <> o.account_id LIMIT 1)",
        "I6"),
    "an order's wallet changed": (
        "UPDATE recharge_order SET wallet_type = 'ELECTRONIC' WHERE wallet_type = 'CARD_ACCOUNT'", "I6"),
    "a payment called a tap, after the seal": (f"UPDATE transfer SET kind = 'CARD_TAP' WHERE id = {LAST}", "I6"),
    "a payment called a fee, after the seal": (f"UPDATE transfer SET kind = 'FEE' WHERE id = {LAST}", "I6"),
    "a payment without its merchant, after the seal": (
        f"UPDATE transfer SET merchant_id = NULL WHERE id = {LAST}", "I6"),
    "an order's amount changed": ("UPDATE recharge_order SET amount_fen = amount_fen + 1", "I6"),
    "a refund forgotten": ("DELETE FROM refund WHERE state = 'DONE'", "I6 I12"),
    "a refund waiting no more": ("DELETE FROM refund WHERE state = 'ASKED'", "I12"),
    "a refund asked for less": ("UPDATE refund SET amount_fen = amount_fen - 1 WHERE state = 'ASKED'", "I12"),
    "refunds above what was paid": (
        "UPDATE recharge_order SET refunded_fen = 0, state = 'CREDITED' WHERE refunded_fen > 0", "I12"),
    "a case closed with its money in suspense": (
        "UPDATE suspense_case SET state = 'CLOSED', closed_at = now() WHERE state = 'OPEN'", "I12"),
    "a case forgotten": ("DELETE FROM suspense_case WHERE state = 'OPEN'", "I6 I12"),
    "a key forgotten": ("DELETE FROM posting_key WHERE key LIKE '%:lunch'", "I6"),
    "a key pointed elsewhere": (
        f"UPDATE posting_key SET transfer_id = {LAST} WHERE key LIKE '%:lunch'", "I6"),
    "a key without its body": ("UPDATE posting_key SET body = NULL WHERE key LIKE '%:lunch'", "I8"),
    "a reference without its posting": (
        "UPDATE outside_reference SET key = 'ter_till:lost' WHERE reference = 'wx-stranger'", "I6"),
    "a code claimed by a refused payment": (
        "UPDATE code_claim SET key = 'ter_till:too much' WHERE key LIKE '%:lunch'", "I6"),
    "a second reversal": (COPY.format(TEA_BACK, "ter_till:tea back twice", "REVERSAL", "11" * 32), "I3 I11"),
    "a reversal that is no mirror": (
        f"UPDATE entry SET amount = amount * 2 WHERE transfer_id = {TEA_BACK}", "I3 I11 I16"),
    "a reversal forgotten": ("DELETE FROM reversal", "I11"),
    "a kept reversal whose charge is posted": (
        f"UPDATE posting_key SET refusal = NULL, transfer_id = {LAST}, month = (SELECT max(month) FROM transfer)"
        " WHERE key LIKE '%:lost'", "I8 I11"),
    "a payment above the limit": (
        "UPDATE transfer SET amount_fen = -30001, counted_fen = 30001 WHERE key LIKE '%:lunch'", "I9"),
    "a payment that counts for nothing": (
        "UPDATE transfer SET counted_fen = 0 WHERE key LIKE '%:lunch'", "I9 I16"),
    "a payment below the bound": (
        "UPDATE transfer SET transition_fen = -99999 WHERE key LIKE '%:lunch'", "I3 I9 I16"),
    "a sealed note altered": (
        f"UPDATE transfer SET terminal_id = 'ter_other' WHERE id = {LUNCH}", "I16"),
    "a sealed time altered": (
        f"UPDATE transfer SET occurred_at = occurred_at + interval '1 us' WHERE id = {LUNCH}", "I16"),
    "a block's hash altered": ("UPDATE seal_block SET hash = sha256(hash)", "I16"),
    "a transfer left out of its block": (
        "UPDATE seal_block SET transfer_ids = transfer_ids[2:]", "I16"),
    "a transfer sealed twice": (
        "UPDATE seal_block SET transfer_ids = transfer_ids || transfer_ids[1]", "I16"),
    "the first block deleted": (
        "UPDATE seal_block SET number = 2", "I16"),
    "a day that goes back": (
        f"UPDATE transfer SET day = day - 1 WHERE id = {LAST}", "DAY"),
    "a late upload not marked": (
        "UPDATE transfer SET late = NOT late WHERE key LIKE '%:night tap'", "DAY I16"),
    "a delivered order's energy edited": (
        "UPDATE electricity_order SET wh = wh + 1 WHERE state = 'DELIVERED' AND wh > 0", "I6"),
    "an order's payment edited": (
        "UPDATE electricity_order SET amount_fen = amount_fen + 1 WHERE state = 'DELIVERED'", "I6"),
    "an order that repaid less than it did": (
        "UPDATE electricity_order SET repaid_fen = repaid_fen - 1 WHERE repaid_fen > 0", "I6"),
    "an order said to be paid in another way": (
        "UPDATE electricity_order SET method = 'WECHAT' WHERE method = 'CARD_ACCOUNT' AND state = 'DELIVERED'",
        "I6"),
    "delivered, and given back, and no dispute": (
        "UPDATE electricity_order SET state = 'DELIVERED' WHERE state = 'DISPUTED'", "I10"),
    "given back by word alone": (
        "UPDATE electricity_order SET state = 'REFUNDED' WHERE state = 'DELIVERED'", "I10"),
    "a dispute forgotten": ("DELETE FROM suspense_case WHERE kind = 'ELECTRICITY_DISPUTE'", "I10"),
    "a room's energy edited": ("UPDATE room_energy SET bought_wh = bought_wh + 1", "I15"),
    "a room's quota edited": ("UPDATE room_energy SET quota_wh = quota_wh + 1", "I15"),
    "a room's loan forgotten": (
        "UPDATE room_energy SET emergency_fen = emergency_fen + 1", "I15"),
    "a room's energy forgotten": ("DELETE FROM room_energy", "I15"),
    "a meter's consumption set back": ("UPDATE meter_consumed SET total_wh = total_wh - 1", "I15"),
    "a quota without its record": ("DELETE FROM room_quota", "I15"),
    "energy on one leg": (
        "UPDATE entry SET amount = amount + 1 WHERE unit = 'Wh' AND account LIKE 'room:%'", "I1 I2 I15"),
    "energy in yuan": (
        "UPDATE entry SET unit = 'CNY' WHERE unit = 'Wh' AND account = 'issued'", "I1 I2"),
    "an order for electricity forgotten": (
        "DELETE FROM electricity_order WHERE state = 'DELIVERED'", "I6"),
    "money taken out of clearing": (
        "UPDATE electricity_order SET paid_at = NULL WHERE state = 'REFUNDING'", "I17"),
    "posted into a closed day": (
        "UPDATE accounting_day SET last_position = last_position - 1 WHERE closed_at IS NOT NULL", "DAY"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_tampering_is_named(intruder, name):
    sql, expected = TAMPERINGS[name]
    checks = await intruder.fetch(
        "SELECT conrelid::regclass AS place, conname FROM pg_constraint"
        " WHERE contype = 'c' AND connamespace = current_schema()::regnamespace AND conislocal AND coninhcount = 0"
    )
    for row in checks:
        await intruder.execute(f'ALTER TABLE {row["place"]} DROP CONSTRAINT "{row["conname"]}"')
    await intruder.execute("SET session_replication_role = replica")
    await intruder.execute(sql)
    await intruder.execute("SET session_replication_role = origin")
    assert set(expected.split()) <= await broken(intruder)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE entry DISABLE TRIGGER entry_insert_only",
        "ALTER TABLE entry_{month} DISABLE TRIGGER entry_insert_only",
        "ALTER TABLE transfer_{month} DISABLE TRIGGER transfer_balanced",
        "DROP TRIGGER entry_no_truncate ON entry_{month}",
        "DROP TRIGGER seal_block_insert_only ON seal_block",
        "DROP TRIGGER entry_insert_only ON entry; CREATE TRIGGER entry_insert_only BEFORE UPDATE OR DELETE ON entry"
        " FOR EACH ROW WHEN (false) EXECUTE FUNCTION ledger_refuse_change()",
        "DROP TRIGGER entry_insert_only ON entry; CREATE TRIGGER entry_insert_only BEFORE UPDATE OF line OR DELETE"
        " ON entry FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()",
        "ALTER TABLE transfer ENABLE REPLICA TRIGGER transfer_insert_only",
        "CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN coalesce(NEW, OLD); END $$",
        "SET session_replication_role = replica",
    ],
)
async def test_a_guard_switched_off_is_named(intruder, sql):
    month = await intruder.fetchval("SELECT to_char(min(month), 'YYYY_MM') FROM transfer")
    await intruder.execute(sql.format(month=month))
    assert await broken(intruder) == {"I4"}


async def test_a_published_head_must_still_be_in_the_chain(intruder):
    head = await find_head(intruder)
    assert await check(intruder, Policy(), head.hash) == []
    assert {found.invariant for found in await check(intruder, Policy(), bytes(32))} == {"I16"}


async def test_the_checker_reads_one_snapshot_and_writes_nothing(intruder, full_journal):
    """Half the invariants looked at, then somebody tampers: this check still sees what was."""
    verdicts = examine(intruder, Policy())
    assert (await anext(verdicts)).findings == ()
    dsn = f"postgresql://{intruder._params.user}:{intruder._params.password}@{intruder._addr[0]}:{intruder._addr[1]}/{intruder._params.database}"
    async with connected(dsn) as other:
        await other.execute("UPDATE wallet_account SET transition_fen = transition_fen + 1")
    assert [verdict.findings async for verdict in verdicts] == [()] * (len(MEANINGS) - 1)
    assert await broken(intruder) == {"I3"}
