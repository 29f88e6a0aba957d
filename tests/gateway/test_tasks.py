"""A task that a library talked out of its cancellation ends all the same."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from devices_gateway import tasks


async def test_a_swallowed_cancellation_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "AGAIN_S", 0.01)
    started = asyncio.Event()

    async def stubborn() -> None:
        for _ in range(3):
            with suppress(asyncio.CancelledError):
                started.set()
                await asyncio.sleep(3600)
        await asyncio.sleep(3600)

    task = asyncio.create_task(stubborn())
    await started.wait()
    async with asyncio.timeout(10):
        await tasks.end([task])
    assert task.cancelled()
