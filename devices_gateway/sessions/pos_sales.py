"""Sees every sale and reversal through, whichever connection it comes on.

A sale: journal → charge with an id made from (terminal, local time, trace) → journal → answer. Whoever asks
again gets the first answer. When the outcome is not known in time, the till is told 91 and a reversal stays
in the outbox until the API has it: nobody pays for a sale that was declined.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sqlite3
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from devices_gateway.events import (
    Answer,
    Event,
    Known,
    answer_event,
    find_event,
    find_unanswered,
    keep_reversal,
    record_event,
)
from devices_gateway.frames.iso8583 import PurchaseRequest, ReversalRequest, local_time, mask
from devices_gateway.journal import Journal, JournalError
from devices_gateway.money import to_yuan
from devices_gateway.outbox import Outbox, Outgoing, Undeliverable, enqueue
from devices_gateway.sessions import pos_answers as answers
from devices_gateway.tasks import end
from devices_gateway.transport.api import Api, ApiError, Failed

LAST_WRITE_S = 1.0  # for the journal, once the time for asking the API is over; then the till hears nothing
MAX_IN_FLIGHT = 512  # sales at once; more are declined, so that those in flight get their answer in time
ATTEMPT_TIMEOUT_S = 3.0
FIRST_RETRY_S = 0.1
LONGEST_RETRY_S = 1.0
REVERSAL_TIMEOUT_S = 10.0
CLOCK_BELIEVED = timedelta(days=1)  # a till's clock that is further off says nothing about when it reversed
MAX_AMOUNT_FEN = 100_000_000  # what nobody can mean; the school's limits are the API's

PURCHASE, REVERSAL = "PURCHASE", "REVERSAL"
_CALLER_IDS = uuid.UUID("5b0f1c5e-6f0d-5d0a-9d6b-3a0f6f6f8583")

log = structlog.get_logger(__name__)


def charge_id(terminal: str, occurred_at: datetime, trace: str) -> str:
    """The caller id of a sale: the same for every repeat of its frame."""
    return str(uuid.uuid5(_CALLER_IDS, f"{terminal}|{occurred_at:%Y-%m-%dT%H:%M:%S}|{trace}"))


def reversal_id(charge: str) -> str:
    """The caller id of a sale's reversal: one, whoever asks for it."""
    return str(uuid.uuid5(_CALLER_IDS, f"reversal|{charge}"))


class Unanswerable(Exception):
    """The journal cannot be read, or does not answer: what became of this message is not known, so nothing true
    can be said."""


@dataclass(frozen=True)
class SalesPolicy:
    answer_within_s: float
    repeat_window_s: float
    show_payer: bool
    show_available: bool


@dataclass(frozen=True)
class _InFlight:
    body: bytes
    answer: asyncio.Task[Answer]


class Sales:
    """Shared by all sessions of the gateway; each sale has one task here."""

    def __init__(
        self,
        journal: Journal,
        outbox: Outbox,
        api: Api,
        policy: SalesPolicy,
        *,
        is_stopped: Callable[[str], bool],
        clock: Callable[[], datetime],
        boot_id: str,
    ) -> None:
        self._journal = journal
        self._outbox = outbox
        self._api = api
        self._policy = policy
        self._is_stopped = is_stopped
        self._clock = clock
        self._boot_id = boot_id
        self._began_s = time.monotonic()
        self._in_flight: dict[str, _InFlight] = {}
        self._keeping: dict[str, asyncio.Task[Answer]] = {}  # reversals on their way to the disk, by their id
        self._doomed: dict[str, str] = {}  # charge → terminal; declined without a durable row saying so

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    async def purchase(self, request: PurchaseRequest, raw: bytes) -> Answer:
        """What the till is told, now and whenever it asks again; Unanswerable. `raw` is kept: it comes masked."""
        now = self._clock()
        ask_until = asyncio.get_running_loop().time() + self._policy.answer_within_s
        occurred_at = local_time(request.sent_at, now)
        event = Event(
            id=charge_id(request.terminal, occurred_at, request.trace),
            boot_id=self._boot_id,
            device=request.terminal,
            device_sequence=request.trace,
            kind=PURCHASE,
            occurred_at=occurred_at,
            observed_at=now,
            body=_digest(request.terminal, request.amount_fen, request.code),
            payload={"amountFen": request.amount_fen, "code": mask(request.code)},
            raw_hex=raw.hex(),
        )
        running = self._in_flight.get(event.id)
        if running is None:
            if len(self._in_flight) >= MAX_IN_FLIGHT:
                log.warning("too_many_sales", terminal=request.terminal, charge=event.id)
                return await self._in_time(self._answer_without_charging(event, request))
            task = asyncio.create_task(self._see_through(event, request, ask_until), name=f"sale-{event.id}")
            running = self._in_flight[event.id] = _InFlight(event.body, task)
            task.add_done_callback(lambda _: self._in_flight.pop(event.id, None))
        elif running.body != event.body:
            return answers.DUPLICATE
        # The sale goes on when its connection breaks: the repeat comes on another one.
        return await self._in_time(asyncio.shield(running.answer))

    async def reverse(self, request: ReversalRequest, raw: bytes) -> Answer:
        """Answered once it is durable here: the terminal may forget it, the outbox does not. Unanswerable."""
        now = self._clock()
        charge = charge_id(
            request.terminal, local_time(request.original.sent_at, now), request.original.trace
        )
        told = local_time(request.sent_at, now)
        decided_at = told if abs(told - now) <= CLOCK_BELIEVED else now
        event, outgoing = self._reversal(charge, request.terminal, decided_at, request.trace, raw.hex())
        keeping = self._keeping.get(event.id)
        if keeping is None:
            keeping = self._keeping[event.id] = asyncio.create_task(
                self._keep_reversal(charge, event, outgoing)
            )
            keeping.add_done_callback(lambda _: self._keeping.pop(event.id, None))
        return await self._in_time(asyncio.shield(keeping))

    async def send_reversal(self, message: Mapping[str, Any]) -> None:
        """The outbox's sender. Each of the three outcomes is the end of it: the money is where it belongs."""
        data = await self._api.call("charge_reverse", {"input": message}, REVERSAL_TIMEOUT_S)
        try:
            result = data["chargeReverse"]
            outcome = result["__typename"]
        except (KeyError, TypeError) as error:
            raise Failed("an answer that cannot be read") from error
        if outcome not in ("ChargeReversed", "ReversalKept", "ChargeNeverPosted", "AlreadyReversed"):
            raise Undeliverable(str(result.get("code", outcome)))
        log.info("reversed", charge=message["charge"], outcome=outcome)

    async def give_up_old_ones(self) -> int:
        """Decline and reverse sales that were left unanswered and no terminal asks for any more.

        Those of earlier runs wait `repeat_window_s` from this start, however long nobody was here.
        """
        window_s = self._policy.repeat_window_s
        before_s = self._clock().timestamp() - window_s
        earlier_runs = time.monotonic() - self._began_s >= window_s
        left = await self._journal.run(
            lambda connection: find_unanswered(
                connection, PURCHASE, self._boot_id, before_s, earlier_runs=earlier_runs
            )
        )
        given_up = [*self._doomed.items(), *(entry for entry in left if entry[0] not in self._in_flight)]
        for event_id, terminal in given_up:
            await self._settle(event_id, terminal, answers.UNRESOLVED)
            self._doomed.pop(event_id, None)
        return len(given_up)

    async def drain(self, timeout_s: float) -> None:
        """Let what is in flight end; what does not is in the journal, unanswered."""
        tasks = [*(running.answer for running in self._in_flight.values()), *self._keeping.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=timeout_s)
            await end(late)

    async def _in_time(self, answer: Awaitable[Answer]) -> Answer:
        """`answer`, or Unanswerable when a till's patience is nearly over: a disk can hang for minutes."""
        try:
            async with asyncio.timeout(self._policy.answer_within_s + LAST_WRITE_S):
                return await answer
        except TimeoutError:
            log.error("journal_silent", after_s=self._policy.answer_within_s + LAST_WRITE_S)
            raise Unanswerable("the journal does not answer") from None

    async def _keep_reversal(self, charge: str, event: Event, outgoing: Outgoing) -> Answer:
        try:
            is_new = await self._journal.run(
                lambda connection: keep_reversal(connection, event, answers.REVERSAL_KEPT, outgoing)
            )
        except JournalError as error:
            log.error("reversal_not_kept", terminal=event.device, charge=charge, reason=str(error))
            return answers.REVERSAL_NOT_KEPT
        if is_new:
            self._outbox.wake(event.device)
            log.info("reversal_kept", terminal=event.device, charge=charge, reversal=event.id)
        return answers.REVERSAL_KEPT

    # ── one sale ─────────────────────────────────────────────────────────────────────────────────────────

    async def _answer_without_charging(self, event: Event, request: PurchaseRequest) -> Answer:
        """Too much is in hand: nothing new is begun, but who was answered before is answered the same."""
        known = await self._take(event, request, begins=False)
        if not isinstance(known, Answer):
            raise Unanswerable("left unanswered, and too much is in hand to ask")
        return known

    async def _see_through(self, event: Event, request: PurchaseRequest, ask_until: float) -> Answer:
        known = await self._take(event, request, begins=self._journal.fullness < 1.0)
        if isinstance(known, Answer):
            return known
        if event.id in self._doomed:
            answer = answers.UNRESOLVED
        else:
            answer = await self._charge(event, request, ask_until, may_have_acted=known is not None)
        try:
            return await self._settle(event.id, request.terminal, answer)
        except JournalError as error:
            # It may be charged and cannot be written: the till is told no, so it has to end in a reversal.
            log.error("answer_not_kept", terminal=request.terminal, charge=event.id, reason=str(error))
            self._doomed[event.id] = request.terminal
            return answers.UNRESOLVED

    async def _take(self, event: Event, request: PurchaseRequest, *, begins: bool) -> Answer | Known | None:
        """Journal the sale: its answer if it has one, Known if it was left unanswered, None if it is new.

        Unless it `begins`, a new one is BUSY and leaves no trace.
        """
        is_new = False  # as far as the journal could still be read
        refused: Answer | None = None
        if not 1 <= request.amount_fen <= MAX_AMOUNT_FEN:
            refused = answers.AMOUNT_INVALID
        elif self._is_stopped(request.terminal):
            refused = answers.STOPPED

        def take(connection: sqlite3.Connection) -> Answer | Known | None:
            nonlocal is_new
            known = find_event(connection, event.id)
            is_reversed = find_event(connection, reversal_id(event.id)) is not None
            if known is None:
                is_new = True
                if not begins:
                    return answers.BUSY
                decided = answers.REVERSED if is_reversed else refused
                record_event(connection, event, decided)
                return decided
            if known.body != event.body:
                return answers.DUPLICATE
            if is_reversed and (known.answer is None or known.answer.response_code == answers.APPROVED):
                return answers.REVERSED  # the money goes back: this sale is not to be served any more
            return known.answer or known

        try:
            outcome = await self._journal.run(take)
        except JournalError as error:
            log.error("sale_not_kept", terminal=request.terminal, charge=event.id, reason=str(error))
            if not is_new:
                raise Unanswerable("the journal cannot be read") from error
            return answers.NOT_KEPT
        if self._journal.fullness >= 1.0 and outcome == answers.BUSY:
            log.error("journal_full", terminal=request.terminal, charge=event.id)
        return outcome

    async def _charge(
        self, event: Event, request: PurchaseRequest, until: float, *, may_have_acted: bool
    ) -> Answer:
        """Ask until the API says, or the till's time is up (which it may be before: nothing is asked then)."""
        message = {
            "id": event.id,
            "code": request.code,
            "amount": to_yuan(request.amount_fen),
            "terminal": request.terminal,
            "occurredAt": event.occurred_at.isoformat(),
        }
        loop = asyncio.get_running_loop()
        retry_s = FIRST_RETRY_S
        while (left_s := until - loop.time()) > 0:
            try:
                data = await self._api.call(
                    "payment_code_charge", {"input": message}, min(left_s, ATTEMPT_TIMEOUT_S)
                )
                result = data["paymentCodeCharge"]
                answer = self._answer(event, request, result)
                if may_have_acted and result.get("code") in answers.DECIDED_BEFORE_THE_ID:
                    return answers.UNRESOLVED  # an earlier attempt may have been charged all the same
                return answer
            except ApiError as error:
                may_have_acted |= error.may_have_acted
                reason = f"{type(error).__name__} {error}"
            except (KeyError, TypeError, ValueError) as error:  # an answer we cannot read is no answer
                may_have_acted = True
                reason = repr(error)
            log.warning("charge_not_answered", terminal=request.terminal, charge=event.id, reason=reason)
            pause_s = retry_s * random.uniform(0.5, 1.0)  # noqa: S311 - spreading, not secrecy
            await asyncio.sleep(min(pause_s, max(0.0, until - loop.time())))
            retry_s = min(LONGEST_RETRY_S, retry_s * 2)
        return answers.UNRESOLVED if may_have_acted else answers.BUSY

    def _answer(self, event: Event, request: PurchaseRequest, result: Mapping[str, Any]) -> Answer:
        answer = answers.answer_to_charge(
            result,
            request.amount_fen,
            show_payer=self._policy.show_payer,
            show_available=self._policy.show_available,
        )
        log.info(
            "sale_answered",
            terminal=request.terminal,
            charge=event.id,
            outcome=result["__typename"],
            response_code=answer.response_code,
            amount_fen=request.amount_fen,
            code=mask(request.code),
            replayed=result.get("replayed"),
        )
        return answer

    async def _settle(self, event_id: str, terminal: str, answer: Answer) -> Answer:
        """Make `answer` the answer for good; reversed meanwhile: declined; UNRESOLVED: reverses it."""
        now = self._clock()
        reversal, outgoing = self._reversal(event_id, terminal, now, "", "")

        def settle(connection: sqlite3.Connection) -> Answer:
            known = find_event(connection, event_id)
            assert known is not None, "a sale is journaled before it is charged"
            if known.answer is not None:
                return known.answer
            decided = answer
            if find_event(connection, reversal.id) is not None:
                decided = answers.REVERSED
            elif answer == answers.UNRESOLVED:
                record_event(connection, reversal, answers.REVERSAL_KEPT)
                enqueue(connection, outgoing, now.timestamp())
            answer_event(connection, event_id, decided)
            return decided

        decided = await self._journal.run(settle)
        if decided == answers.UNRESOLVED:
            log.warning("sale_given_up", terminal=terminal, charge=event_id)
            self._outbox.wake(terminal)
        return decided

    def _reversal(
        self, charge: str, terminal: str, occurred_at: datetime, trace: str, raw_hex: str
    ) -> tuple[Event, Outgoing]:
        event = Event(
            id=reversal_id(charge),
            boot_id=self._boot_id,
            device=terminal,
            device_sequence=trace,
            kind=REVERSAL,
            occurred_at=occurred_at,
            observed_at=self._clock(),
            body=charge.encode(),
            payload={"charge": charge},
            raw_hex=raw_hex,
        )
        message = {
            "id": event.id,
            "charge": charge,
            "terminal": terminal,
            "occurredAt": occurred_at.isoformat(),
        }
        return event, Outgoing(event.id, terminal, REVERSAL, message)


def _digest(terminal: str, amount_fen: int, code: str) -> bytes:
    return hashlib.sha256(f"{terminal}|{amount_fen}|{code}".encode()).digest()


def masked(raw: bytes, code: str) -> bytes:
    """The frame as it may be kept: of the payment code only the last four digits."""
    kept = code[-4:] if len(code) > 4 else ""
    return raw.replace(code.encode(), kept.encode().rjust(len(code), b"*"))
