"""Server-sent events: each page is told the newest state of the cards that changed, never a backlog."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

import orjson

from sandbox.playground.card import Card

KEEP_ALIVE_S = 15.0  # a silent proxy would close the stream otherwise
MOST_STREAMS = 64  # protects the sandbox from a page that reconnects in a loop


class Stream:
    """Marks cards as changed per listener; a slow listener skips states instead of queueing them."""

    def __init__(self, cards: Iterable[Card]) -> None:
        self._cards = {card.name: card for card in cards}
        self._listeners: set[_Listener] = set()

    def announcer(self, name: str) -> Callable[[], None]:
        """What the card of that name calls when its state changed."""

        def announce() -> None:
            for listener in self._listeners:
                listener.mark(name)

        return announce

    @property
    def full(self) -> bool:
        return len(self._listeners) >= MOST_STREAMS

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()

    async def listen(self) -> AsyncIterator[bytes]:
        """The whole state first, then each change, until the page leaves or the sandbox stops."""
        listener = _Listener(self._cards)
        self._listeners.add(listener)
        try:
            while not listener.closed:
                names = await listener.changes()
                if not names:
                    yield b": still here\n\n"
                for name in sorted(names):
                    yield (
                        b"event: "
                        + name.encode()
                        + b"\ndata: "
                        + orjson.dumps(self._cards[name].state())
                        + b"\n\n"
                    )
        finally:
            self._listeners.discard(listener)


class _Listener:
    def __init__(self, names: Iterable[str]) -> None:
        self._dirty = set(names)
        self._woken = asyncio.Event()
        self._woken.set()
        self.closed = False

    def mark(self, name: str) -> None:
        self._dirty.add(name)
        self._woken.set()

    def close(self) -> None:
        self.closed = True
        self._woken.set()

    async def changes(self) -> set[str]:
        """The names that changed; empty when nothing did for a while."""
        try:
            await asyncio.wait_for(self._woken.wait(), KEEP_ALIVE_S)
        except TimeoutError:
            return set()
        self._woken.clear()
        dirty, self._dirty = self._dirty, set()
        return dirty
