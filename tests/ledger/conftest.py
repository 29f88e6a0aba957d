"""A small school with a book: people with money, canteens, and a look at the truth in the tables."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.ledger import School, open_school


@pytest.fixture
async def school(database: str) -> AsyncIterator[School]:
    async with open_school(database) as school:
        yield school
