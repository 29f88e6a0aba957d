"""Two campuses, 20 dormitory buildings, 2,000 rooms. 中专部3栋, 大专部17栋 and 大专部20栋 are the guide's."""

from __future__ import annotations

from sandbox.campus.model import Building, Campus, Room

NORTH = Campus("north", "北校区")
SOUTH = Campus("south", "南校区")
CAMPUSES = (SOUTH, NORTH)
SHOWER_CENTRE = "17-101"  # 17栋101, the shower window: nobody lives there


def build_places() -> tuple[list[Building], list[Room]]:
    buildings = [_building(number) for number in range(1, 21)]
    rooms = [
        Room(f"{building.code}-{floor}{door:02d}", building.code, floor, f"{floor}{door:02d}")
        for building in buildings
        for floor in range(1, building.floors + 1)
        for door in range(1, building.rooms_per_floor + 1)
    ]
    return buildings, rooms


def _building(number: int) -> Building:
    """4 low houses of 68 rooms in the north, 16 houses of 108 in the south: 2,000 rooms."""
    gender = "F" if number % 2 else "M"
    if number <= 4:
        return Building(f"{number:02d}", NORTH.code, f"中专部{number}栋", 4, 17, gender)
    return Building(f"{number:02d}", SOUTH.code, f"大专部{number}栋", 6, 18, gender)
