"""Why a payment would be refused now, from the same decisions the gate uses."""

from __future__ import annotations

from enum import StrEnum

from onecard.actions.parts import Parts
from onecard.rules.refusals import Refusal


class PaymentChannel(StrEnum):
    PHONE = "PHONE"
    CARD = "CARD"


async def find_obstacles(
    parts: Parts, account_id: str | None, *, via: PaymentChannel, amount_fen: int | None = None
) -> list[Refusal]:
    """Each obstacle as the refusal it would be (code, message, remedy); empty when it would pass.

    The caller has made sure that the account may be seen. None: not bound.
    """
    raise NotImplementedError
