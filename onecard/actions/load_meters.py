"""Brings the register's meters up to date with the school's rows, and opens the energy of their rooms."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from onecard.actions.parts import Records
from onecard.actions.rows import MeterRow, RowsError, UsageRow
from onecard.registry.database import transaction
from onecard.rules.energy import parse_kwh
from onecard.rules.ids import check_id, new_id
from onecard.rules.kinds import MeterWay

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

_NUMBER = re.compile("[0-9A-Za-z]{4,20}")
AT_ONCE = 20_000  # days of usage a statement

# An installation that the rows say otherwise of ends now.
_END = """
    UPDATE meter m SET removed_at = greatest(m.installed_at, $4)
      FROM unnest($1::text[], $2::text[], $3::text[]) AS w (number, room, gateway)
      LEFT JOIN room r ON r.code = w.room
     WHERE m.removed_at IS NULL AND (m.number = w.number OR m.room_id = r.id)
       AND (m.number, coalesce(m.room_id, ''), m.gateway_id) <> (w.number, coalesce(r.id, ''), w.gateway)
"""
_WRITE = """
    INSERT INTO meter (id, number, model, protocol, way, room_id, gateway_id, bus, installed_at)
    SELECT w.id, w.number, w.model, w.protocol, w.way, r.id, w.gateway, w.bus, $9
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
           WITH ORDINALITY AS w (id, number, model, protocol, way, room, gateway, bus, place)
      LEFT JOIN room r ON r.code = w.room
     ORDER BY w.place
    ON CONFLICT (number) WHERE removed_at IS NULL DO UPDATE
       SET model = excluded.model, protocol = excluded.protocol, way = excluded.way, bus = excluded.bus
     WHERE (meter.model, meter.protocol, meter.way, meter.bus)
           IS DISTINCT FROM (excluded.model, excluded.protocol, excluded.way, excluded.bus)
"""


async def load_meters(records: Records, meters: Sequence[MeterRow], progress: Callable[[int], None]) -> None:
    """RowsError names the row that is wrong."""
    if not meters:
        return
    for number, row in enumerate(meters, 1):
        _check(number, row)
    async with transaction(records.database) as connection:
        await connection.execute_query(
            _END,
            [
                [row.number for row in meters],
                [row.room for row in meters],
                [row.gateway for row in meters],
                records.clock(),
            ],
        )
        columns = [
            [row.id or new_id("met") for row in meters],
            [row.number for row in meters],
            [row.model for row in meters],
            [row.protocol for row in meters],
            [row.way for row in meters],
            [row.room for row in meters],
            [row.gateway for row in meters],
            [row.bus for row in meters],
        ]
        await connection.execute_query(_WRITE, [*columns, records.clock()])
        await _bring_along(connection, meters)
    progress(len(meters))


async def load_usage(records: Records, usage: Sequence[UsageRow], progress: Callable[[int], None]) -> None:
    """RowsError names the first row that is wrong; a meter that is not installed is one."""
    for start in range(0, len(usage), AT_ONCE):
        batch = usage[start : start + AT_ONCE]
        numbers, days, energies = [], [], []
        for number, row in enumerate(batch, start + 1):
            try:
                days.append(date.fromisoformat(row.day))
                energies.append(parse_kwh(row.kwh))
            except ValueError as problem:
                raise RowsError(f"usage.jsonl line {number}: {problem}") from problem
            numbers.append(row.meter)
        missing = await records.database.execute_query_dict(
            """SELECT w.number FROM unnest($1::text[]) AS w (number)
                WHERE NOT EXISTS (SELECT FROM meter m WHERE m.number = w.number AND m.removed_at IS NULL) LIMIT 1""",
            [sorted(set(numbers))],
        )
        if missing:
            raise RowsError(f"usage.jsonl: no meter {missing[0]['number']} is installed")
        await records.database.execute_query(
            """INSERT INTO usage_day (meter_id, day, room_id, wh, complete)
               SELECT m.id, w.day, m.room_id, w.wh, true
                 FROM unnest($1::text[], $2::date[], $3::bigint[]) AS w (number, day, wh)
                 JOIN meter m ON m.number = w.number AND m.removed_at IS NULL
               ON CONFLICT DO NOTHING""",
            [numbers, days, energies],
        )
        progress(start + len(batch))


async def _bring_along(connection: BaseDBAsyncClient, meters: Sequence[MeterRow]) -> None:
    """What rooms have from the system before, once each: issued in our journal, and owed by nobody."""
    rows = [row for row in meters if row.room is not None]
    await connection.execute_query_dict(
        """SELECT ledger_bring_along(r.id, w.wh)
             FROM unnest($1::text[], $2::bigint[]) AS w (code, wh) JOIN room r ON r.code = w.code""",
        [[row.room for row in rows], [parse_kwh(row.remaining_kwh or "0") for row in rows]],
    )


def _check(number: int, row: MeterRow) -> None:
    try:
        MeterWay(row.way)
        if row.id is not None:
            check_id("met", row.id)
        wh = parse_kwh(row.remaining_kwh or "0")
    except ValueError as problem:
        raise RowsError(f"meters.jsonl line {number}: {problem}") from problem
    if not _NUMBER.fullmatch(row.number):
        raise RowsError(f"meters.jsonl line {number}: number is 4 to 20 letters and digits")
    if row.protocol not in ("DLT645", "MODBUS"):
        raise RowsError(f"meters.jsonl line {number}: protocol is DLT645 or MODBUS")
    if wh and (row.way != MeterWay.SERVER_CREDIT or row.room is None):
        raise RowsError(
            f"meters.jsonl line {number}: remaining_kwh is of a room whose meter does not count itself"
        )
