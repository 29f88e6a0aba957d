"""Loads a school's rows from JSON lines into the register, and its history through the book.

Idempotent and quick: each kind is one statement over arrays, known codes and numbers are brought up to date,
unchanged people stay untouched. `progress(kind, done, total)` is called as it goes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from onecard.actions.check_references import check_references
from onecard.actions.load_history import load_history
from onecard.actions.load_meters import load_meters, load_usage
from onecard.actions.load_people import load_people
from onecard.actions.parts import Records
from onecard.actions.rows import (
    FILES,
    BuildingRow,
    CampusRow,
    ClassRow,
    DepartmentRow,
    GatewayRow,
    HistoryRow,
    MerchantRow,
    MeterRow,
    PersonRow,
    RoomRow,
    RowsError,
    TerminalRow,
    UsageRow,
)
from onecard.registry.database import transaction
from onecard.rules.ids import new_id

Progress = Callable[[str, int, int], None]
Row = TypeVar("Row")


async def load_rows(records: Records, folder: Path, progress: Progress) -> dict[str, int]:
    """How many rows of each kind the folder holds; RowsError names the row that is wrong."""
    rows: dict[str, list[Any]] = {name: read_rows(folder / name, kind) for name, kind in FILES.items()}
    await check_references(records, rows)
    await _load_places(records, rows, progress)
    people: list[PersonRow] = rows["people.jsonl"]
    await load_people(records, people, lambda done: progress("people", done, len(people)))
    await _load_tills(records, rows, progress)
    meters: list[MeterRow] = rows["meters.jsonl"]
    await load_meters(records, meters, lambda done: progress("meters", done, len(meters)))
    usage: list[UsageRow] = rows["usage.jsonl"]
    await load_usage(records, usage, lambda done: progress("usage", done, len(usage)))
    history: list[HistoryRow] = rows["history.jsonl"]
    await load_history(records, history, lambda done: progress("history", done, len(history)))
    return {name.removesuffix(".jsonl"): len(content) for name, content in rows.items()}


def read_rows(file: Path, kind: type[Row]) -> list[Row]:
    """The rows of one file; none when it is not there."""
    if not file.exists():
        return []
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass, which `type` does not say
    needed = {
        name for name, field in known.items() if field.default is MISSING and field.default_factory is MISSING
    }
    rows = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            read = json.loads(line)
        except json.JSONDecodeError as problem:
            raise RowsError(f"{file.name} line {number}: {problem}") from problem
        if not isinstance(read, dict) or not needed <= set(read) <= set(known):
            raise RowsError(f"{file.name} line {number}: wanted are {', '.join(known)}")
        rows.append(kind(**read))
    return rows


async def _load_places(records: Records, rows: Mapping[str, list[Any]], progress: Progress) -> None:
    campuses: list[CampusRow] = rows["campuses.jsonl"]
    buildings: list[BuildingRow] = rows["buildings.jsonl"]
    rooms: list[RoomRow] = rows["rooms.jsonl"]
    departments: list[DepartmentRow] = rows["departments.jsonl"]
    classes: list[ClassRow] = rows["classes.jsonl"]
    async with transaction(records.database) as connection:
        await connection.execute_query(
            """INSERT INTO campus (id, code, name) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
               ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE campus.name <> excluded.name""",
            columns(3, ((new_id("cam"), row.code, row.name) for row in campuses)),
        )
        await connection.execute_query(
            """INSERT INTO building (id, code, campus_id, name, floors)
               SELECT r.id, r.code, campus.id, r.name, r.floors
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[])
                      AS r (id, code, campus, name, floors)
                 LEFT JOIN campus ON campus.code = r.campus
               ON CONFLICT (code) DO UPDATE
                  SET campus_id = excluded.campus_id, name = excluded.name, floors = excluded.floors
                WHERE (building.campus_id, building.name, building.floors)
                      IS DISTINCT FROM (excluded.campus_id, excluded.name, excluded.floors)""",
            columns(5, ((new_id("bld"), row.code, row.campus, row.name, row.floors) for row in buildings)),
        )
        await connection.execute_query(
            """INSERT INTO room (id, code, building_id, floor, number)
               SELECT r.id, r.code, building.id, r.floor, r.number
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[])
                      AS r (id, code, building, floor, number)
                 LEFT JOIN building ON building.code = r.building
               ON CONFLICT (code) DO UPDATE
                  SET building_id = excluded.building_id, floor = excluded.floor, number = excluded.number
                WHERE (room.building_id, room.floor, room.number)
                      IS DISTINCT FROM (excluded.building_id, excluded.floor, excluded.number)""",
            columns(5, ((new_id("rom"), row.code, row.building, row.floor, row.number) for row in rooms)),
        )
        await connection.execute_query(
            """INSERT INTO department (id, code, name) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
               ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE department.name <> excluded.name""",
            columns(3, ((new_id("dep"), row.code, row.name) for row in departments)),
        )
        await connection.execute_query(
            """INSERT INTO class_group (id, code, department_id, name)
               SELECT r.id, r.code, department.id, r.name
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS r (id, code, department, name)
                 LEFT JOIN department ON department.code = r.department
               ON CONFLICT (code) DO UPDATE SET department_id = excluded.department_id, name = excluded.name
                WHERE (class_group.department_id, class_group.name)
                      IS DISTINCT FROM (excluded.department_id, excluded.name)""",
            columns(4, ((new_id("cls"), row.code, row.department, row.name) for row in classes)),
        )
    progress("places", len(rooms), len(rooms))


async def _load_tills(records: Records, rows: Mapping[str, list[Any]], progress: Progress) -> None:
    merchants: list[MerchantRow] = rows["merchants.jsonl"]
    gateways: list[GatewayRow] = rows["gateways.jsonl"]
    terminals: list[TerminalRow] = rows["terminals.jsonl"]
    async with transaction(records.database) as connection:
        known = await connection.execute_query_dict("SELECT id, code FROM merchant")
        ids = {row["code"]: row["id"] for row in known}
        for merchant in merchants:
            if merchant.code not in ids:
                ids[merchant.code] = new_id("mer")
                await records.book.open_merchant(ids[merchant.code], connection=connection)
        await connection.execute_query(
            """INSERT INTO merchant (id, code, name, place, journal_account)
               SELECT id, code, name, place, 'merchant:' || id
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS r (id, code, name, place)
               ON CONFLICT (code) DO UPDATE SET name = excluded.name, place = excluded.place
                WHERE (merchant.name, merchant.place) IS DISTINCT FROM (excluded.name, excluded.place)""",
            columns(4, ((ids[row.code], row.code, row.name, row.place) for row in merchants)),
        )
        await connection.execute_query(
            """INSERT INTO gateway (id, name, public_key) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, public_key = excluded.public_key
                WHERE (gateway.name, gateway.public_key) IS DISTINCT FROM (excluded.name, excluded.public_key)""",
            columns(3, ((row.id, row.name, row.public_key) for row in gateways)),
        )
        await connection.execute_query(
            """INSERT INTO terminal (id, number, place, merchant_id, gateway_id)
               SELECT r.id, r.number, r.place, merchant.id, r.gateway
                 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
                      AS r (id, number, place, merchant, gateway)
                 LEFT JOIN merchant ON merchant.code = r.merchant
               ON CONFLICT (number) DO UPDATE
                  SET place = excluded.place, merchant_id = excluded.merchant_id,
                      gateway_id = excluded.gateway_id
                WHERE (terminal.place, terminal.merchant_id, terminal.gateway_id)
                      IS DISTINCT FROM (excluded.place, excluded.merchant_id, excluded.gateway_id)""",
            columns(
                5, ((new_id("ter"), row.number, row.place, row.merchant, row.gateway) for row in terminals)
            ),
        )
    progress("terminals", len(terminals), len(terminals))


def columns(width: int, rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    """Rows turned into the `width` arrays that unnest takes."""
    turned = [list(column) for column in zip(*rows, strict=True)]
    return turned or [[] for _ in range(width)]
