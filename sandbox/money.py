"""Fen as people read them. The sandbox has its own, as it shares nothing with the business."""

from __future__ import annotations


def yuan(fen: int) -> str:
    """-504 → "-5.04"."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
