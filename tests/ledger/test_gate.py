"""One table for the rule and for the function in the database: they decide alike."""

import pytest
from support.database import connected

from onecard.rules.kinds import FreezeReason
from onecard.rules.policy import PaymentMode, Policy
from onecard.rules.refusals import Refusal
from onecard.rules.wallet import refuse_payment

LOSS, OVERDRAFT, OPERATOR = FreezeReason.LOSS, FreezeReason.OVERDRAFT, FreezeReason.OPERATOR
STRICT = Policy()
POSITIVE = Policy(payment_mode=PaymentMode.POSITIVE, overdraft_limit_fen=200)

# amount, closed, freezes, available, paid today → STRICT, POSITIVE (None: may start)
PAYMENTS = [
    (1, False, [], 1, 0, None, None),
    (2, False, [], 1, 0, "INSUFFICIENT_BALANCE", None),
    (201, False, [], 1, 0, "INSUFFICIENT_BALANCE", None),
    (202, False, [], 1, 0, "INSUFFICIENT_BALANCE", "INSUFFICIENT_BALANCE"),
    (1, False, [], 0, 0, "INSUFFICIENT_BALANCE", "INSUFFICIENT_BALANCE"),
    (1, False, [], -5, 0, "INSUFFICIENT_BALANCE", "INSUFFICIENT_BALANCE"),
    (0, False, [], 100, 0, "AMOUNT_INVALID", "AMOUNT_INVALID"),
    (-1, True, [OPERATOR], 100, 0, "AMOUNT_INVALID", "AMOUNT_INVALID"),
    (1, True, [OPERATOR], 100, 0, "ACCOUNT_CLOSED", "ACCOUNT_CLOSED"),
    (1, False, [LOSS], 100, 0, None, None),
    (1, False, [LOSS, OPERATOR, OVERDRAFT], 100, 0, "ACCOUNT_FROZEN", "ACCOUNT_FROZEN"),
    (30_000, False, [], 50_000, 0, None, None),
    (30_001, False, [], 50_000, 0, "PAYMENT_LIMIT_REACHED", "PAYMENT_LIMIT_REACHED"),
    (20_000, False, [], 50_000, 30_000, None, None),
    (20_001, False, [], 50_000, 30_000, "PAYMENT_LIMIT_REACHED", "PAYMENT_LIMIT_REACHED"),
]


@pytest.mark.parametrize(("policy", "column"), [(STRICT, 5), (POSITIVE, 6)], ids=["strict", "positive"])
async def test_the_gate(database, policy, column):
    async with connected(database) as connection:
        for row in PAYMENTS:
            amount_fen, closed, freezes, available_fen, paid_today_fen = row[:5]
            ruled = next(
                refuse_payment(
                    policy,
                    amount_fen,
                    closed=closed,
                    freezes=freezes,
                    available_fen=available_fen,
                    paid_today_fen=paid_today_fen,
                ),
                None,
            )
            told = await connection.fetchval(
                "SELECT ledger_gate($1, $2, $3, $4, $5, $6, $7, $8)",
                amount_fen,
                closed,
                freezes,
                available_fen,
                paid_today_fen,
                policy.payment_limit_once_fen,
                policy.payment_limit_day_fen,
                policy.overdraft_limit_fen,
            )
            assert (str(ruled.code) if ruled else None) == row[column], row
            assert (Refusal.restore(told) if told else None) == ruled, row


# freezes, balance after, was a fact → freezes after: overdraft comes by a fact and ends above 0, no other does.
FREEZES = [
    ([], -1, True, [OVERDRAFT]),
    ([], -1, False, []),
    ([], 0, True, []),
    ([OVERDRAFT], -1, True, [OVERDRAFT]),
    ([OVERDRAFT], 0, False, [OVERDRAFT]),
    ([OVERDRAFT], 1, False, []),
    ([LOSS, OVERDRAFT, OPERATOR], 1, True, [LOSS, OPERATOR]),
    ([LOSS, OPERATOR], -1, True, [LOSS, OPERATOR, OVERDRAFT]),
    ([LOSS], 1, True, [LOSS]),
]


async def test_the_freezes(database):
    async with connected(database) as connection:
        for freezes, balance_fen, fact, after in FREEZES:
            told = await connection.fetchval("SELECT ledger_freezes($1, $2, $3)", freezes, fact, balance_fen)
            assert told == after, (freezes, balance_fen, fact)
