"""Rows name each other by code: before anything is written, every code must be in the rows or in the register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onecard.actions.parts import Records
from onecard.actions.rows import RowsError

# A file's field → the file whose rows it names, their field, and the table that holds what was loaded before.
_REFERENCES = (
    ("buildings", "campus", "campuses", "code", "campus"),
    ("rooms", "building", "buildings", "code", "building"),
    ("classes", "department", "departments", "code", "department"),
    ("people", "department", "departments", "code", "department"),
    ("people", "class_name", "classes", "code", "class_group"),
    ("people", "room", "rooms", "code", "room"),
    ("terminals", "merchant", "merchants", "code", "merchant"),
    ("terminals", "gateway", "gateways", "id", "gateway"),
    ("meters", "gateway", "gateways", "id", "gateway"),
    ("meters", "room", "rooms", "code", "room"),
)


async def check_references(records: Records, rows: Mapping[str, list[Any]]) -> None:
    """RowsError names the first code that nobody has, and the line that wants it."""
    for file, field, target, key, table in _REFERENCES:
        given = {getattr(row, key) for row in rows[f"{target}.jsonl"]}
        wanted = {code for row in rows[f"{file}.jsonl"] if (code := getattr(row, field)) not in given}
        missing = wanted - {None}
        if missing:
            found = await records.database.execute_query_dict(
                f"SELECT {key} AS code FROM {table} WHERE {key} = ANY ($1)",  # noqa: S608 - our own names, above
                [sorted(missing)],
            )
            missing -= {row["code"] for row in found}
        for number, row in enumerate(rows[f"{file}.jsonl"], 1):
            if getattr(row, field) in missing:
                raise RowsError(
                    f"{file}.jsonl line {number}: there is no {field} {getattr(row, field)}, "
                    f"neither in {target}.jsonl nor loaded before"
                )
