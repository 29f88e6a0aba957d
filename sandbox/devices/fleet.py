"""The demo's terminals in one process: each keeps itself signed on, and a page may look and press keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from sandbox.devices.pos import REPLY_TIMEOUT_S, PosTerminal

MAX_TERMINALS = 500


class PosFleet:
    """`async with PosFleet(keys, host, port) as fleet`; `fleet["10000001"].pay(…)`.

    `keys`: terminal number → MAC key; `places`: number → where it stands; `on_change(number)` when a display
    or a state is another one.
    """

    def __init__(
        self,
        keys: Mapping[str, bytes],
        host: str,
        port: int,
        *,
        places: Mapping[str, str] | None = None,
        reply_timeout_s: float = REPLY_TIMEOUT_S,
        on_change: Callable[[str], None] = lambda number: None,
        on_frame: Callable[[str, str, bytes], None] = lambda number, direction, message: None,
    ) -> None:
        assert len(keys) <= MAX_TERMINALS, "a demo's terminals live in one process"
        self._terminals = {
            number: PosTerminal(
                number,
                key,
                host,
                port,
                place=(places or {}).get(number, ""),
                reply_timeout_s=reply_timeout_s,
                on_change=lambda number=number: on_change(number),  # type: ignore[misc]  # the default binds it
                on_frame=lambda direction, message, number=number: on_frame(  # type: ignore[misc]  # the default binds it
                    number, direction, message
                ),
            )
            for number, key in keys.items()
        }
        self._tasks: list[asyncio.Task[None]] = []

    def __getitem__(self, number: str) -> PosTerminal:
        return self._terminals[number]

    def __iter__(self) -> Iterator[PosTerminal]:
        return iter(self._terminals.values())

    def __len__(self) -> int:
        return len(self._terminals)

    async def __aenter__(self) -> PosFleet:
        self._tasks = [
            asyncio.create_task(terminal.run(), name=f"pos-{number}")
            for number, terminal in self._terminals.items()
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        await asyncio.gather(*(terminal.aclose() for terminal in self))
