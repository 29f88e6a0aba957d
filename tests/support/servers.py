"""The servers of a test run: one PostgreSQL for the session, one Valkey for each test process."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.launch import EmbeddedPostgres


@dataclass(frozen=True)
class PostgresServer:
    """`dsn` reaches the database `onecard` as its owner, who may create databases; `admin_dsn` may all."""

    dsn: str
    admin_dsn: str


@contextmanager
def server_folder() -> Iterator[Path]:
    """A short-named folder that the servers' unprivileged user reaches (pytest's tmp_path is not)."""
    folder = Path(tempfile.mkdtemp(prefix="onecard-test-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    with server_folder() as folder:
        postgres = EmbeddedPostgres(folder / "postgres", durable=False)
        dsn = postgres.start()
        try:
            yield PostgresServer(dsn, postgres.admin_dsn)
        finally:
            postgres.stop()
