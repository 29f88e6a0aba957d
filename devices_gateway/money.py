"""Amounts on their way between frames (whole fen) and GraphQL (yuan as a decimal string)."""

from __future__ import annotations

import re

_YUAN = re.compile(r"(-?)([0-9]{1,12})\.([0-9]{2})", re.ASCII)


def to_yuan(amount_fen: int) -> str:
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"


def to_fen(yuan: str) -> int:
    """ValueError unless exactly two decimals."""
    match = _YUAN.fullmatch(yuan)
    if match is None:
        raise ValueError(f"{yuan!r} is no amount")
    amount = int(match[2]) * 100 + int(match[3])
    return -amount if match[1] else amount
