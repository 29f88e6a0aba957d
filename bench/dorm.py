"""Dormitories to measure: 20 buildings of 100 rooms, a meter in each, 50 of them on a line; 90 days of use."""

from __future__ import annotations

from typing import Any

from onecard.actions.rows import BuildingRow, CampusRow, MeterRow, PersonRow, RoomRow

BUILDINGS, ROOMS_EACH, FLOORS = 20, 100, 5
METERS_A_LINE = 50
LINES = BUILDINGS * ROOMS_EACH // METERS_A_LINE
STAFF = 20  # of the utility office; each may ask 300 times a minute
DAYS = 90

# As readings would have left it, without the months of waiting for them.
USE = f"""
INSERT INTO usage_day (meter_id, day, room_id, wh, complete)
SELECT m.id, d::date, m.room_id, 800 + 37 * (m.position * 31 + extract(doy FROM d)::int * 17) % 97 * 3, true
  FROM meter m, generate_series(current_date - {DAYS}, current_date - 1, interval '1 day') d
ON CONFLICT DO NOTHING
"""


def numbers() -> list[list[str]]:
    """Of the meters, line by line."""
    return [
        [f"2026{line:04d}{place:04d}" for place in range(1, METERS_A_LINE + 1)]
        for line in range(1, LINES + 1)
    ]


def meter_id(number: str) -> str:
    return f"met_{number:0>26}"


def rows(gateway: str) -> dict[str, list[Any]]:
    """Files of rows; half of the meters count credit themselves."""
    buildings = [BuildingRow(f"bench-{n}", "bench", f"基准{n}栋", FLOORS) for n in range(1, BUILDINGS + 1)]
    rooms = [
        RoomRow(f"{building.code}-{floor}{place:02d}", building.code, floor, f"{floor}{place:02d}")
        for building in buildings
        for floor in range(1, FLOORS + 1)
        for place in range(1, ROOMS_EACH // FLOORS + 1)
    ]
    meters = [
        MeterRow(
            number,
            *(("prepaid", "DLT645", "METER_CREDIT") if line % 2 else ("plain", "DLT645", "SERVER_CREDIT")),
            gateway,
            f"line-{line}",
            room=rooms[line * METERS_A_LINE + place].code,
            id=meter_id(number),
        )
        for line, on_line in enumerate(numbers())
        for place, number in enumerate(on_line)
    ]
    return {
        "campuses.jsonl": [CampusRow("bench", "基准校区")],
        "buildings.jsonl": buildings,
        "rooms.jsonl": rooms,
        "meters.jsonl": meters,
    }


def staff() -> list[PersonRow]:
    return [
        PersonRow(
            number=f"{9_003_000 + n}",
            name="水电",
            roles=["UTILITY_STAFF"],
            wecom_userid=f"bench-staff-{n}",
            openid=f"bench-staff-openid-{n}",
        )
        for n in range(STAFF)
    ]
