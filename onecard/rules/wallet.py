"""May this payment start: the posting's gate, as a rule.

The posting function decides the same in SQL, under the wallet's lock; tests/ledger/test_gate.py holds both to
one table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from onecard.rules.kinds import FreezeReason, LimitPeriod
from onecard.rules.policy import PaymentMode, Policy
from onecard.rules.refusals import Refusal, RefusalCode


def refuse_payment(
    policy: Policy,
    amount_fen: int,
    *,
    closed: bool,
    freezes: Sequence[FreezeReason],
    available_fen: int,
    paid_today_fen: int,
    chip: bool = False,
) -> Iterator[Refusal]:
    """Every reason why a payment may not start, the one that decides first; none when it may.

    `chip`: by card. A loss report stops the chip, not the phone code.
    """
    once_fen, day_fen = policy.payment_limit_once_fen, policy.payment_limit_day_fen
    reasons = [str(reason) for reason in freezes if chip or reason is not FreezeReason.LOSS]
    overdraft_fen = 0 if policy.payment_mode is PaymentMode.STRICT else policy.overdraft_limit_fen
    if amount_fen <= 0:
        yield Refusal(RefusalCode.AMOUNT_INVALID, minimum_fen=1, maximum_fen=once_fen)
    if closed:
        yield Refusal(RefusalCode.ACCOUNT_CLOSED)
    if reasons:
        yield Refusal(RefusalCode.ACCOUNT_FROZEN, reasons=reasons)
    if amount_fen > once_fen:
        yield _limit(once_fen, LimitPeriod.ONCE, paid_today_fen)
    elif paid_today_fen + amount_fen > day_fen:
        yield _limit(day_fen, LimitPeriod.DAY, paid_today_fen)
    # 余额大于0才能进行消费.
    if available_fen <= 0 or available_fen - amount_fen < -overdraft_fen:
        yield Refusal(RefusalCode.INSUFFICIENT_BALANCE, available_fen=available_fen, amount_fen=amount_fen)


def _limit(limit_fen: int, period: LimitPeriod, spent_fen: int) -> Refusal:
    return Refusal(
        RefusalCode.PAYMENT_LIMIT_REACHED, limit_fen=limit_fen, period=str(period), spent_fen=spent_fen
    )
