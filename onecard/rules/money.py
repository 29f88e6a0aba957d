"""Money is a whole number of fen (分); people read and write yuan with two decimals.

`parse_yuan("12.30") == 1230`, `format_yuan(-504) == "-5.04"`. Nothing here ever touches a float.
"""

from __future__ import annotations

import re
from typing import NewType

Fen = NewType("Fen", int)

MAXIMUM_FEN = 10**15 - 1  # ten thousand billion yuan: far below int64, so that sums cannot overflow either

_YUAN = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?")


def parse_yuan(text: str) -> Fen:
    """`"12.30"` → 1230. ValueError on more than two decimals, exponents, spaces, '+', or not a string."""
    if not isinstance(text, str):
        raise ValueError(f"an amount is a decimal string, not {type(text).__name__}")
    found = _YUAN.fullmatch(text)
    if found is None:
        raise ValueError("an amount is yuan with at most two decimals, like 12.30")
    sign, yuan, decimals = found.groups()
    fen = int(yuan) * 100 + int((decimals or "").ljust(2, "0"))
    if fen > MAXIMUM_FEN:
        raise ValueError("an amount this large cannot be meant")
    return Fen(-fen if sign else fen)


def format_yuan(amount_fen: int) -> str:
    """1230 → `"12.30"`, -504 → `"-5.04"`."""
    yuan, fen = divmod(abs(amount_fen), 100)
    return f"{'-' if amount_fen < 0 else ''}{yuan}.{fen:02d}"
