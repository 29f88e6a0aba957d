"""A building with metered rooms in the register of a test's campus."""

from __future__ import annotations

from support.campus import Campus

from onecard.rules.ids import new_id
from onecard.rules.kinds import MeterWay


async def build_dormitory(
    campus: Campus, rooms: dict[str, tuple[str, MeterWay]]
) -> dict[str, dict[str, str]]:
    """`rooms`: number → (the meter's number, its way). The ids of each room and its meter, by number of the room."""
    database = campus.parts.database
    campus_id, building_id = new_id("cam"), new_id("bld")
    await database.execute_query(
        "INSERT INTO campus (id, code, name) VALUES ($1, 'south', '南校区')", [campus_id]
    )
    await database.execute_query(
        "INSERT INTO building (id, code, campus_id, name, floors) VALUES ($1, '17', $2, '大专部17栋', 6)",
        [building_id, campus_id],
    )
    found: dict[str, dict[str, str]] = {}
    for number, (meter, way) in rooms.items():
        ids = {"room": new_id("rom"), "meter": new_id("met"), "building": building_id, "campus": campus_id}
        await database.execute_query(
            "INSERT INTO room (id, code, building_id, floor, number) VALUES ($1, $2, $3, $4, $5)",
            [ids["room"], f"17-{number}", building_id, int(number[0]), number],
        )
        await database.execute_query(
            """INSERT INTO meter (id, number, model, protocol, way, room_id, gateway_id, bus, installed_at)
               VALUES ($1, $2, $3, 'DLT645', $4, $5, $6, 'line-1', $7)""",
            [
                ids["meter"],
                meter,
                "prepaid" if way is MeterWay.METER_CREDIT else "plain",
                way,
                ids["room"],
                campus.gateway.gateway_id,
                campus.clock(),
            ],
        )
        found[number] = ids
    merchant = new_id("mer")
    await campus.parts.book.open_merchant(merchant)
    await database.execute_query(
        "INSERT INTO merchant (id, code, name, journal_account) VALUES ($1, 'power', '水电中心', $2)",
        [merchant, f"merchant:{merchant}"],
    )
    return found
