"""Tills that go on paying while something dies, and what they then know: acknowledged, or never heard."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Unknown = type("Unknown", (Exception,), {"__doc__": "The till heard nothing it could believe."})


@dataclass
class Till:
    """`pay(number)` answers with what identifies the posting, or raises Unknown."""

    pay: Callable[[int], Awaitable[str]]
    acknowledged: dict[int, str] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _stop: bool = False

    async def work(self, hands: int) -> None:
        """So many payments at once, one after the other, until `stop`."""
        await asyncio.gather(*(self._one_hand() for _ in range(hands)))

    def stop(self) -> None:
        self._stop = True

    async def _one_hand(self) -> None:
        while not self._stop:
            number = next(self._numbers)
            try:
                self.acknowledged[number] = await self.pay(number)
            except Unknown:
                self.unknown.add(number)
                await asyncio.sleep(0.02)  # a till does not hammer a dead line

    async def resolve(self) -> None:
        """Asks again for everything unknown, by the same id; and for what was acknowledged: the same answer."""
        for number in sorted(self.unknown):
            self.acknowledged[number] = await self.pay(number)
        self.unknown.clear()
        for number, answer in list(self.acknowledged.items())[::10]:
            assert await self.pay(number) == answer, "another answer for the same id"
