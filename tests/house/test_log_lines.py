"""A log line says what it was written for: no name of its facts is one that redaction empties."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from api.logs import HIDDEN, redact

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[2]
FILES = sorted(path for room in ("onecard", "schema", "api") for path in (ROOT / room).rglob("*.py"))


def _facts(file: Path) -> list[tuple[int, str]]:
    """Line and name of every keyword given to `log.…(…)`."""
    calls = (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call))
    return [
        (call.lineno, keyword.arg)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "log"
        for keyword in call.keywords
        if keyword.arg
    ]


def test_there_are_log_lines() -> None:
    assert sum(len(_facts(file)) for file in FILES) > 50


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_fact_is_written_under_a_secret_s_name(file: Path) -> None:
    empty = [
        (line, name) for line, name in _facts(file) if redact(None, "info", {name: "fact"})[name] == HIDDEN
    ]
    assert empty == []
