"""What WeChat does by itself: refunds and code payments end, notifications are repeated until they are taken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from sandbox.wechat.codepay import CodePay
from sandbox.wechat.signing import PaySignatures
from sandbox.wechat.store import Row, Store
from sandbox.wechat.trades import Trades, wechat_time

# WeChat's own waits between attempts, 24 h 4 min in all; times `schedule_scale`.
SCHEDULE_S = (
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
)  # fmt: skip
ANSWER_S = 5.0  # a receiver slower than this has not taken it
AT_ONCE = 8
LONGEST_ANSWER = 200
_SUMMARIES = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}


class Clockwork:
    def __init__(
        self,
        store: Store,
        trades: Trades,
        codepay: CodePay,
        signatures: PaySignatures,
        clock: Callable[[], float],
        schedule_scale: float,
        announce: Callable[[], None],
    ) -> None:
        self._store = store
        self._trades = trades
        self._codepay = codepay
        self._signatures = signatures
        self._clock = clock
        self._scale = schedule_scale
        self._announce = announce
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def due_notices(self) -> list[Row]:
        return self._store.all(
            "SELECT * FROM notice WHERE next_at <= ? ORDER BY next_at LIMIT ?", self._clock(), AT_ONCE
        )

    async def _run(self) -> None:
        async with httpx.AsyncClient(timeout=ANSWER_S, follow_redirects=False) as http:
            while True:
                self._woken.clear()
                for refund in self._trades.due_refunds():
                    self._trades.finish_refund(refund["out_refund_no"], refund["outcome"])
                if self._codepay.finish_due():
                    self._announce()
                notices = self.due_notices()
                if notices:
                    await asyncio.gather(*(self._deliver(http, notice) for notice in notices))
                    self._announce()
                    continue
                try:
                    async with asyncio.timeout(self._wait_s()):  # wait_for may lose a cancellation
                        await self._woken.wait()
                except TimeoutError:
                    continue

    def _wait_s(self) -> float | None:
        row = self._store.find("SELECT min(next_at) AS at FROM notice WHERE next_at IS NOT NULL")
        notice_at: float | None = row["at"] if row else None
        due = (notice_at, self._trades.next_refund_at(), self._codepay.next_at())
        times = [at for at in due if at is not None]
        return max(min(times) - self._clock(), 0.01) if times else None

    async def _deliver(self, http: httpx.AsyncClient, notice: Row) -> None:
        if notice["mode"] == "double" and notice["attempts"] == 0:
            first, second = await asyncio.gather(self._send(http, notice), self._send(http, notice))
            taken, answer = first[0] or second[0], first[1]
        else:
            taken, answer = await self._send(http, notice)
        attempts = notice["attempts"] + 1
        left = not taken and attempts <= len(SCHEDULE_S)
        now = self._clock()
        self._store.do(
            # `next_at IS ?`: somebody asked for another one meanwhile, and that one is sent.
            "UPDATE notice SET attempts = ?, delivered_at = ?, answer = ?,"
            " next_at = CASE WHEN next_at IS ? THEN ? ELSE next_at END WHERE id = ?",
            attempts,
            now if taken else None,
            answer,
            notice["next_at"],
            now + SCHEDULE_S[attempts - 1] * self._scale if left else None,
            notice["id"],
        )

    async def _send(self, http: httpx.AsyncClient, notice: Row) -> tuple[bool, str]:
        body, headers = self.envelope(notice)
        try:
            answer = await http.post(notice["url"], content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            return False, type(problem).__name__
        taken = answer.status_code in (200, 204)
        return taken, f"{answer.status_code} {answer.text[:LONGEST_ANSWER]}".strip()

    def envelope(self, notice: Row) -> tuple[bytes, dict[str, str]]:
        """The notification as it goes out now: freshly signed, the same id in every repeat."""
        kind = "transaction" if notice["event"].startswith("TRANSACTION.") else "refund"
        now = self._clock()
        envelope = {
            "id": notice["id"],
            "create_time": wechat_time(now),
            "resource_type": "encrypt-resource",
            "event_type": notice["event"],
            "summary": _SUMMARIES[notice["event"]],
            "resource": self._signatures.sealed(notice["plain"].encode(), kind),
        }
        body = json.dumps(envelope, ensure_ascii=False).encode()
        headers = self._signatures.headers(body, now)
        if notice["mode"] == "tamper":
            body = body.replace(b'"ciphertext": "', b'"ciphertext": "A', 1)
        return body, {**headers, "Content-Type": "application/json"}
