"""What peers do at the door, in a log that none of them can fill.

Whoever reaches the port may be refused a thousand times a second. The first time is a line; what the same peer does
again is counted and told once a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TOLD_EVERY_S = 60.0
MAX_COUNTED = 1024  # of peers and what they do; beyond it all are counted as one peer
OTHERS = "others"

Say = Callable[..., object]  # log.info, log.warning, …


@dataclass
class _Count:
    say: Say
    facts: Mapping[str, Any]  # of the last time
    again: int = 0


class PeerLog:
    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str | None], _Count] = {}

    def note(self, say: Say, event: str, peer: str, terminal: str | None, **facts: Any) -> None:
        """`terminal` is a proved one, which is counted apart: many may speak from one address."""
        key = (event, peer, terminal)
        if key not in self._counts and len(self._counts) >= MAX_COUNTED:
            key = (event, OTHERS, None)
        known = self._counts.get(key)
        if known is None:
            self._counts[key] = _Count(say, facts)
            say(event, peer=key[1], terminal=key[2], **facts)
        else:
            known.again, known.facts = known.again + 1, facts

    def tell(self) -> None:
        """A line for each that did it again since the last call; the others are forgotten."""
        for key, count in list(self._counts.items()):
            if count.again == 0:
                del self._counts[key]
                continue
            event, peer, terminal = key
            count.say(event, peer=peer, terminal=terminal, again=count.again, **count.facts)
            count.again = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(TOLD_EVERY_S)
            self.tell()
