"""What a file of settings says, of the kind that is wanted; ValueError otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is wanted")
    return value


def read_whole(value: object) -> int:
    if type(value) is not int:
        raise ValueError("a whole number is wanted")
    return value


def check_entries(given: Mapping[str, Any], known: Collection[str], what: str) -> None:
    unknown = set(given) - set(known)
    if unknown:
        raise ValueError(f"no such entry of {what}: {', '.join(sorted(unknown))}")
