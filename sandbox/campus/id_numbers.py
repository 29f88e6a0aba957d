"""Invented ID numbers: 18 characters with a true check character, of a region code that does not exist.

GB 11643: 6 digits region, 8 birthday, 3 serial (odd: male), 1 check character (ISO 7064 mod 11-2, 10 is X).
"""

from __future__ import annotations

from datetime import date
from random import Random

NOWHERE = "990000"  # no province is 99: such a number belongs to nobody
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def check_character(first_17: str) -> str:
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def invent_id_number(draw: Random, born: date, gender: str, *, ends_in_x: bool | None = None) -> str:
    """`ends_in_x` insists on the last character; None leaves it to chance (one in eleven is X)."""
    while True:
        serial = draw.randrange(0, 1000, 2) + (gender == "M")
        first_17 = f"{NOWHERE}{born:%Y%m%d}{serial:03d}"
        check = check_character(first_17)
        if ends_in_x is None or ends_in_x == (check == "X"):
            return first_17 + check


def query_password(id_number: str) -> str:
    """查询密码: the last 6 digits; a final X is skipped and the 6 before it count."""
    return id_number.removesuffix("X")[-6:]
