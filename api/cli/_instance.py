"""Which OneCard a command talks to: the environment's, else the one running in the data folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from api.cli._failure import Failure
from api.launch import EmbeddedPostgres, data_home
from api.launch.postgres import running_dsn
from api.launch.valkey import running_url
from onecard.settings import DEFAULT_HOST, DEFAULT_PORT, DEFAULT_SCHOOL

POSTGRES = "postgres"  # the embedded servers' folders in the data folder
VALKEY = "valkey"
HIGHEST_PORT = 65_533  # the sandbox and the terminals take the two above


def school() -> str:
    return os.environ.get("ONECARD_SCHOOL") or DEFAULT_SCHOOL


def host() -> str:
    return os.environ.get("ONECARD_HOST") or DEFAULT_HOST


def port() -> int:
    """The page's. Failure when ONECARD_PORT is none, or has no room above it."""
    wanted = os.environ.get("ONECARD_PORT") or str(DEFAULT_PORT)
    if not wanted.isascii() or not wanted.isdigit() or not 0 < int(wanted) <= HIGHEST_PORT:
        raise Failure(
            f"ONECARD_PORT is {wanted!r}, which is no port with room for two neighbours.",
            f"Set it to a number from 1 to {HIGHEST_PORT}.",
        )
    return int(wanted)


def given_database_url() -> str | None:
    """ONECARD_DATABASE_URL; UnusableSetting when it, or the school's name, cannot be one."""
    dsn = os.environ.get("ONECARD_DATABASE_URL")
    if not dsn:
        return None
    from onecard.migrations import tortoise_config

    tortoise_config(dsn, school())
    return dsn


def find_database_url() -> str | None:
    """ONECARD_DATABASE_URL, else the DSN of the embedded server when one runs in the data folder."""
    return given_database_url() or running_dsn(data_home() / POSTGRES)


def find_redis_url() -> str | None:
    """ONECARD_REDIS_URL, else the URL of the embedded server when one runs in the data folder."""
    return os.environ.get("ONECARD_REDIS_URL") or running_url(data_home() / VALKEY)


def access_database_url() -> str:
    """As `find_database_url`; Failure when nothing runs."""
    found = find_database_url()
    if found is None:
        raise Failure(
            f"No OneCard runs in {data_home()}.",
            "Start `onecard up` in another terminal, or set ONECARD_HOME or ONECARD_DATABASE_URL.",
        )
    return found


@contextmanager
def database() -> Iterator[str]:
    """A DSN for the length of a command: the running instance's, else the embedded server, started for it."""
    found = find_database_url()
    if found is not None:
        yield found
        return
    with EmbeddedPostgres(data_home() / POSTGRES) as dsn:
        yield dsn
