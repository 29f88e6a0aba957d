"""Fan-out to subscriptions: “look again”, never a truth. Published after commit; listeners re-read.

An event may be lost (Redis away, a full queue) and may come twice. Listeners are woken when Redis comes back,
and those of commands every RECHECK_S besides: a lost event makes a page late, not wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Protocol, Self

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

WAITING = 10_000  # events not yet sent; the same one waits once, further ones are lost
SEND_AT_ONCE = 500
SEND_S = 1.0
LISTEN_S = 1.0  # how long the listening task waits before it looks around
BACK_OFF_S = (0.05, 2.0)  # first and longest pause while Redis is away
RECHECK_S = 15.0

log = structlog.get_logger(__name__)


class Events(Protocol):
    """`account_changed` and its kin return at once and never raise."""

    def account_changed(self, account_id: str) -> None: ...

    def device_command(self, gateway_id: str) -> None:
        """There are commands for that gateway to read."""

    def terminal_changed(self, number: str) -> None:
        """Every process forgets what it kept about that terminal."""

    def accounts(self, account_id: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """While open, yields after a change; several quick ones may be one. The first comes at once."""

    def commands(self, gateway_id: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """The same for a gateway's commands."""


class _Listener:
    """One open iterator: a flag that wakes it."""

    def __init__(self, recheck_s: float | None) -> None:
        self.changed = asyncio.Event()
        self.changed.set()
        self._recheck_s = recheck_s

    def __aiter__(self) -> AsyncIterator[None]:
        return self

    async def __anext__(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._recheck_s):
                await self.changed.wait()
        self.changed.clear()


class _Local:
    """Who listens in this process, by channel."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[_Listener]] = {}

    def wake(self, channel: str) -> None:
        for listener in self.listeners.get(channel, ()):
            listener.changed.set()

    def wake_all(self) -> None:
        for listeners in self.listeners.values():
            for listener in listeners:
                listener.changed.set()


class RedisEvents:
    """`async with RedisEvents(redis, school) as events`: two tasks, one sends and one listens.

    `on_terminal(number)` is called for each change, `on_gap()` when events may have been missed.
    """

    def __init__(
        self,
        redis: Redis,
        prefix: str,
        *,
        on_terminal: Callable[[str], None] = lambda number: None,
        on_gap: Callable[[], None] = lambda: None,
    ) -> None:
        self._redis = redis
        self._prefix = prefix
        self._on_terminal = on_terminal
        self._on_gap = on_gap
        self._local = _Local()
        self._waiting: dict[tuple[str, str], None] = {}  # (channel, message), each once
        self._some = asyncio.Event()
        self._pubsub: PubSub | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._listen())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Until they are done: a cancellation that meets an answer inside redis-py can get lost there.
        while running := [task for task in self._tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=SEND_S)

    @property
    def connected(self) -> bool:
        """Whether what other processes publish arrives here now."""
        return self._pubsub is not None

    def account_changed(self, account_id: str) -> None:
        self._publish(self._account_channel(account_id), "")

    def device_command(self, gateway_id: str) -> None:
        self._publish(self._command_channel(gateway_id), "")

    def terminal_changed(self, number: str) -> None:
        self._on_terminal(number)  # here at once, elsewhere when Redis says so
        self._publish(self._terminals_channel, number)

    def accounts(self, account_id: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        return self._listening(self._account_channel(account_id), None)

    def commands(self, gateway_id: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        return self._listening(self._command_channel(gateway_id), RECHECK_S)

    def _account_channel(self, account_id: str) -> str:
        return f"{self._prefix}:account:{account_id}"

    def _command_channel(self, gateway_id: str) -> str:
        return f"{self._prefix}:commands:{gateway_id}"

    @property
    def _terminals_channel(self) -> str:
        return f"{self._prefix}:terminals"

    def _publish(self, channel: str, message: str) -> None:
        self._local.wake(channel)
        if len(self._waiting) < WAITING:
            self._waiting[channel, message] = None
            self._some.set()

    @asynccontextmanager
    async def _listening(self, channel: str, recheck_s: float | None) -> AsyncIterator[AsyncIterator[None]]:
        listener = _Listener(recheck_s)
        others = self._local.listeners.setdefault(channel, set())
        others.add(listener)
        try:
            if len(others) == 1:
                await self._tell(lambda pubsub: pubsub.subscribe(channel))
            yield listener
        finally:
            others.discard(listener)
            if not others:
                self._local.listeners.pop(channel, None)
                await self._tell(lambda pubsub: pubsub.unsubscribe(channel))

    async def _tell(self, say: Callable[[PubSub], object]) -> None:
        """Change what is subscribed; a lost connection subscribes all anew when it is back."""
        pubsub = self._pubsub
        if pubsub is not None:
            with contextlib.suppress(RedisError, TimeoutError, OSError):
                async with asyncio.timeout(SEND_S):
                    await say(pubsub)  # type: ignore[misc]  # redis-py types this as maybe sync

    async def _send(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            while self._waiting:
                batch = list(self._waiting)[:SEND_AT_ONCE]
                for event in batch:
                    del self._waiting[event]
                try:
                    async with asyncio.timeout(SEND_S), self._redis.pipeline(transaction=False) as pipe:
                        for channel, message in batch:
                            pipe.publish(channel, message)
                        await pipe.execute()
                except (RedisError, TimeoutError, OSError) as problem:
                    log.warning("events_lost", count=len(batch), problem=type(problem).__name__)

    async def _listen(self) -> None:
        pause_s = BACK_OFF_S[0]
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(self._terminals_channel, *self._local.listeners)
                    self._pubsub = pubsub
                    # What was opened while we connected was told to nobody.
                    await pubsub.subscribe(self._terminals_channel, *self._local.listeners)
                    self._on_gap()
                    self._local.wake_all()
                    pause_s = BACK_OFF_S[0]
                    while True:
                        self._take(await pubsub.get_message(timeout=LISTEN_S))
            except (RedisError, TimeoutError, OSError) as problem:
                log.warning("events_interrupted", problem=type(problem).__name__)
            finally:
                self._pubsub = None
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, BACK_OFF_S[1])

    def _take(self, message: dict[str, object] | None) -> None:
        if message is None:
            return
        channel = _text(message["channel"])
        if message["type"] == "message" and channel == self._terminals_channel:
            self._on_terminal(_text(message["data"]))
        elif message["type"] == "subscribe" and channel == self._terminals_channel:
            # The client reconnects and subscribes again by itself; what came meanwhile is lost.
            self._on_gap()
            self._local.wake_all()
        elif message["type"] in ("message", "subscribe"):
            self._local.wake(channel)


class FakeEvents:
    """Within this process; `told` remembers what was published, for tests."""

    def __init__(self) -> None:
        self._local = _Local()
        self.told: list[tuple[str, str]] = []

    def account_changed(self, account_id: str) -> None:
        self._tell("account", account_id)

    def device_command(self, gateway_id: str) -> None:
        self._tell("commands", gateway_id)

    def terminal_changed(self, number: str) -> None:
        self._tell("terminal", number)

    def accounts(self, account_id: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        return self._listening(f"account:{account_id}", None)

    def commands(self, gateway_id: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        return self._listening(f"commands:{gateway_id}", RECHECK_S)

    def _tell(self, kind: str, subject: str) -> None:
        self.told.append((kind, subject))
        self._local.wake(f"{kind}:{subject}")

    @asynccontextmanager
    async def _listening(self, channel: str, recheck_s: float | None) -> AsyncIterator[AsyncIterator[None]]:
        listener = _Listener(recheck_s)
        listeners = self._local.listeners.setdefault(channel, set())
        listeners.add(listener)
        try:
            yield listener
        finally:
            listeners.discard(listener)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
