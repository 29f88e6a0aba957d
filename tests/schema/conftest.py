from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.campus import Campus, open_campus


@pytest.fixture
async def campus(database: str, redis_url: str) -> AsyncIterator[Campus]:
    """A sandbox: open documents are taken."""
    async with open_campus(database, redis_url) as opened:
        yield opened


@pytest.fixture
async def production(database: str, redis_url: str) -> AsyncIterator[Campus]:
    """No sandbox: trusted documents only."""
    async with open_campus(database, redis_url, sandbox=False) as opened:
        yield opened
