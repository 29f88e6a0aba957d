"""预扣: money set aside before it is known how much will be used; captured, released, or expired."""

from __future__ import annotations

from datetime import datetime, timedelta

from onecard.ledger.chapter import Chapter
from onecard.ledger.keys import CallerKey
from onecard.ledger.receipts import HoldCaptured, HoldPlaced, read_receipt
from onecard.rules.ids import new_id


class Holds(Chapter):
    async def place_hold(
        self,
        key: CallerKey,
        account_id: str,
        amount_fen: int,
        *,
        merchant_id: str,
        terminal_id: str | None,
        expires_at: datetime | None = None,
    ) -> HoldPlaced:
        """Sets aside min(amount, available), once available > 0; by default for the policy's hold_expires_s.

        Refuses AMOUNT_INVALID, ACCOUNT_CLOSED, ACCOUNT_FROZEN, PAYMENT_LIMIT_REACHED, INSUFFICIENT_BALANCE.
        """
        until = expires_at or self._clock() + timedelta(seconds=self._policy.hold_expires_s)
        row = await self._answer(
            "SELECT * FROM ledger_place_hold($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            key.text,
            key.body,
            new_id("hol"),
            account_id,
            amount_fen,
            merchant_id,
            terminal_id,
            until,
            self._policy.payment_limit_once_fen,
            self._policy.payment_limit_day_fen,
        )
        hold = await self._row("SELECT amount_fen, expires_at FROM hold WHERE id = $1", row["subject"])
        return HoldPlaced(
            row["subject"], account_id, hold["amount_fen"], hold["expires_at"], row["outcome"] == "REPLAYED"
        )

    async def capture_hold(
        self, key: CallerKey, hold_id: str, metered_fen: int, *, occurred_at: datetime
    ) -> HoldCaptured:
        """Takes what was used, at most the hold; the rest is released, the excess waived and reported.

        Once per hold: a second capture gives the first one's result. After expiry or release it is a fact and
        may overdraw.
        """
        assert metered_fen >= 0, "a meter does not run backwards"
        row = await self._answer(
            "SELECT * FROM ledger_capture_hold($1, $2, $3, $4, $5)",
            key.text,
            key.body,
            hold_id,
            metered_fen,
            occurred_at,
        )
        hold = await self._row("SELECT captured_fen, waived_fen FROM hold WHERE id = $1", hold_id)
        receipt = None if row["transfer_id"] is None else read_receipt(row)
        return HoldCaptured(
            hold_id, hold["captured_fen"], hold["waived_fen"], receipt, row["outcome"] == "REPLAYED"
        )

    async def release_hold(self, key: CallerKey, hold_id: str) -> bool:
        """Gives all of it back: nothing was used. False when it had ended already."""
        row = await self._answer("SELECT * FROM ledger_release_hold($1, $2, $3)", key.text, key.body, hold_id)
        return bool(row["subject"] == "released")

    async def expire_holds(self, now: datetime, limit: int = 500) -> int:
        """Releases the holds whose time is over; how many. The worker asks periodically."""
        return int(await self._value("SELECT ledger_expire_holds($1, $2)", now, limit))
