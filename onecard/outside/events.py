"""Fan-out to subscriptions: “look again”, never a truth. Published after commit; listeners re-read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Events(Protocol):
    def account_changed(self, account_id: str) -> None:
        """Tell listeners of that account. Returns at once and never raises: a lost event is a slower page."""

    def device_command(self, gateway_id: str) -> None:
        """Tell that gateway that there are commands to read."""

    def terminal_changed(self, number: str) -> None:
        """Tell every process to forget what it cached about the terminal."""

    def accounts(self, account_id: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """While open, yields once for each change (several quick ones may be one). Also yields after the
        connection to Redis came back, because something may have been missed."""

    def commands(self, gateway_id: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """The same for a gateway's commands."""
