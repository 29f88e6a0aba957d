"""May this payment start, what does the sweep move, which freezes remain: the posting's decisions, as rules.

The posting function decides the same in SQL, under the wallet's lock; tests/ledger/test_gate.py holds both to
one table.
"""

from __future__ import annotations

from collections.abc import Sequence

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
) -> Refusal | None:
    """Why a phone payment may not start, the first reason that counts; None when it may."""
    once_fen, day_fen = policy.payment_limit_once_fen, policy.payment_limit_day_fen
    # A loss report stops the chip, not the phone code.
    reasons = [str(reason) for reason in freezes if reason is not FreezeReason.LOSS]
    overdraft_fen = 0 if policy.payment_mode is PaymentMode.STRICT else policy.overdraft_limit_fen
    if amount_fen <= 0:
        return Refusal(RefusalCode.AMOUNT_INVALID, minimum_fen=1, maximum_fen=once_fen)
    if closed:
        return Refusal(RefusalCode.ACCOUNT_CLOSED)
    if reasons:
        return Refusal(RefusalCode.ACCOUNT_FROZEN, reasons=reasons)
    if amount_fen > once_fen:
        return _limit(once_fen, LimitPeriod.ONCE, paid_today_fen)
    if paid_today_fen + amount_fen > day_fen:
        return _limit(day_fen, LimitPeriod.DAY, paid_today_fen)
    # 余额大于0才能进行消费.
    if available_fen <= 0 or available_fen - amount_fen < -overdraft_fen:
        return Refusal(RefusalCode.INSUFFICIENT_BALANCE, available_fen=available_fen, amount_fen=amount_fen)
    return None


def sweep_fen(transition_fen: int, electronic_fen: int) -> int:
    """What goes from electronic to transition, so that transition is not below 0 while electronic has money."""
    return max(0, min(-transition_fen, electronic_fen))


def freezes_after(freezes: Sequence[FreezeReason], balance_fen: int, *, fact: bool) -> list[FreezeReason]:
    """Overdraft comes when a fact leaves the balance below 0, and ends above 0; it never lifts another."""
    if balance_fen > 0:
        return [reason for reason in freezes if reason is not FreezeReason.OVERDRAFT]
    if balance_fen < 0 and fact and FreezeReason.OVERDRAFT not in freezes:
        return [*freezes, FreezeReason.OVERDRAFT]
    return list(freezes)


def refundable_fen(
    paid_fen: int,
    refunded_fen: int,
    *,
    card_fen: int,
    transition_fen: int,
    electronic_fen: int,
    held_fen: int,
) -> int:
    """The most that may go back of one recharge now: what is left of it, lies unheld off the chip, and is
    not owed (a chip below 0)."""
    unheld_fen = transition_fen + electronic_fen - held_fen
    return max(0, min(paid_fen - refunded_fen, unheld_fen, unheld_fen + card_fen))


def _limit(limit_fen: int, period: LimitPeriod, spent_fen: int) -> Refusal:
    return Refusal(
        RefusalCode.PAYMENT_LIMIT_REACHED, limit_fen=limit_fen, period=str(period), spent_fen=spent_fen
    )
