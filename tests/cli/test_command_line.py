"""`onecard COMMAND` as a shell sees it: exit codes, sentences, no tracebacks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import api.cli
from api.launch import EmbeddedPostgres

NOBODY_THERE = "postgresql://onecard:secret@127.0.0.1:1/onecard"
COSTLY = {"asyncpg", "tortoise", "strawberry", "starlette", "redis", "pydantic"}


def _onecard(*words: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("onecard"), *words],
        env={"PATH": os.environ["PATH"], "ONECARD_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_help_names_every_command_and_imports_nothing_costly(home):
    script = f"""
import sys
sys.argv = ["onecard", "--help"]
from api.cli import main
try:
    main()
finally:
    print(*({COSTLY!r} & set(sys.modules)), file=sys.stderr)
"""
    argv = [sys.executable, "-c", script]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    for file in Path(api.cli.__file__).parent.glob("[!_]*.py"):
        assert file.stem.replace("_", "-") in done.stdout
    assert done.stderr.strip() == ""


def test_migrate_starts_the_database_for_itself_and_may_be_repeated(home):
    first, second = _onecard("migrate", home=home), _onecard("migrate", home=home)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "applied ledger.0002_jobs" in first.stdout
    assert second.stdout == "The schema school is up to date.\n"


def test_migrate_uses_the_server_that_runs_in_the_data_folder(home):
    with EmbeddedPostgres(home / "postgres", durable=False):
        done = _onecard("migrate", home=home, ONECARD_SCHOOL="north")
    assert done.returncode == 0, done.stderr
    assert "The schema north is up to date." in done.stdout


def test_doctor_names_what_is_wrong_and_is_content_once_it_is_mended(home):
    ill = _onecard("doctor", home=home)
    assert ill.returncode == 1
    assert "✗ migrations" in ill.stdout
    assert "→ Run `onecard migrate`." in ill.stdout
    _onecard("migrate", home=home)
    well = _onecard("doctor", home=home)
    assert well.returncode == 0, well.stdout
    assert "All is well." in well.stdout


def test_doctor_trusts_no_server_that_may_forget_a_payment(home):
    with EmbeddedPostgres(home / "postgres", durable=False):
        ill = _onecard("doctor", home=home)
    assert ill.returncode == 1
    assert "✗ durability: fsync, full_page_writes, synchronous_commit off" in ill.stdout
    assert "✓ locks: 256 a transaction" in ill.stdout


def test_doctor_goes_on_after_something_broken(home):
    done = _onecard("doctor", home=home, ONECARD_DATABASE_URL=NOBODY_THERE)
    assert done.returncode == 1
    assert "✗ PostgreSQL: The database cannot be reached" in done.stdout
    assert "✓ Redis" in done.stdout


@pytest.mark.parametrize(
    ("environment", "said", "remedy"),
    [
        ({"ONECARD_DATABASE_URL": NOBODY_THERE}, "cannot be reached", "Start `onecard up`"),
        (
            {"ONECARD_DATABASE_URL": "mysql://u@h/d"},
            "ONECARD_DATABASE_URL is not a PostgreSQL DSN",
            "Correct it: postgresql://",
        ),
        (
            {"ONECARD_DATABASE_URL": "postgresql://u:half/whole@h/d"},
            "ONECARD_DATABASE_URL is not a PostgreSQL DSN",
            "%2F",
        ),
        ({"ONECARD_SCHOOL": "a;b"}, "is not a school's schema name", "Set ONECARD_SCHOOL"),
        ({"ONECARD_HOME": "/dev/null/home"}, "/dev/null/home", "Set ONECARD_HOME"),
    ],
)
def test_an_expected_failure_is_two_sentences(home, environment, said, remedy):
    done = _onecard("migrate", home=environment.pop("ONECARD_HOME", home), **environment)
    assert done.returncode == 1
    sentence, _, advice = done.stderr.partition("\n→ ")
    assert said in sentence
    assert remedy in advice
    assert "Traceback" not in done.stderr
    assert "half" not in done.stderr  # of a password


def test_a_command_that_does_not_exist_is_a_usage_error(home):
    done = _onecard("dance", home=home)
    assert done.returncode == 2
    assert "No such command 'dance'" in done.stderr
