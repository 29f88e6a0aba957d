"""`onecard doctor`: one line for each thing that must be right, and what to do where it is not."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import typer

from api.cli._failure import Failure, explain
from api.cli._instance import POSTGRES, VALKEY, database, find_redis_url, host, port, school
from api.cli._probe import ask_redis, listens
from api.launch import EmbeddedValkey, data_home
from api.launch.folder import ServerFolder
from api.launch.postgres import LEAST_LOCKS, OLDEST_VERSION, find_binaries

OLDEST_PYTHON = (3, 11)
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
LEAST_FREE_BYTES = 2 << 30  # a term's journal of a large school, with room for its checkpoints


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and the remedy when that is wrong."""

    subject: str
    found: str
    remedy: str | None = None


def command() -> None:
    """Look whether everything OneCard needs is there and healthy; it mends nothing."""
    broken = 0
    for finding in _findings():
        typer.echo(f"{'✗' if finding.remedy else '✓'} {finding.subject}: {finding.found}")
        if finding.remedy:
            broken += 1
            typer.echo(f"  → {finding.remedy}")
    if broken:
        typer.echo(f"{broken} to mend; then run `onecard doctor` again.")
        raise typer.Exit(1)
    typer.echo("All is well.")


def _findings() -> Iterator[Finding]:
    yield _python()
    for subject, look in (
        ("data folder", _data_folder),
        ("PostgreSQL", _postgres),
        ("Redis", _redis),
        ("address", _address),
    ):
        yield from _or_why_not(subject, look)


def _or_why_not(subject: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except Exception as error:
        failure = explain(error)
        if failure is None:
            raise
        yield Finding(subject, failure.message, failure.remedy)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info[:2] < OLDEST_PYTHON
    return Finding("Python", version, "Install Python 3.11 or newer and run `make env`." if old else None)


def _data_folder() -> Iterator[Finding]:
    home = data_home()
    free = shutil.disk_usage(home).free
    low = "Free some space or move ONECARD_HOME to a larger disk." if free < LEAST_FREE_BYTES else None
    yield Finding("data folder", f"{home}, {free >> 30} GB free", low)
    if not os.access(home, os.W_OK):
        raise Failure(f"{home} cannot be written.", "Run it as the user that started OneCard.")


def _postgres() -> Iterator[Finding]:
    if os.environ.get("ONECARD_DATABASE_URL"):
        yield Finding("PostgreSQL binaries", "not needed, ONECARD_DATABASE_URL is set")
    else:
        yield Finding("PostgreSQL binaries", find_binaries(ServerFolder(data_home() / POSTGRES)).source)
    with database() as dsn:
        yield from asyncio.run(_look_into(dsn))


async def _look_into(dsn: str) -> list[Finding]:
    import asyncpg

    from onecard.migrations import pending

    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        show = {
            name: await connection.fetchval("SELECT current_setting($1)", name)
            for name in ("server_version", "server_version_num", "max_locks_per_transaction", *DURABLE)
        }
    finally:
        await connection.close()
    missing = await pending(dsn, school())
    old = int(show["server_version_num"]) < OLDEST_VERSION * 10_000
    unsafe = [name for name in DURABLE if show[name] == "off"]
    locks = int(show["max_locks_per_transaction"])
    return [
        Finding(
            "PostgreSQL",
            show["server_version"],
            f"Upgrade to PostgreSQL {OLDEST_VERSION} or newer." if old else None,
        ),
        Finding(
            "durability",
            f"{', '.join(unsafe)} off" if unsafe else "a committed payment survives a power cut",
            f"Switch {' and '.join(unsafe)} on in postgresql.conf." if unsafe else None,
        ),
        Finding(
            "locks",
            f"{locks} a transaction",
            f"Set max_locks_per_transaction = {LEAST_LOCKS} in postgresql.conf and restart it: every month of the "
            "journal is one more, and years of them do not fit."
            if locks < LEAST_LOCKS
            else None,
        ),
        Finding(
            "migrations",
            f"{len(missing)} pending" if missing else f"schema {school()} is up to date",
            "Run `onecard migrate`." if missing else None,
        ),
    ]


def _redis() -> Iterator[Finding]:
    url = find_redis_url()
    if url is None:
        with EmbeddedValkey(data_home() / VALKEY) as own:
            yield _ping(own)
    else:
        yield _ping(url)


def _ping(url: str) -> Finding:
    return Finding("Redis", f"{ask_redis(url)} answers")


def _address() -> Iterator[Finding]:
    served = listens(host(), port())()
    yield Finding("address", f"{host()}:{port()} {'is served' if served else 'is free'}")
