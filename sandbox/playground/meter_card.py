"""A dormitory meter as a card: what it shows, what is plugged in behind it, and what is wrong with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.devices.meter import MWH, Meter
from sandbox.devices.meter_fleet import MeterFleet
from sandbox.playground.card import CardError, Json, Verb, need_choice, need_text

HEATER_W = 1800
LOOKS_EVERY_S = 1.0
FAULTS = ("silent", "noise", "bad_checksum", "wrong_address", "relay_stuck", "drop_next_reply")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a meter hangs."""

    building: str
    room: str
    number: str


class MeterCard:
    """One of the fleet's meters at a time; `show` chooses it."""

    name = "meter"

    def __init__(self, fleet: MeterFleet, places: Sequence[Place], first: str) -> None:
        self._fleet = fleet
        self._places = {place.number: place for place in places}
        self._number = first
        self._looking: asyncio.Task[None] | None = None
        self._changed: Callable[[], None] = lambda: None
        self.verbs: Mapping[str, Verb] = {
            "rooms": self._rooms,
            "show": self._show,
            "plug": self._plug,
            "fault": self._play_fault,
        }

    @classmethod
    def from_home(cls, home: Path, fleet: MeterFleet) -> MeterCard:
        """The meters of the pretend campus, the first student's first."""
        rows = home / "sandbox" / "rows"
        names = {row["code"]: row["name"] for row in _read(rows / "buildings.jsonl")}
        rooms = {row["code"]: row for row in _read(rows / "rooms.jsonl")}
        places = [
            Place(names[rooms[row["room"]]["building"]], rooms[row["room"]]["number"], row["number"])
            for row in _read(rows / "meters.jsonl")
        ]
        lives = next((row["room"] for row in _read(rows / "people.jsonl") if row.get("room")), None)
        of_room = {row["room"]: row["number"] for row in _read(rows / "meters.jsonl")}
        return cls(fleet, places, of_room.get(lives, places[0].number))

    def state(self) -> Json:
        meter, place = self._meter, self._places[self._number]
        meter.run()
        return {
            "number": self._number,
            "building": place.building,
            "room": place.room,
            "buildings": list(dict.fromkeys(one.building for one in self._places.values())),
            "power": _power(meter),
            "powerW": meter.power_w,
            "totalWh": meter.total_mwh // MWH,
            "remainingWh": meter.remaining_mwh // MWH if meter.prepaid else None,
            "creditCount": meter.credit_count if meter.prepaid else None,
            "plugged": meter.heater_w > 0,
            "faults": {name: bool(getattr(meter.faults, name)) for name in FAULTS},
        }

    async def start(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._looking = asyncio.create_task(self._look(changed), name="meter-card")

    async def aclose(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    @property
    def _meter(self) -> Meter:
        return self._fleet[self._number]

    async def _look(self, changed: Callable[[], None]) -> None:
        shown = self.state()
        while True:
            await asyncio.sleep(LOOKS_EVERY_S)
            if (now := self.state()) != shown:
                shown = now
                changed()

    async def _rooms(self, body: Mapping[str, Any]) -> Json:
        """The rooms of a building, with their meters."""
        building = need_text(body, "building")
        found = [
            {"room": place.room, "number": place.number}
            for place in self._places.values()
            if place.building == building
        ]
        return {"rooms": found}

    async def _show(self, body: Mapping[str, Any]) -> None:
        number = need_text(body, "number")
        if number not in self._places:
            raise CardError("没有这块电表")
        self._number = number
        self._changed()

    async def _plug(self, body: Mapping[str, Any]) -> None:
        """An immersion heater in or out."""
        self._meter.heater_w = HEATER_W if need_flag(body, "on") else 0
        self._meter.run()
        self._changed()

    async def _play_fault(self, body: Mapping[str, Any]) -> None:
        name = need_choice(body, "fault", FAULTS)
        on = need_flag(body, "on")
        setattr(self._meter.faults, name, int(on) if name == "drop_next_reply" else on)
        self._changed()


def need_flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if not isinstance(value, bool):
        raise CardError(f"{name} 只有开和关")
    return value


def _power(meter: Meter) -> str:
    if meter.locked:
        return "LOCKED"
    if meter.cut_at is not None:
        return "CUT"
    return "OFF" if meter.tripped else "ON"


def _read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
