"""All lines of a gateway: every meter in turn, those that are silent ever more rarely; and what each is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from devices_gateway.frames.meter_line import FrameError
from devices_gateway.journal import JournalError
from devices_gateway.meter_models import LineConfig, MeterPoint
from devices_gateway.meters.line import Line, LineDown, NoAnswer, Urgency
from devices_gateway.meters.readings import Readings
from devices_gateway.meters.said import Refused, Said
from devices_gateway.meters.speech import open_line, speech_of

MISSES = 3  # rounds without an answer; then a meter is silent
PROBES_S = (30.0, 600.0)  # first and longest pause between questions to a silent one
IDLE_S = 1.0  # on a line that is down, or has nobody to ask

log = structlog.get_logger(__name__)


@dataclass
class _Standing:
    """How a meter has answered lately."""

    misses: int = 0
    silent_since: datetime | None = None
    probe_at_s: float = 0.0
    probe_pause_s: float = field(default_factory=lambda: PROBES_S[0])


class Meters:
    """`run()` polls until cancelled. `find(id)` is where a command goes."""

    def __init__(
        self,
        lines: tuple[LineConfig, ...],
        readings: Readings,
        clock: Callable[[], datetime],
        round_at_least_s: float,
    ) -> None:
        self._lines = {config.name: open_line(config) for config in lines}
        self._configs = lines
        self._readings = readings
        self._clock = clock
        self._round_at_least_s = round_at_least_s
        self._standing: dict[str, _Standing] = {}
        self._points = {
            meter.id: (meter, self._lines[config.name]) for config in lines for meter in config.meters
        }
        self.rounds: dict[str, float] = {}  # line → how long its last round took, in seconds

    def find(self, meter_id: str) -> tuple[MeterPoint, Line[Any, Any]] | None:
        return self._points.get(meter_id)

    @property
    def lines_down(self) -> list[str]:
        return [name for name, line in self._lines.items() if not line.is_up]

    @property
    def silent(self) -> int:
        return sum(standing.silent_since is not None for standing in self._standing.values())

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for config in self._configs:
                group.create_task(self._lines[config.name].run(), name=f"line-{config.name}")
                group.create_task(self._poll(config), name=f"poll-{config.name}")

    async def read(self, meter: MeterPoint, line: Line[Any, Any], urgency: Urgency) -> Said:
        """One meter, and what it said goes to the API. NoAnswer, LineDown, Refused, JournalError."""
        said = await speech_of(meter).read(line, meter, urgency)
        await self._keep(meter, said)
        return said

    async def _poll(self, config: LineConfig) -> None:
        line, loop = self._lines[config.name], asyncio.get_running_loop()
        while True:
            if not await line.wait_until_up(IDLE_S):
                continue
            began = loop.time()
            asked = 0
            for meter in config.meters:
                if not line.is_up:
                    break
                if self._is_due(meter, loop.time()):
                    asked += 1
                    await self._ask(meter, line)
            took = loop.time() - began
            if asked and line.is_up:
                self.rounds[config.name] = took
                await asyncio.sleep(max(0.0, self._round_at_least_s - took))
            else:
                await asyncio.sleep(IDLE_S)

    def _is_due(self, meter: MeterPoint, now_s: float) -> bool:
        standing = self._standing.get(meter.id)
        return standing is None or standing.silent_since is None or now_s >= standing.probe_at_s

    async def _ask(self, meter: MeterPoint, line: Line[Any, Any]) -> None:
        try:
            await self.read(meter, line, Urgency.POLL)
        except (NoAnswer, FrameError, Refused) as nothing:
            await self._miss(meter, nothing)
        except (LineDown, JournalError) as trouble:
            log.warning("meter_not_read", meter=meter.id, reason=repr(trouble))

    async def _keep(self, meter: MeterPoint, said: Said) -> None:
        standing = self._standing.pop(meter.id, None)
        if standing is not None and standing.silent_since is not None:
            log.info("meter_answers_again", meter=meter.id)
        await self._tell(meter, True, _reading(said))

    async def _miss(self, meter: MeterPoint, why: Exception) -> None:
        """After MISSES it is asked ever more rarely: it would hold up its whole line."""
        standing = self._standing.setdefault(meter.id, _Standing())
        standing.misses += 1
        if standing.misses < MISSES:
            return
        if standing.silent_since is None:
            standing.silent_since = self._clock()
            log.warning("meter_silent", meter=meter.id, reason=str(why))
        else:
            standing.probe_pause_s = min(2 * standing.probe_pause_s, PROBES_S[1])
        standing.probe_at_s = asyncio.get_running_loop().time() + standing.probe_pause_s
        try:
            await self._tell(meter, False, {"silentSince": standing.silent_since.isoformat()})
        except JournalError as error:
            log.error("journal_unwritable", reason=str(error))

    async def _tell(self, meter: MeterPoint, heard: bool, said: Mapping[str, Any]) -> None:
        now = self._clock()
        message = {"meter": meter.id, "readAt": now.isoformat(), "heard": heard, **said}
        await self._readings.keep(meter.id, now.timestamp(), message)


def _reading(said: Said) -> dict[str, Any]:
    return {
        "total": _kwh(said.total_wh),
        "powerW": said.power_w,
        "relay": "CLOSED" if said.is_closed else "OPEN",
        "flags": sorted(said.flags),
        "remaining": _kwh(said.remaining_wh),
        "creditCounter": said.credit_counter,
    }


def _kwh(wh: int | None) -> str | None:
    return None if wh is None else f"{wh // 1000}.{wh % 1000:03d}"
