"""A pretend WeChat and a school that it notifies, each served by a real uvicorn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.wechat import Sandbox, School, prepare_home, running_sandbox, running_school


@pytest.fixture
async def school() -> AsyncIterator[School]:
    async with running_school() as school:
        yield school


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with running_sandbox(prepare_home(tmp_path)) as sandbox:
        yield sandbox
