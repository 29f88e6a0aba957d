"""No test sleeps to wait: it waits for a condition, with a bound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE_S = 30.0
POLL_S = 0.01


def wait_until(condition: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Return once `condition()` is true; AssertionError naming `what` after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for: {what}"
        time.sleep(POLL_S)


async def until(condition: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> None:
    """`wait_until` for coroutines: the loop runs on meanwhile."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for: {what}"
        await asyncio.sleep(POLL_S)


async def until_told(ask: Callable[[], Awaitable[object]], what: str, timeout_s: float = PATIENCE_S) -> None:
    """`until` for a condition that somebody else is asked for."""
    deadline = time.monotonic() + timeout_s
    while not await ask():
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for: {what}"
        await asyncio.sleep(POLL_S)
