"""Who is asking, and what a role may do. The one table of permissions; `registry/access.py` applies it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    STUDENT = "STUDENT"
    COUNSELOR = "COUNSELOR"
    OPERATOR = "OPERATOR"
    UTILITY_STAFF = "UTILITY_STAFF"
    MERCHANT = "MERCHANT"
    FINANCE = "FINANCE"
    AUDITOR = "AUDITOR"


class Right(StrEnum):
    """What staff may do beyond their own affairs."""

    SEE_PEOPLE = "SEE_PEOPLE"  # any person and their account, bills and recharges
    SEE_CASES = "SEE_CASES"  # money that needs a look
    SEE_TERMINALS = "SEE_TERMINALS"
    REFUND = "REFUND"
    STOP_TERMINALS = "STOP_TERMINALS"


_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.STUDENT: frozenset(),
    Role.COUNSELOR: frozenset(),
    Role.OPERATOR: frozenset(Right),
    Role.UTILITY_STAFF: frozenset(),
    Role.MERCHANT: frozenset(),
    Role.FINANCE: frozenset({Right.SEE_PEOPLE, Right.SEE_CASES}),
    Role.AUDITOR: frozenset({Right.SEE_PEOPLE, Right.SEE_CASES}),
}


@dataclass(frozen=True, slots=True)
class Nobody:
    """Not logged in: sees the school's public face."""

    @property
    def actor(self) -> str:
        return "nobody"


@dataclass(frozen=True, slots=True)
class Person:
    """A login (usr_…); `person_id` and `account_id` are None until the card is bound."""

    login_id: str
    person_id: str | None = None
    account_id: str | None = None
    roles: frozenset[Role] = frozenset()

    @property
    def actor(self) -> str:
        """Who it was, for audit rows and caller keys."""
        return self.person_id or self.login_id


@dataclass(frozen=True, slots=True)
class Gateway:
    """A device gateway (gat_…), which speaks for its own terminals."""

    gateway_id: str

    @property
    def actor(self) -> str:
        return self.gateway_id


Caller = Nobody | Person | Gateway


def has_right(caller: Caller, right: Right) -> bool:
    return isinstance(caller, Person) and any(right in _RIGHTS[role] for role in caller.roles)
