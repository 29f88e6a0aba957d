"""The gateway as a whole: its parts, how they start, what runs beside the terminals, how it stops."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog

from devices_gateway.commands import Commands, forget_commands
from devices_gateway.config import CannotListen, Config
from devices_gateway.events import forget_events
from devices_gateway.journal import HIGH_WATER, Journal, JournalError
from devices_gateway.meters.meters import Meters
from devices_gateway.meters.orders import Orders
from devices_gateway.meters.readings import Readings
from devices_gateway.outbox import Backlog, DeadLetter, Outbox, find_backlog
from devices_gateway.sessions.pos import PosServer
from devices_gateway.sessions.pos_sales import PURCHASE, REVERSAL, Sales, SalesPolicy
from devices_gateway.tasks import end
from devices_gateway.transport.api import Api, ApiError, GraphQLApi, about_clock
from devices_gateway.transport.token import TokenSource

HEARTBEAT_S = 30.0
HEARTBEAT_TIMEOUT_S = 10.0
HEARTBEAT_TERMINALS = 500  # the API takes a thousand at a time
HOUSEKEEPING_S = 10.0
AGE_ALARM_S = 300.0  # something has waited that long for the API
KEEP_DAYS = 35  # sales answered; beyond it the API's own key answers a repeat
KEEP_DAYS_WHEN_FULL = 1
KEEP_REVERSALS_DAYS = 320  # few; the API's key would answer the repeat of a reversed sale with its receipt
JOURNAL_PATIENCE_S = 5.0  # a disk that is longer silent hangs
FORGET_AT_ONCE = 2000  # rows per round: the journal has other work too
DRAIN_MARGIN_S = 2.0

log = structlog.get_logger(__name__)


def system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Health:
    """What an operator wants to know of a gateway."""

    gateway: str
    terminals_connected: int
    sales_in_flight: int
    commands_connected: bool
    api_silent_s: float  # it is asked for commands once a minute
    clock_ahead_s: float  # of the API's, when it does not know us for it; else 0
    waiting: int  # messages the API must still hear
    oldest_waiting_s: float
    dead_letters: int
    letters: tuple[DeadLetter, ...]  # the oldest of them
    journal_fullness: float
    lines_down: tuple[str, ...] = ()  # serial servers that do not answer
    meters_silent: int = 0

    @property
    def problems(self) -> list[str]:
        found = []
        if self.clock_ahead_s:
            found.append(f"{about_clock(self.clock_ahead_s)}, which therefore refuses us: set it")
        if self.api_silent_s > AGE_ALARM_S:
            found.append("the API has not answered for minutes")
        if self.oldest_waiting_s > AGE_ALARM_S:
            found.append("the API has not heard everything for minutes")
        if self.dead_letters:
            found.append("dead letters: a person must look")
        if self.journal_fullness >= HIGH_WATER:
            found.append("the journal is nearly full")
        if self.lines_down:
            found.append(f"serial servers that do not answer: {', '.join(self.lines_down)}")
        return found


class Gateway:
    """`async with Gateway(config) as gateway:` serves terminals at `gateway.address`; leaving it drains."""

    def __init__(
        self, config: Config, *, clock: Callable[[], datetime] = system_clock, api: Api | None = None
    ) -> None:
        self._config = config
        self._clock = clock
        self._own_api = None if api else _api(config)
        the_api = api or self._own_api
        assert the_api is not None
        self._api: Api = the_api
        self.journal = Journal(config.journal, config.journal_cap_bytes)
        self.readings = Readings(self.journal, self._api)
        self.meters = Meters(config.lines, self.readings, clock, config.meter_round_at_least_s)
        self.orders = Orders(self.meters, clock)
        self.commands = Commands(self.journal, self._api, config.mac_keys, clock, self.orders)
        self.outbox = Outbox(self.journal, {REVERSAL: self._send_reversal}, lambda: the_api.successes)
        self.sales = Sales(
            self.journal,
            self.outbox,
            self._api,
            SalesPolicy(
                answer_within_s=config.answer_within_s,
                repeat_window_s=config.repeat_window_s,
                show_payer=config.show_payer,
                show_available=config.show_available,
            ),
            is_stopped=self.commands.is_stopped,
            clock=clock,
            boot_id=str(uuid.uuid4()),
        )
        self.pos = PosServer(config.mac_keys, self.sales, is_stopped=self.commands.is_stopped, clock=clock)
        self.address = ("", 0)
        self.failed = asyncio.Event()  # a part ended that should not: better to start again
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Gateway:
        await self.journal.start()
        await self.commands.load()
        if self._own_api is not None:
            await self._own_api.__aenter__()
        try:
            self.address = await self.pos.start(self._config.pos_host, self._config.pos_port)
        except OSError as error:
            await self._close()
            raise CannotListen("posListen", self._config.pos_host, self._config.pos_port) from error
        self._tasks = [
            asyncio.create_task(self.outbox.run(), name="outbox"),
            asyncio.create_task(self.commands.run(), name="commands"),
            asyncio.create_task(self._beat(), name="heartbeat"),
            asyncio.create_task(self._keep_house(), name="housekeeping"),
            asyncio.create_task(self.pos.log.run(), name="peers"),
            asyncio.create_task(self.readings.run(), name="readings"),
        ]
        if self._config.lines:
            self._tasks.append(asyncio.create_task(self.meters.run(), name="meters"))
            await self.commands.resume()
        for task in self._tasks:
            task.add_done_callback(self._on_end)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is in hand, then stop; what is not finished is in the journal."""
        patience_s = self._config.answer_within_s + DRAIN_MARGIN_S
        await self.pos.stop(patience_s)
        await self.sales.drain(patience_s)
        await self.orders.aclose()
        await end(self._tasks)
        await self._close()
        log.info("gateway_stopped", gateway=self._config.gateway_id)

    async def health(self) -> Health:
        """JournalError when the journal cannot be read, or does not answer."""
        try:
            async with asyncio.timeout(JOURNAL_PATIENCE_S):
                backlog = await self.journal.run(find_backlog)
        except TimeoutError:
            raise JournalError(f"it does not answer within {JOURNAL_PATIENCE_S:g} s") from None
        return self._health(backlog)

    def _health(self, backlog: Backlog) -> Health:
        now_s = self._clock().timestamp()
        return Health(
            gateway=self._config.gateway_id,
            terminals_connected=self.pos.connected,
            sales_in_flight=self.sales.in_flight,
            commands_connected=self.commands.is_connected,
            api_silent_s=round(self.commands.silent_s, 1),
            clock_ahead_s=round(self._api.clock_ahead_s, 1),
            waiting=backlog.waiting,
            oldest_waiting_s=max(0.0, now_s - backlog.oldest_s) if backlog.oldest_s is not None else 0.0,
            dead_letters=backlog.dead,
            letters=backlog.letters,
            journal_fullness=round(self.journal.fullness, 4),
            lines_down=tuple(self.meters.lines_down),
            meters_silent=self.meters.silent,
        )

    async def _send_reversal(self, message: Mapping[str, Any]) -> None:
        await self.sales.send_reversal(message)

    async def _beat(self) -> None:
        """Tell the API which terminals were heard; what it did not hear is told with the next beat."""
        while True:
            heard = sorted(self.pos.take_heard())
            for first in range(0, len(heard), HEARTBEAT_TERMINALS):
                some = heard[first : first + HEARTBEAT_TERMINALS]
                message = {"terminals": some, "at": self._clock().isoformat()}
                try:
                    await self._api.call("terminals_seen", {"input": message}, HEARTBEAT_TIMEOUT_S)
                except ApiError as error:
                    log.warning("heartbeat_not_heard", reason=f"{type(error).__name__} {error}")
                    self.pos.put_back(set(some))
            await asyncio.sleep(HEARTBEAT_S)

    async def _keep_house(self) -> None:
        while True:
            try:
                # First: it says so when the journal hangs, for which all that follows waits.
                for problem in (await self.health()).problems:
                    log.error("alarm", problem=problem)
                given_up = await self.sales.give_up_old_ones()
                if given_up:
                    log.warning("sales_given_up", count=given_up)
                await self._forget()
            except JournalError as error:
                log.error("journal_unwritable", reason=str(error))
            await asyncio.sleep(HOUSEKEEPING_S)

    async def _forget(self) -> None:
        now = self._clock()
        full = self.journal.fullness >= HIGH_WATER
        before = now - timedelta(days=KEEP_DAYS_WHEN_FULL if full else KEEP_DAYS)
        for kind, until in ((PURCHASE, before), (REVERSAL, now - timedelta(days=KEEP_REVERSALS_DAYS))):
            await self.journal.run(
                partial(forget_events, kind=kind, before_s=until.timestamp(), limit=FORGET_AT_ONCE)
            )
        await self.journal.run(lambda connection: forget_commands(connection, before))

    def _on_end(self, part: asyncio.Task[None]) -> None:
        if not part.cancelled():
            log.error("part_ended", part=part.get_name(), exc_info=part.exception())
            self.failed.set()

    async def _close(self) -> None:
        if self._own_api is not None:
            await self._own_api.__aexit__()
        await self.journal.aclose()


def _api(config: Config) -> GraphQLApi:
    token = TokenSource(config.gateway_id, config.private_key)
    return GraphQLApi(config.api_url, config.subscription_url, token, config.tls)
