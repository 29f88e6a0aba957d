"""冲正: a till takes back a charge whose reply it never saw, or that the cashier cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from onecard.actions.parts import Parts
from onecard.rules.access import Caller

if TYPE_CHECKING:
    from onecard.ledger.book import Kept, NeverPosted, Reversed


async def reverse_charge(
    parts: Parts, caller: Caller, *, id: str, charge_id: str, terminal: str, occurred_at: datetime
) -> Reversed | Kept | NeverPosted:
    """Mirror the charge sent as `charge_id` by that terminal, at most once.

    Refuses NOT_ALLOWED, TERMINAL_UNKNOWN, ALREADY_REVERSED, IDEMPOTENCY_CONFLICT. A stopped terminal may
    still give back.
    """
    raise NotImplementedError
