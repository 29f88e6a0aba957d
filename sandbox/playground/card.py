"""What every card of the playground is: a name, a state, and verbs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

Json = dict[str, Any]
Verb = Callable[[Mapping[str, Any]], Awaitable[Json | None]]


class CardError(Exception):
    """Something the person at the playground can mend; the sentence is shown on the card."""


class Card(Protocol):
    """A device, or a part of the outside world, that can be played by hand."""

    name: str
    verbs: Mapping[str, Verb]

    def state(self) -> Json:
        """What the card shows now; JSON, small, without secrets."""
        ...

    async def start(self, changed: Callable[[], None]) -> None:
        """Begin; call `changed` whenever the state is another one."""
        ...

    async def aclose(self) -> None: ...


def need_text(body: Mapping[str, Any], name: str, *, longest: int = 200) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise CardError(f"{name} 缺失或过长")
    return value.strip()


def need_fen(body: Mapping[str, Any], name: str) -> int:
    """A whole number of fen as typed on a keypad; the rules themselves are the server's to apply."""
    value = body.get(name)
    # DE4 of a POS frame holds 12 digits.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**12:
        raise CardError(f"{name} 应为以分为单位的整数")
    return value


def need_choice(body: Mapping[str, Any], name: str, choices: Mapping[str, str] | tuple[str, ...]) -> str:
    value = body.get(name)
    if not isinstance(value, str) or value not in choices:
        raise CardError(f"{name} 只能是：{'、'.join(choices)}")
    return value
