"""Whoever silences a checker says why, on the same line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[2]
ROOMS = ("api", "bench", "devices_gateway", "onecard", "sandbox", "schema", "tests")
# The marker, its codes, and then words.
SILENCED = re.compile(r"# (?:type: ignore|noqa)")
EXPLAINED = re.compile(r"# (?:type: ignore\[[\w,-]+\]|noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*)\s+(?:-|#|—)\s*\w")


def test_every_suppression_has_its_reason() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if SILENCED.search(line) and not EXPLAINED.search(line)
    ]
    assert wrong == []
