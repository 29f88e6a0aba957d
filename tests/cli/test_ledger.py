"""`onecard ledger check | export | seal` as a shell sees them, on a running instance and on its data folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.books import refusal, transactions
from support.database import connected, run
from support.full_journal import fill
from support.ledger import open_school
from support.servers import server_folder

from api.cli.ledger import _connected
from onecard.ledger.export import Format
from onecard.ledger.invariants import MEANINGS

ONECARD = Path(sys.executable).with_name("onecard")


@pytest.fixture
def journal(database):
    async def make():
        async with open_school(database) as school:
            await fill(school)

    run(make())
    return {"PATH": os.environ["PATH"], "ONECARD_HOME": "/nonexistent", "ONECARD_DATABASE_URL": database}


def onecard(environment, *words):
    return subprocess.run(
        [ONECARD, "ledger", *words], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


async def test_a_slow_reader_of_an_export_is_waited_for(database):
    """Longer than the embedded server waits for others that have a transaction open and say nothing."""
    async with _connected(database) as connection:
        assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "10min"


def tamper(postgres_server, dsn, sql):
    async def change():
        async with connected(postgres_server.admin_dsn.rsplit("/", 1)[0] + "/" + dsn.rsplit("/", 1)[1]) as it:
            await it.execute("SET session_replication_role = replica")
            await it.execute(sql)

    run(change())


def test_check_says_each_invariant_and_exits_0(journal):
    done = onecard(journal, "check")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:-1]] == [["✓", name] for name in MEANINGS]
    assert lines[-1] == "The books hold."


def test_check_names_what_fails_and_exits_1(journal, postgres_server):
    dsn = journal["ONECARD_DATABASE_URL"]
    tamper(postgres_server, dsn, "UPDATE wallet_account SET transition_fen = transition_fen + 1")
    done = onecard(journal, "check")
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("✗")] == ["I3"]
    assert "A wallet is not the sum of its entries. 3 ×: acc_" in done.stdout
    assert "The books do not hold: I3." in done.stdout
    assert "→" in done.stdout


def test_check_knows_the_schools_own_limits(journal, tmp_path):
    (tmp_path / "policy.json").write_text('{"payment_limit_once": "90.00"}')
    done = onecard(journal | {"ONECARD_POLICY_FILE": str(tmp_path / "policy.json")}, "check")
    assert done.returncode == 1
    assert "The books do not hold: I9." in done.stdout


@pytest.mark.parametrize("form", list(Format))
def test_export_writes_books_that_pass(journal, form, tmp_path):
    done = onecard(journal, "export", "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(transactions(done.stdout)) > 30
    assert refusal(form, done.stdout, tmp_path) == ""


def test_export_is_for_hledger_by_default(journal):
    assert onecard(journal, "export").stdout == onecard(journal, "export", "--format", "hledger").stdout


def test_export_is_quiet_when_its_reader_has_seen_enough(journal):
    with subprocess.Popen(
        [ONECARD, "ledger", "export"], env=journal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0


def test_seal_prints_the_head_which_check_then_asks_for(journal, postgres_server):
    head = onecard(journal, "seal").stdout.strip()
    assert head == onecard(journal, "seal").stdout.strip()
    word, number, digits = head.split()
    assert (word, number, len(digits)) == ("block", "1", 64)
    assert onecard(journal, "check", "--head", head).returncode == 0
    assert onecard(journal, "check", "--head", digits).returncode == 0
    forged = onecard(journal, "check", "--head", "0" * 64)
    assert forged.returncode == 1
    assert "The books do not hold: I16." in forged.stdout
    unreadable = onecard(journal, "check", "--head", "block 1")
    assert (unreadable.returncode, "→" in unreadable.stderr) == (1, True)
    tamper(
        postgres_server,
        journal["ONECARD_DATABASE_URL"],
        "UPDATE transfer SET terminal_id = 'x' WHERE lines = 4",
    )
    assert "I16" in onecard(journal, "check").stdout.splitlines()[-2]


def test_an_empty_ledger_has_no_head(database):
    environment = {
        "PATH": os.environ["PATH"],
        "ONECARD_HOME": "/nonexistent",
        "ONECARD_DATABASE_URL": database,
    }
    done = onecard(environment, "seal")
    assert (done.returncode, done.stdout) == (0, "Nothing is posted yet, so there is nothing to seal.\n")


def test_a_data_folder_is_enough_and_is_left_stopped():
    with server_folder() as home:
        environment = {"PATH": os.environ["PATH"], "ONECARD_HOME": str(home)}
        before = onecard(environment, "check")
        assert (before.returncode, "Run `onecard migrate`." in before.stderr) == (1, True)
        subprocess.run([ONECARD, "migrate"], env=environment, capture_output=True, timeout=120, check=True)
        assert onecard(environment, "check").returncode == 0
        assert transactions(onecard(environment, "export").stdout) == []
        assert not (home / "postgres" / "cluster" / "postmaster.pid").exists()
