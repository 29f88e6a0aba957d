"""Servers and databases for every test. Nothing starts until a test asks; `-m pure` never asks.

Under pytest-xdist the controller starts the one PostgreSQL and tells its workers where it is, so that it
lives as long as the longest worker; each worker has a Valkey of its own (pub/sub knows no databases).
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis
from support.browser import ARGUMENTS, CHROMIUM
from support.database import create_database, drop_database, ensure_template, run
from support.servers import PostgresServer, running_postgres, server_folder

from api.launch import EmbeddedValkey

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from support.campus import Campus
    from support.dorm import Dorm
    from support.ledger import School
    from support.town import Town

_shared_postgres = pytest.StashKey[AbstractContextManager[PostgresServer]]()
_shared_server = pytest.StashKey[PostgresServer]()


class _Controller:
    """Hooks of the xdist controller; registered only where xdist runs workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node) -> None:
        stash = self._config.stash
        if self._config.option.markexpr.strip() == "pure":
            return
        if _shared_server not in stash:
            stash[_shared_postgres] = running_postgres()
            stash[_shared_server] = stash[_shared_postgres].__enter__()
        node.workerinput["postgres_server"] = asdict(stash[_shared_server])


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.hasplugin("dsession"):
        config.pluginmanager.register(_Controller(config))


def pytest_unconfigure(config: pytest.Config) -> None:
    if _shared_postgres in config.stash:
        config.stash[_shared_postgres].__exit__(None, None, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: while Playwright's driver lives, no event loop can start in its thread."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """The one PostgreSQL of this run (fast, not durable): `.dsn`, `.admin_dsn`."""
    told = getattr(request.config, "workerinput", {}).get("postgres_server")
    if told is not None:
        yield PostgresServer(**told)
        return
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def template_database(postgres_server: PostgresServer) -> str:
    """The name of a database with every migration applied (schema `school`), made once."""
    return run(ensure_template(postgres_server.dsn))


@pytest.fixture
def database(postgres_server: PostgresServer, template_database: str) -> Iterator[str]:
    """The DSN of a fresh migrated database of this test's own; dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield run(create_database(postgres_server.dsn, name, template_database))
    run(drop_database(postgres_server.admin_dsn, name))


@pytest.fixture
def empty_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The DSN of a fresh database without any migration; dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield run(create_database(postgres_server.dsn, name))
    run(drop_database(postgres_server.admin_dsn, name))


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """The URL of this test process's Valkey; use `redis_url`, which is emptied for each test."""
    with server_folder() as folder, EmbeddedValkey(folder / "valkey") as url:
        yield url


@pytest.fixture
def redis_url(valkey_server: str) -> str:
    """The URL of an empty Valkey."""
    with redis.Redis.from_url(valkey_server) as client:
        client.flushall()
    return valkey_server


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests never find the developer's running instance."""
    for name in [name for name in os.environ if name.startswith("ONECARD_")]:
        monkeypatch.delenv(name)


@pytest.fixture
async def school(database: str) -> AsyncIterator[School]:
    """The book alone: people with money, canteens, and a look at the truth in the tables."""
    from support.ledger import open_school

    async with open_school(database) as opened:
        yield opened


@pytest.fixture
async def dorm(school: School) -> Dorm:
    """Its rooms and what is paid for them."""
    from support.dorm import Dorm

    opened = Dorm(school)
    await opened.open()
    return opened


@pytest.fixture
async def town(database: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """The business with its register and fake providers: actions without an API."""
    from support.town import open_town

    async with open_town(database, redis_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def campus(database: str, redis_url: str) -> AsyncIterator[Campus]:
    """The API with the sandbox on: open documents are taken."""
    from support.campus import open_campus

    async with open_campus(database, redis_url) as opened:
        yield opened


@pytest.fixture
async def production(database: str, redis_url: str) -> AsyncIterator[Campus]:
    """The API without a sandbox: trusted documents only."""
    from support.campus import open_campus

    async with open_campus(database, redis_url, sandbox=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium under Playwright's blocking driver; a second driver in one process would fail."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
