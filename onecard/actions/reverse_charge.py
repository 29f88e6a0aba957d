"""冲正: a till takes back a charge whose reply it never saw, or that the cashier cancelled."""

from __future__ import annotations

from datetime import datetime

import structlog

from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.ledger.book import Kept, NeverPosted, Reversed, caller_key, key_text
from onecard.rules.access import Caller

log = structlog.get_logger(__name__)


@or_unavailable()
async def reverse_charge(
    parts: Parts, caller: Caller, *, id: str, charge_id: str, terminal: str, occurred_at: datetime
) -> Reversed | Kept | NeverPosted:
    """Mirror the charge sent as `charge_id` by that terminal, at most once.

    Refuses NOT_ALLOWED, TERMINAL_UNKNOWN, ALREADY_REVERSED, IDEMPOTENCY_CONFLICT; SERVICE_UNAVAILABLE, storing
    nothing. A stopped terminal may still give back.
    """
    till = await parts.registry.access_terminal(caller, terminal)
    outcome = await parts.book.reverse(
        caller_key(till.id, id, reverses=charge_id),
        key_text(till.id, charge_id),  # a terminal takes back its own charges and nobody else's
        terminal_id=till.id,
        occurred_at=min(occurred_at, parts.clock()),  # days late it may come, but from no future
    )
    if not outcome.replayed:
        log.info("reversed", terminal=till.id, outcome=type(outcome).__name__)
        if isinstance(outcome, Reversed) and outcome.receipt.account_id is not None:
            parts.events.account_changed(outcome.receipt.account_id)
    return outcome
