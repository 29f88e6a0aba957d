"""Databases for tests: made from a migrated template in some 30 ms, gone afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from tortoise.context import TortoiseContext

from onecard.migrations import migrate, tortoise_config

TEMPLATE = "onecard_template"
SCHOOL = "school"

T = TypeVar("T")


def run(work: Coroutine[None, None, T]) -> T:
    """Run `work` on a loop of its own, wherever we are (a synchronous browser test has one running)."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def with_database(dsn: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


@asynccontextmanager
async def connected(dsn: str, school: str = SCHOOL) -> AsyncIterator[asyncpg.Connection]:
    """A plain asyncpg connection with the school's search_path: for looking, and for playing the intruder."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": school})
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def tortoise(dsn: str, school: str = SCHOOL) -> AsyncIterator[TortoiseContext]:
    """Tortoise on `dsn` for the length of the block, closed again; both apps' models."""
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(dsn, school))
        yield context


async def ensure_template(server_dsn: str) -> str:
    """Migrate the template once per server, whichever test process comes first; returns its name."""
    async with connected(server_dsn) as connection:
        await connection.execute("SELECT pg_advisory_lock(hashtext('onecard.template'))")
        if not await connection.fetchval(
            "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datallowconn = false)", TEMPLATE
        ):
            await connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
            await connection.execute(f"CREATE DATABASE {TEMPLATE}")
            await migrate(with_database(server_dsn, TEMPLATE), SCHOOL)
            # Closed to connections: finished, and copying never waits for someone inside.
            await connection.execute(f"ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false")
    return TEMPLATE


async def create_database(server_dsn: str, name: str, template: str = "template1") -> str:
    async with connected(server_dsn) as connection:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return with_database(server_dsn, name)


async def drop_database(server_dsn: str, name: str) -> None:
    """Drop it even when a test left connections behind, or autovacuum is at work: the DSN is the superuser's."""
    async with connected(server_dsn) as connection:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
