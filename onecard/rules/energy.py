"""Energy in whole Wh; outside as kWh, a decimal string exact to a Wh: "53.734"."""

from __future__ import annotations

import re

_KWH = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,3}))?", re.ASCII)


def parse_kwh(text: str) -> int:
    """Wh of "53.734", "7", "-0.5". ValueError for anything else: exponents, blanks, four decimals."""
    found = _KWH.fullmatch(text)
    if found is None:
        raise ValueError(f"no energy in kWh: {text!r}")
    sign, whole, part = found.groups()
    wh = int(whole) * 1000 + int((part or "").ljust(3, "0"))
    return -wh if sign else wh


def format_kwh(wh: int) -> str:
    """53734 → "53.734"."""
    whole, part = divmod(abs(wh), 1000)
    return f"{'-' if wh < 0 else ''}{whole}.{part:03d}"
