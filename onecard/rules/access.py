"""Who is calling: a person who logged in, a device gateway, a guest with a pay link, a dashboard, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onecard.rules.refusals import Refusal, RefusalCode


class Role(StrEnum):
    STUDENT = "STUDENT"
    COUNSELOR = "COUNSELOR"
    OPERATOR = "OPERATOR"
    UTILITY_STAFF = "UTILITY_STAFF"
    DEPARTMENT_OFFICE = "DEPARTMENT_OFFICE"
    MERCHANT = "MERCHANT"
    FINANCE = "FINANCE"
    AUDITOR = "AUDITOR"


@dataclass(frozen=True, slots=True)
class Person:
    """A login; `person_id` and `account_id` are None until the card is bound (绑定)."""

    login_id: str
    person_id: str | None = None
    account_id: str | None = None
    roles: frozenset[Role] = frozenset()

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A device gateway; it speaks for the terminals registered to it and for nobody else."""

    gateway_id: str


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who holds a pay link 缴费链接 and showed WeChat who they are; they may pay for its room, no more."""

    link_id: str
    openid: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard outside; it reads usage, of one campus or of all."""

    token_id: str
    campus_id: str | None = None


@dataclass(frozen=True, slots=True)
class Nobody:
    """A caller without a token, or with one that is no longer good."""


Caller = Person | Gateway | Guest | Dashboard | Nobody


def require_person(caller: Caller) -> Person:
    if not isinstance(caller, Person):
        raise Refusal(RefusalCode.NOT_ALLOWED)
    return caller


def require_role(caller: Caller, *roles: Role) -> Person:
    """The person, when one of these roles is theirs; otherwise NOT_ALLOWED."""
    person = require_person(caller)
    if not person.has(*roles):
        raise Refusal(RefusalCode.NOT_ALLOWED)
    return person


def require_gateway(caller: Caller) -> Gateway:
    if not isinstance(caller, Gateway):
        raise Refusal(RefusalCode.NOT_ALLOWED)
    return caller


def require_guest(caller: Caller) -> Guest:
    if not isinstance(caller, Guest):
        raise Refusal(RefusalCode.NOT_ALLOWED)
    return caller
