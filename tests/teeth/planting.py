"""How a deliberate bug is planted: a posting function with one thing changed, a constraint taken away, a patch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from support.ledger import School

Story = Callable[[School], Awaitable[None]]


@dataclass(frozen=True)
class Sql:
    """In `function` every `old` becomes `new`; it must be there. `also`: a statement beside it."""

    function: str
    old: str
    new: str


@dataclass(frozen=True)
class Bug:
    name: str
    story: Story
    changes: tuple[Sql, ...] = ()
    also: str = ""  # SQL, as the owner of the tables
    patch: Callable[[pytest.MonkeyPatch], None] | None = None

    async def plant(self, connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        for change in self.changes:
            definition = await connection.fetchval(
                "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = $1", change.function
            )
            assert change.old in definition, f"{change.function} reads otherwise by now: {change.old!r}"
            await connection.execute(definition.replace(change.old, change.new))
        if self.also:
            await connection.execute(self.also)
        if self.patch:
            self.patch(monkeypatch)


def drop(table: str, constraint: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {constraint};"
