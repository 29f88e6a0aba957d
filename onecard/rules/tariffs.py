"""What electricity costs: prices in steps of what a room bought in the month, a free quota, each from a day on.

Money is whole fen, energy whole Wh, prices Decimal yuan for a kWh. What money buys is rounded down to a Wh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal

from onecard.rules.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class Step:
    """Up to so many Wh of the month at this price; None: all the rest. `price`: yuan for a kWh, above 0."""

    up_to_wh: int | None
    price: Decimal


@dataclass(frozen=True, slots=True)
class Tariff:
    """In force from that day of the school on. `quota_wh`: free for each room and month; what is left of it lapses
    with the month where `quota_lapses`."""

    since: date
    steps: tuple[Step, ...]
    quota_wh: int = 0
    quota_lapses: bool = True

    def __post_init__(self) -> None:
        bounds = [step.up_to_wh for step in self.steps]
        if not self.steps or bounds[-1] is not None or None in bounds[:-1]:
            raise ValueError("a tariff has steps; the last one, and no other, is without an end")
        ends = [bound for bound in bounds if bound is not None]
        if ends != sorted(set(ends)) or any(end <= 0 for end in ends):
            raise ValueError("the ends of a tariff's steps grow, from above 0")
        if any(step.price <= 0 for step in self.steps):
            raise ValueError("a price is above 0")
        if self.quota_wh < 0:
            raise ValueError("a quota is not below 0")


@dataclass(frozen=True, slots=True)
class Part:
    """What one step gave: so many Wh for so much of the money."""

    price: Decimal
    wh: int
    fen: int


def tariff_on(tariffs: Sequence[Tariff], day: date) -> Tariff:
    """The newest that is in force; the earliest for a day before all of them."""
    in_force = [tariff for tariff in tariffs if tariff.since <= day]
    return max(in_force, key=lambda one: one.since) if in_force else min(tariffs, key=lambda one: one.since)


def month_of(moment: datetime) -> tuple[str, datetime]:
    """The school's month of a moment, "2026-11", and when it began."""
    there = moment.astimezone(SHANGHAI)
    first = there.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return f"{there.year}-{there.month:02d}", first


def price_energy(tariff: Tariff, amount_fen: int, bought_wh: int) -> tuple[Part, ...]:
    """What the money buys for a room that bought so much this month already; the parts' fen sum to the amount.

    30.00 at 0.5583 is 53,734 Wh.
    """
    assert amount_fen >= 0, "money is not below 0"
    parts: list[Part] = []
    left, have = amount_fen, bought_wh
    for step in tariff.steps:
        if left == 0:
            break
        room = None if step.up_to_wh is None else step.up_to_wh - have
        if room is not None and room <= 0:
            continue
        wh = _floor(Decimal(left) * 10 / step.price)
        if room is None or wh <= room:
            parts.append(Part(step.price, wh, left))
            return tuple(parts)
        fen = -_floor(-step.price * room / 10)  # the whole step, rounded up to a fen
        fen = min(fen, left)
        parts.append(Part(step.price, room, fen))
        left -= fen
        have += room
    return tuple(parts)


def price_loan(tariff: Tariff, wh: int, bought_wh: int) -> int:
    """What so many Wh cost a room now, rounded up to a fen."""
    fen = Decimal(0)
    left, have = wh, bought_wh
    for step in tariff.steps:
        room = left if step.up_to_wh is None else max(0, min(left, step.up_to_wh - have))
        fen += step.price * room / 10
        left -= room
        have += room
    return -_floor(-fen)


def _floor(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_FLOOR))
