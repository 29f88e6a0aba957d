"""Why a payment would be refused now, from the same decisions the gate uses."""

from __future__ import annotations

from enum import StrEnum

from onecard.actions.outages import or_unavailable
from onecard.actions.parts import Parts
from onecard.ledger.statements import Wallets, find_wallets
from onecard.rules.policy import Policy
from onecard.rules.refusals import UNPRICED_FEN, Refusal, RefusalCode
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
    wallets = (await find_wallets(parts.database, [account_id])).get(account_id)
    if wallets is None:
        return [Refusal(RefusalCode.NOT_BOUND)]
    return obstacles_of(wallets, parts.policy, via=via, amount_fen=amount_fen)


def obstacles_of(
    wallets: Wallets, policy: Policy, *, via: PaymentChannel, amount_fen: int | None = None
) -> list[Refusal]:
    """The same for an account that was just read: what is shown beside it is of the same moment."""
    refusals = refuse_payment(
        policy,
        SMALLEST_FEN if amount_fen is None else amount_fen,
        closed=wallets.closed_at is not None,
        freezes=wallets.freezes,
        available_fen=wallets.available_fen,
        paid_today_fen=wallets.paid_today_fen,
        chip=via is PaymentChannel.CARD,
    )
    return [_unpriced(one) if amount_fen is None else one for one in refusals]


def _unpriced(refusal: Refusal) -> Refusal:
    """Without the amount that only we have thought of."""
    if refusal.code is not RefusalCode.INSUFFICIENT_BALANCE:
        return refusal
    return Refusal(refusal.code, **refusal.data | {"amount_fen": UNPRICED_FEN})


async def find_lasting_obstacle(parts: Parts, account_id: str, *, via: PaymentChannel) -> Refusal | None:
    """Closed or frozen: what neither another amount nor a recharge at the till would change."""
    obstacles = await find_obstacles(parts, account_id, via=via)
    return next((obstacle for obstacle in obstacles if obstacle.code in _LASTING), None)
