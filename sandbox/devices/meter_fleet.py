"""All meters of the pretend campus on their lines, in one process. What they have counted outlives a restart."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from devices_gateway.frames.dlt645_relay import Access
from sandbox.devices.meter import MWH, Meter
from sandbox.devices.meter_bus import MeterBus, OnFrame

SAVE_EVERY_S = 10.0
LOADS_W = (40, 260)  # what a room usually draws
FIRST_REGISTER_KWH = (800, 9_000)


@dataclass(frozen=True, slots=True)
class Hung:
    """A meter on a line. `remaining_wh`: what a prepaid one starts with."""

    number: str
    prepaid: bool
    remaining_wh: int


class MeterFleet:
    """`async with MeterFleet(lines, access, state) as fleet`; `fleet["202600170101"]` is that meter.

    `lines`: port → who hangs there. `state`: the file that keeps registers and counters.
    """

    def __init__(
        self,
        lines: Mapping[int, Sequence[Hung]],
        access: Access,
        state: Path,
        *,
        baud: int,
        on_frame: OnFrame = lambda address, direction, frame: None,
    ) -> None:
        self._state = state
        kept: dict[str, dict[str, Any]] = json.loads(state.read_text("utf-8")) if state.exists() else {}
        self._meters: dict[str, Meter] = {}
        self._buses: list[MeterBus] = []
        for port, hung in lines.items():
            meters = [_meter(one, access, kept.get(one.number)) for one in hung]
            self._meters |= {meter.address: meter for meter in meters}
            self._buses.append(MeterBus(meters, port=port, baud=baud, on_frame=on_frame))
        self._running = AsyncExitStack()
        self._saver: asyncio.Task[None] | None = None

    @classmethod
    def from_home(cls, home: Path, **more: Any) -> MeterFleet:
        """The meters of the pretend campus where the gateway's configuration looks for them; none in a campus that was
        made before there were any."""
        config = json.loads((home / "gateway" / "gateway.json").read_text("utf-8"))
        if not config.get("buses"):
            return cls({}, Access(bytes(4), bytes(4)), home / "sandbox" / "meters.json", baud=9600, **more)
        rows = (home / "sandbox" / "rows" / "meters.jsonl").read_text("utf-8").splitlines()
        remaining = {row["number"]: row["remaining_kwh"] or "50" for row in map(json.loads, rows)}
        model = config["meterModels"]["plain"]["relay"]
        lines = {
            bus["port"]: [
                Hung(one["number"], one["model"] == "prepaid", int(float(remaining[one["number"]]) * 1000))
                for one in bus["meters"]
            ]
            for bus in config["buses"]
        }
        access = Access(bytes.fromhex(model["passwordHex"]), bytes.fromhex(model["operatorHex"]))
        return cls(lines, access, home / "sandbox" / "meters.json", baud=config["buses"][0]["baud"], **more)

    def __getitem__(self, number: str) -> Meter:
        return self._meters[number]

    def __contains__(self, number: str) -> bool:
        return number in self._meters

    def __len__(self) -> int:
        return len(self._meters)

    async def __aenter__(self) -> MeterFleet:
        for bus in self._buses:
            await self._running.enter_async_context(bus)
        self._saver = asyncio.create_task(self._save_now_and_then(), name="meters-save")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._saver is not None
        self._saver.cancel()
        await asyncio.gather(self._saver, return_exceptions=True)
        await self._running.aclose()
        self.save()

    def save(self) -> None:
        for meter in self._meters.values():
            meter.run()
        kept = {
            number: {
                "total": meter.total_mwh,
                "remaining": meter.remaining_mwh,
                "count": meter.credit_count,
                "tripped": meter.tripped,
                "locked": meter.locked,
            }
            for number, meter in self._meters.items()
        }
        new = self._state.with_suffix(".new")
        new.write_text(json.dumps(kept), "utf-8")
        new.replace(self._state)

    async def _save_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            self.save()


def _meter(hung: Hung, access: Access, kept: Mapping[str, Any] | None) -> Meter:
    draw = Random(hung.number)  # the same room draws the same at every start
    meter = Meter(
        hung.number,
        access,
        time.time,
        prepaid=hung.prepaid,
        total_mwh=draw.randint(*FIRST_REGISTER_KWH) * 1000 * MWH,
        remaining_mwh=hung.remaining_wh * MWH,
        credit_count=draw.randint(3, 30) if hung.prepaid else 0,
        load_w=draw.randint(*LOADS_W),
    )
    if kept is not None:
        meter.total_mwh, meter.remaining_mwh = kept["total"], kept["remaining"]
        meter.credit_count, meter.tripped = kept["count"], kept["tripped"]
        meter.locked = kept.get("locked", False)  # not in the file of an older campus
    return meter
