"""绑定: a login becomes a person's by number and query password (身份证后6位)."""

from __future__ import annotations

from onecard.actions.parts import Parts
from onecard.registry.things import Person
from onecard.rules.access import Caller


async def bind_card(parts: Parts, caller: Caller, *, number: str, query_password: str) -> Person:
    """Bind, open the account, and return the person. Binding one's own card again returns it again.

    Refuses BIND_MISMATCH (unknown number and wrong digits alike), ALREADY_BOUND, TOO_MANY_ATTEMPTS,
    SERVICE_UNAVAILABLE, NOT_ALLOWED (not a person).
    """
    raise NotImplementedError
