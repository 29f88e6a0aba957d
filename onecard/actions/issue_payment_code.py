"""付款码: twenty digits that live for a minute and pay once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from onecard.actions.parts import Parts
from onecard.rules.access import Caller


@dataclass(frozen=True, slots=True)
class IssuedCode:
    code: str
    account_id: str
    issued_at: datetime  # the server's time
    renew_at: datetime
    expires_at: datetime


async def issue_payment_code(parts: Parts, caller: Caller) -> IssuedCode:
    """Refuses NOT_BOUND, ACCOUNT_FROZEN, ACCOUNT_CLOSED, TOO_MANY_ATTEMPTS, SERVICE_UNAVAILABLE."""
    raise NotImplementedError
