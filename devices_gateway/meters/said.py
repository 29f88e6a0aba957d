"""What a meter says, whatever it speaks."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):
    """The meter says no, in its own words."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a meter said in one round: Wh and W; None: not asked, or it has no such thing."""

    total_wh: int
    power_w: int | None
    is_closed: bool
    flags: frozenset[str]
    remaining_wh: int | None
    credit_counter: int | None
