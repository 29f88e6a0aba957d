"""Why a payment would be refused now, from the same decisions the gate uses."""

from __future__ import annotations

from enum import StrEnum

from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.ledger.obstacles import find_gate_state
from onecard.rules.refusals import Refusal, RefusalCode
from onecard.rules.wallet import refuse_payment

SMALLEST_FEN = 1  # asked about when no amount is given: is there anything to pay with at all?

_LASTING = (RefusalCode.ACCOUNT_CLOSED, RefusalCode.ACCOUNT_FROZEN)


class PaymentChannel(StrEnum):
    PHONE = "PHONE"
    CARD = "CARD"


@or_unavailable()
async def find_obstacles(
    parts: Parts, account_id: str | None, *, via: PaymentChannel, amount_fen: int | None = None
) -> list[Refusal]:
    """Each obstacle as the refusal it would be (code, message, remedy); empty when it would pass.

    The caller has made sure that the account may be seen. None: not bound.
    """
    if account_id is None:
        return [Refusal(RefusalCode.NOT_BOUND)]
    state = await find_gate_state(parts.database, account_id)
    if state is None:
        return [Refusal(RefusalCode.NOT_BOUND)]
    return list(
        refuse_payment(
            parts.policy,
            SMALLEST_FEN if amount_fen is None else amount_fen,
            closed=state.closed,
            freezes=state.freezes,
            available_fen=state.available_fen,
            paid_today_fen=state.paid_today_fen,
            chip=via is PaymentChannel.CARD,
        )
    )


async def find_lasting_obstacle(parts: Parts, account_id: str, *, via: PaymentChannel) -> Refusal | None:
    """Closed or frozen: what neither another amount nor a recharge at the till would change."""
    obstacles = await find_obstacles(parts, account_id, via=via)
    return next((obstacle for obstacle in obstacles if obstacle.code in _LASTING), None)
