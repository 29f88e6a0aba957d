"""`onecard token --as NUMBER`: one line on standard output, good for ten minutes, in the sandbox only."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.campus import Campus

from api.cli import token
from api.cli._failure import Failure
from api.pretend import is_marked, mark


@pytest.fixture
def shell(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of somebody at the console of this campus."""
    settings = campus.parts.settings
    monkeypatch.setenv("ONECARD_HOME", str(settings.home))
    monkeypatch.setenv("ONECARD_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("ONECARD_REDIS_URL", settings.redis_url)
    monkeypatch.setenv("ONECARD_SANDBOX", "1")
    monkeypatch.setattr(token, "data_home", lambda: settings.home)


async def ask(number: str, *scopes: str) -> str:
    # As from another process: its own loop, its own connections.
    return await asyncio.to_thread(lambda: asyncio.run(token._token(number, frozenset(scopes))))


@pytest.mark.usefixtures("shell")
async def test_the_token_lets_in(campus: Campus) -> None:
    made = await ask("2002001")
    response = await campus.post({"query": "{ me { number } }"}, authorization=f"Bearer {made}")
    assert response.json() == {"data": {"me": {"number": "2002001"}}}


@pytest.mark.usefixtures("shell")
async def test_a_scope_must_exist(campus: Campus) -> None:
    assert (await ask("2002001", "open-documents")).count(".") == 2
    with pytest.raises(Failure, match="no scope"):
        await ask("2002001", "everything")


@pytest.mark.usefixtures("shell")
async def test_who_is_not_bound_has_no_token(campus: Campus) -> None:
    with pytest.raises(Failure, match="2002002"):
        await ask("2002002")


@pytest.mark.usefixtures("shell")
async def test_no_tokens_outside_the_sandbox(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONECARD_SANDBOX", "0")
    with pytest.raises(Failure, match="pretend campus"):
        await ask("2002001")


def test_the_mark_follows_the_last_start(tmp_path: Path) -> None:
    assert not is_marked(tmp_path)
    mark(tmp_path, sandbox=True)
    assert is_marked(tmp_path)
    mark(tmp_path, sandbox=False)
    assert not is_marked(tmp_path)
