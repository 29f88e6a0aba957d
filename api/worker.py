"""The worker: jobs that the ledger enqueued, and scans that do by state what must be done by somebody.

Any number may run at once. A scan finds what a lost job forgot, so a job is a quicker way and never the only
one; messages alone have no scan, for a lost one loses no money. A lost database or Redis ends nothing: the
worker waits and goes on. SIGTERM: what is in hand is finished.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder
from pgqueuer.db import AsyncpgDriver
from pgqueuer.domain.settings import DBSettings
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from pgqueuer.types import Channel

from onecard.actions.expire_commands import expire_commands
from onecard.actions.find_power import find_power
from onecard.actions.forget_old import forget_old
from onecard.actions.keep_power import keep_power
from onecard.actions.look_after_recharge import look_after_recharge
from onecard.actions.outages import AWAY, DATABASE_AWAY
from onecard.actions.parts import Parts
from onecard.actions.post_energy import grant_quotas, post_consumption
from onecard.actions.read_at_moves import look_for_moves, read_at_move
from onecard.actions.return_suspense import return_suspense
from onecard.actions.send_alerts import look_for_alerts, send_alert
from onecard.actions.settle_electricity import look_after_electricity
from onecard.actions.settle_refund import send_refund
from onecard.actions.tell_holder import tell_holder
from onecard.bootstrap import build
from onecard.ledger.energy import find_unsettled_electricity
from onecard.ledger.jobs import QUERY_RECHARGE, QUERY_REFUND, TELL_HOLDER
from onecard.ledger.receipts import LedgerUnavailable
from onecard.ledger.seal import seal_pending
from onecard.ledger.unsettled import find_cases_to_return, find_open_refunds, find_unpaid_orders
from onecard.migrations import jobs_channel
from onecard.registry.alerts import find_waiting
from onecard.rules.kinds import ElectricityState
from onecard.settings import Settings

JOBS_AT_ONCE = 20
LOOK_S = 10.0  # for jobs whose notification was lost
FINISH_S = 20.0  # for what is in hand when asked to stop
PAUSES_S = (0.2, 10.0)  # first and longest wait for a database that is away
SCAN_S = 300.0  # one scan, however much it found
ROWS_A_SCAN = 200
LOST_AFTER = timedelta(minutes=10)  # an order that old without an end has lost its job
ASKED_AFTER = timedelta(minutes=1)  # an order for electricity that old, and not paid: its page may be gone
GOING_ON = (ElectricityState.PAID, ElectricityState.DELIVERING, ElectricityState.UNKNOWN)

# When to ask again about an order or a refund, or to try a message again: soon at first, then every ten minutes.
_ASK_AGAIN_S = (15, 30, 60, 120, 300, 600)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Scan:
    """`run` answers how much it did; it is logged when it did something."""

    name: str
    every_s: float
    run: Callable[[Parts], Awaitable[int]]


async def work(settings: Settings, stop: asyncio.Event, *, scans: tuple[Scan, ...] | None = None) -> None:
    """Until `stop` is set. Raises SettingsError and its kin; outages it waits out."""
    pause_s = PAUSES_S[0]
    while not stop.is_set():
        try:
            async with build(settings, application_name="onecard worker") as parts:
                log.info("worker_ready", school=settings.school)
                pause_s = PAUSES_S[0]
                await work_with(parts, stop, SCANS if scans is None else scans)
        except (LedgerUnavailable, *DATABASE_AWAY) as problem:
            log.warning("worker_waits_for_the_database", problem=type(problem).__name__, pause_s=pause_s)
            await _pause(stop, pause_s)
            pause_s = min(pause_s * 2, PAUSES_S[1])


async def work_with(parts: Parts, stop: asyncio.Event, scans: tuple[Scan, ...]) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_run_jobs(parts, stop))
        for scan in scans:
            group.create_task(_scan(parts, stop, scan))


# Jobs ---------------------------------------------------------------------------------------------------


async def _run_jobs(parts: Parts, stop: asyncio.Event) -> None:
    """One connection of our own to listen on; when it breaks, another."""
    pause_s = PAUSES_S[0]
    while not stop.is_set():
        try:
            async with _listening_connection(parts.settings) as connection:
                manager = _manager(parts, connection)
                stopper = asyncio.create_task(_stop_with(stop, manager))
                try:
                    pause_s = PAUSES_S[0]
                    await manager.run(
                        dequeue_timeout=timedelta(seconds=LOOK_S),
                        max_concurrent_tasks=JOBS_AT_ONCE,
                        batch_size=JOBS_AT_ONCE // 2,
                        shutdown_on_listener_failure=True,
                    )
                finally:
                    stopper.cancel()
        # Whatever ended the queue: what it had picked comes back by its heartbeat.
        except Exception as problem:
            log.warning("jobs_interrupted", problem=repr(problem), pause_s=pause_s)
        await _pause(stop, pause_s)
        pause_s = min(pause_s * 2, PAUSES_S[1])


@asynccontextmanager
async def _listening_connection(settings: Settings) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(
        settings.database_url,
        timeout=10,
        command_timeout=30,
        server_settings={"search_path": settings.school, "application_name": "onecard worker jobs"},
    )
    try:
        yield connection
    finally:
        try:
            await connection.close(timeout=5)
        except (TimeoutError, *DATABASE_AWAY):
            connection.terminate()


def _manager(parts: Parts, connection: Any) -> QueueManager:
    channel = Channel(jobs_channel(parts.settings.school))
    names = DBSettings(channel=channel)
    queries = Queries(
        AsyncpgDriver(connection),
        qbe=QueryBuilderEnvironment(names),
        qbq=QueryQueueBuilder(names),
    )
    manager = QueueManager(queries, channel=channel)

    @manager.entrypoint(QUERY_RECHARGE)
    async def query_recharge(job: Job) -> None:
        await _ask(job, look_after_recharge(parts, _payload(job)["outTradeNo"]))

    @manager.entrypoint(QUERY_REFUND)
    async def query_refund(job: Job) -> None:
        await _ask(job, send_refund(parts, _payload(job)["outRefundNo"]))

    @manager.entrypoint(TELL_HOLDER)
    async def tell(job: Job) -> None:
        news = _payload(job)
        await _ask(job, tell_holder(parts, news["subject"], int(news["transferId"]), job.attempts))

    return manager


async def _ask(job: Job, asking: Coroutine[Any, Any, bool]) -> None:
    """Again later while there is no end, or nobody answers; not before the provider wants it."""
    delay = timedelta(seconds=_ASK_AGAIN_S[min(job.attempts, len(_ASK_AGAIN_S) - 1)])
    try:
        ended = await asking
    except AWAY as problem:
        told = timedelta(seconds=getattr(problem, "retry_after_s", None) or 0)
        raise RetryRequested(max(delay, told), type(problem).__name__) from problem
    if not ended:
        raise RetryRequested(delay, "no end yet")


def _payload(job: Job) -> dict[str, str]:
    payload: dict[str, str] = json.loads(job.payload or b"{}")
    return payload


async def _stop_with(stop: asyncio.Event, manager: QueueManager) -> None:
    await stop.wait()
    manager.shutdown.set()


# Scans --------------------------------------------------------------------------------------------------


async def _scan(parts: Parts, stop: asyncio.Event, scan: Scan) -> None:
    while not stop.is_set():
        try:
            async with asyncio.timeout(SCAN_S):
                done = await scan.run(parts)
            if done:
                log.info("scanned", scan=scan.name, done=done)
        except Exception as problem:  # the next turn finds what this one left
            log.warning("scan_failed", scan=scan.name, problem=repr(problem))
        await _pause(stop, scan.every_s)


async def expire_holds(parts: Parts) -> int:
    return await parts.book.expire_holds(parts.clock(), ROWS_A_SCAN)


async def close_day(parts: Parts) -> int:
    await parts.book.close_day_if_due()
    return 0


async def roll_up(parts: Parts) -> int:
    return await parts.book.roll_up()


async def seal(parts: Parts) -> int:
    async with parts.database.acquire_connection() as connection:
        await seal_pending(connection)
    return 0


async def ensure_partitions(parts: Parts) -> int:
    return await parts.book.ensure_partitions()


async def look_for_orders(parts: Parts) -> int:
    before = parts.clock() - LOST_AFTER
    return await _each(
        parts, look_after_recharge, await find_unpaid_orders(parts.database, before, ROWS_A_SCAN)
    )


async def look_for_refunds(parts: Parts) -> int:
    before = parts.clock() - LOST_AFTER
    return await _each(parts, send_refund, await find_open_refunds(parts.database, before, ROWS_A_SCAN))


async def return_cases(parts: Parts) -> int:
    return await _each(parts, return_suspense, await find_cases_to_return(parts.database, ROWS_A_SCAN))


async def look_for_electricity(parts: Parts) -> int:
    """Orders that are paid, being delivered or in doubt go on; unpaid ones are asked for and closed in time."""
    now = parts.clock()
    going = await find_unsettled_electricity(parts.database, GOING_ON, now, ROWS_A_SCAN)
    unpaid = await find_unsettled_electricity(
        parts.database, (ElectricityState.ORDERED,), now - ASKED_AFTER, ROWS_A_SCAN
    )
    return await _each(parts, look_after_electricity, [order.id for order in (*going, *unpaid)])


async def look_for_power(parts: Parts) -> int:
    rooms = {room.room_id: room for room in await find_power(parts)}
    return await _each(parts, lambda parts, room_id: keep_power(parts, rooms[room_id]), list(rooms))


async def send_alerts(parts: Parts) -> int:
    waiting = {str(one.id): one for one in await find_waiting(parts.database, ROWS_A_SCAN)}
    return await _each(parts, lambda parts, id: send_alert(parts, waiting[id]), list(waiting))


async def look_for_moved(parts: Parts) -> int:
    """Both rooms of somebody who moved are read at once."""
    moves = {f"{move.residence_id}:{move.meter_id}": move for move in await look_for_moves(parts)}
    return await _each(parts, lambda parts, key: read_at_move(parts, moves[key]), list(moves))


async def _each(parts: Parts, verb: Callable[[Parts, str], Awaitable[bool]], subjects: list[str]) -> int:
    """One after the other: the provider limits us, and nobody waits. One that fails stops no other."""
    ended = 0
    for subject in subjects:
        try:
            ended += await verb(parts, subject)
        except Exception as problem:
            log.warning("left_for_later", subject=subject, problem=repr(problem))
    return ended


SCANS = (
    Scan("expire_holds", 5, expire_holds),
    Scan("close_day", 15, close_day),
    Scan("roll_up", 20, roll_up),
    Scan("seal", 30, seal),
    Scan("return_cases", 20, return_cases),
    Scan("look_for_orders", 60, look_for_orders),
    Scan("look_for_refunds", 60, look_for_refunds),
    Scan("expire_commands", 20, expire_commands),
    Scan("look_for_electricity", 15, look_for_electricity),
    Scan("look_for_power", 5, look_for_power),
    Scan("look_for_alerts", 15, look_for_alerts),
    Scan("send_alerts", 5, send_alerts),
    Scan("look_for_moved", 20, look_for_moved),
    Scan("post_consumption", 60, post_consumption),
    Scan("grant_quotas", 300, grant_quotas),
    Scan("ensure_partitions", 3600, ensure_partitions),
    Scan("forget_old", 3600, forget_old),
)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """That long, or until asked to stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
