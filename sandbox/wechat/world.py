"""The sandbox's one state: keys, people, what is remembered, what is broken, and who wants to know."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sandbox.wechat.bills import Bills
from sandbox.wechat.clockwork import Clockwork
from sandbox.wechat.codepay import CodePay
from sandbox.wechat.faults import Faults
from sandbox.wechat.inbox import Inbox
from sandbox.wechat.people import People
from sandbox.wechat.signing import PaySignatures
from sandbox.wechat.store import Store
from sandbox.wechat.tokens import Tokens
from sandbox.wechat.trades import Trades
from sandbox.wechat_keys import load_keys

# Of WeChat's repeats of a notification: 15 s becomes 1 s. ONECARD_SANDBOX_NOTIFY_SCALE=1 for the real waits.
SCHEDULE_SCALE = 1 / 15


class World:
    """`World(home)`, then `app(world)` and `async with world.running():`.

    Whoever calls `on_change` is told whenever something a playground shows became another.
    """

    def __init__(
        self,
        home: Path,
        *,
        clock: Callable[[], float] = time.time,
        schedule_scale: float | None = None,
        merchant_name: str = "临江职业技术学院",
    ) -> None:
        if schedule_scale is None:
            schedule_scale = float(os.environ.get("ONECARD_SANDBOX_NOTIFY_SCALE", SCHEDULE_SCALE))
        self.clock = clock
        self.merchant_name = merchant_name
        self.keys = load_keys(home)
        self.signatures = PaySignatures(self.keys)
        self._rows = home / "sandbox" / "rows" / "people.jsonl"
        self._people = People.load(self._rows)
        self._listeners: list[Callable[[], None]] = []
        self._store = Store(self.keys.folder / "wechat.db")
        self.faults = Faults(self._store)
        self.trades = Trades(self._store, self.faults, self.keys.names, clock)
        self.codepay = CodePay(self._store, self.faults, self.trades, clock)
        self.bills = Bills(self._store, self.faults, self.trades, self.keys.names, clock)
        self.tokens = Tokens(self._store, self.faults, self.keys.names, clock)
        self.inbox = Inbox(self._store, clock)
        self.clockwork = Clockwork(
            self._store, self.trades, self.codepay, self.signatures, clock, schedule_scale, self.announce
        )

    @property
    def people(self) -> People:
        """Read again while there is nobody: the campus may be written after we started."""
        if not len(self._people):
            self._people = People.load(self._rows)
        return self._people

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def announce(self) -> None:
        """Something changed: the clockwork looks what is due, the listeners look again."""
        self.clockwork.wake()
        for listener in self._listeners:
            listener()

    def set_faults(self, changes: dict[str, Any]) -> None:
        """FaultUnknown changes nothing."""
        self.faults.set(changes)
        if changes.get("token") == "expired":
            self.tokens.end_all()
        self.announce()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Notifications are sent and refunds end by themselves inside; the file is closed afterwards."""
        try:
            async with self.clockwork.running():
                yield
        finally:
            self._store.close()
