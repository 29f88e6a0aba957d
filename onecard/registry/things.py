"""What the register knows, as values: what `access` hands out and everybody may read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from onecard.rules.access import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the school. `phone` is only for those who may see it; `account_id` from binding on."""

    id: str
    number: str
    name: str
    roles: frozenset[Role]
    department: str | None
    class_name: str | None
    account_id: str | None
    bound_at: datetime | None
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """A WeCom user who came in; a person's from binding on. `openid` is who pays at WeChat."""

    id: str
    wecom_userid: str
    openid: str | None
    person_id: str | None


@dataclass(frozen=True, slots=True)
class Merchant:
    id: str
    name: str
    place: str | None


class TerminalState(StrEnum):
    IN_SERVICE = "IN_SERVICE"
    STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True)
class Terminal:
    """A POS. `number` is DE41, eight digits."""

    id: str
    number: str
    place: str | None
    merchant_id: str
    gateway_id: str
    state: TerminalState
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeviceGateway:
    """`public_key` is PEM (Ed25519); its tokens are verified with it."""

    id: str
    name: str
    public_key: str


class CommandState(StrEnum):
    """PENDING → RECEIVED → SENT → ACKNOWLEDGED → VERIFIED, or one of the ends; only ever forward."""

    PENDING = "PENDING"
    RECEIVED = "RECEIVED"
    SENT = "SENT"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class DeviceCommand:
    """`sequence` counts up per gateway without gaps; `arguments` is JSON text."""

    id: str
    sequence: int
    gateway_id: str
    device: str
    operation: str
    arguments: str
    issued_at: datetime
    expires_at: datetime
    state: CommandState
    reason: str
    detail: str | None
