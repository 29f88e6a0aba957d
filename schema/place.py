"""校区、楼栋、宿舍: where people live, and the energy they have there."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.actions.look_into_rooms import RoomEnergy as Energy
from onecard.actions.look_into_rooms import may_look_into_room
from onecard.ledger.energy import find_electricity_of_room
from onecard.registry import places
from onecard.registry.usage import Scope, UsageBy, find_usage
from onecard.rules.access import Person as PersonCaller
from onecard.rules.power import find_next_night
from schema.connections import Connection, check_first, connect, read_cursor
from schema.context import Info
from schema.fields import resolver
from schema.meter import Meter
from schema.node import Node
from schema.power import RoomPower
from schema.scalars import Kwh, Money
from schema.usage import UsagePoint, check_span
from schema.words import Interval

if TYPE_CHECKING:
    from schema.electricity import ElectricityOrder


@strawberry.type(description="A campus 校区 of the school.")
class Campus(Node):
    name: str = strawberry.field(description="What people call it 校区名称.")

    @resolver("Its buildings 楼栋.")
    async def buildings(self, info: Info) -> list[Annotated["Building", strawberry.lazy("schema.place")]]:
        found = await info.context.loaders.buildings_of_campus.load(self.id)
        return [Building.of(building) for building in found or ()]

    @classmethod
    def of(cls, campus: places.Campus) -> Self:
        return cls(id=strawberry.ID(campus.id), name=campus.name)


@strawberry.type(description="A time without power by the school's timetable 定时断电.")
class PowerNight:
    off: datetime = strawberry.field(description="When the power goes off 断电时间.")
    on: datetime = strawberry.field(description="When it comes back 来电时间.")


@strawberry.type(description="A building 楼栋 with rooms to live in.")
class Building(Node):
    campus_id: strawberry.Private[str]
    code: strawberry.Private[str]
    name: str = strawberry.field(description="What people call it 楼栋名称.")
    floors: int = strawberry.field(description="How many floors 楼层 it has.")

    @resolver("Where it stands 所在校区.")
    async def campus(self, info: Info) -> Campus:
        found = await info.context.loaders.campuses.load(self.campus_id)
        assert found is not None, "a building without its campus"
        return Campus.of(found)

    @resolver(
        "When the timetable turns its power off next, or has now, and on again 定时断电; null where it does neither "
        "within a week."
    )
    def next_night(self, info: Info) -> PowerNight | None:
        power = info.context.parts.policy.power
        found = find_next_night(power.nights, power.holidays, self.code, info.context.now())
        return PowerNight(off=found[0], on=found[1]) if found else None

    @classmethod
    def of(cls, building: places.Building) -> Self:
        return cls(
            id=strawberry.ID(building.id),
            campus_id=building.campus_id,
            code=building.code,
            name=building.name,
            floors=building.floors,
        )


@strawberry.type(description="What a room has left 剩余电量, by which moment, in kilowatt-hours 度.")
class RoomEnergy:
    energy: strawberry.Private[Energy]
    remaining: Kwh = strawberry.field(
        description="All that is left 剩余电量; below 0 where more ran than was there."
    )
    as_of: datetime = strawberry.field(description="By a reading of this moment 读数时间.")
    stale: bool = strawberry.field(description="Is that reading old, so that less may be left by now?")
    owed: Money = strawberry.field(
        description="What the room owes for emergency energy 应急电费; the next purchase repays it first."
    )

    @resolver("Of it, what people bought 购电; null where the meter alone counts.")
    def bought(self) -> Kwh | None:
        return None if self.energy.bought_wh is None else Kwh(self.energy.bought_wh)

    @resolver("Of it, what the school gives 补助电量; null where the meter alone counts.")
    def quota(self) -> Kwh | None:
        return None if self.energy.quota_wh is None else Kwh(self.energy.quota_wh)

    @classmethod
    def of(cls, energy: Energy) -> Self:
        return cls(
            energy=energy,
            remaining=Kwh(energy.remaining_wh),
            as_of=energy.as_of,
            stale=energy.stale,
            owed=Money(energy.owed_fen),
        )


@strawberry.type(
    description="A room 宿舍. Everybody of the school may see its name and what it has left, and pay for it."
)
class Room(Node):
    building_id: strawberry.Private[str]
    floor: int = strawberry.field(description="On which floor 楼层.")
    number: str = strawberry.field(description="Its number 房间号 within the building.")
    name: str = strawberry.field(description="What people say: building and number.")

    @resolver("In which building 楼栋.")
    async def building(self, info: Info) -> Building:
        found = await info.context.loaders.buildings.load(self.building_id)
        assert found is not None, "a room without its building"
        return Building.of(found)

    @resolver("The meter 电表 in it; null while it has none, so that nobody can pay for it.")
    async def meter(self, info: Info) -> Meter | None:
        found = await info.context.loaders.meters_of_room.load(self.id)
        return Meter.of(found) if found else None

    @resolver("What it has left 剩余电量; null while no reading is known.")
    async def energy(self, info: Info) -> RoomEnergy | None:
        found = await info.context.loaders.room_energy.load(self.id)
        return RoomEnergy.of(found) if found else None

    @resolver(
        "Whether it has power 供电, and why not. For its residents, their counselors and the offices; null for others, "
        "and while its meter never spoke."
    )
    async def power(self, info: Info) -> RoomPower | None:
        if not await self._open_to(info):
            return None
        found = await info.context.loaders.room_power.load(self.id)
        return RoomPower.of(found) if found else None

    @resolver(
        "How many days what is left lasts at the use of the last fortnight; null when nobody can say, and for those "
        "who may not look into the room."
    )
    async def days_left(self, info: Info) -> float | None:
        if not await self._open_to(info):
            return None
        found = await info.context.loaders.days_left.load(self.id)
        return None if found is None else round(found, 1)

    @resolver(
        "What was used 用电记录 from one day to another, both included. For its residents, their counselors and the "
        "offices; null for others."
    )
    async def usage(
        self,
        info: Info,
        interval: Annotated[Interval, strawberry.argument(description="By hour, day or month.")],
        from_: Annotated[date, strawberry.argument(name="from", description="The first day.")],
        to: Annotated[date, strawberry.argument(description="The last day.")],
    ) -> list[UsagePoint] | None:
        check_span(interval, from_, to)
        if not await self._open_to(info):
            return None
        points = await find_usage(
            info.context.parts.database, Scope(room_id=self.id), UsageBy.ALL, interval, from_, to
        )
        return [UsagePoint.of(point) for point in points]

    @resolver(
        "Who paid for it 缴费记录, newest first: all of it for its residents, their counselors and the offices; for "
        "others what they paid themselves."
    )
    async def purchases(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 10,
        after: Annotated[str | None, strawberry.argument(description="Cursor of the last one seen.")] = None,
    ) -> Connection[Annotated["ElectricityOrder", strawberry.lazy("schema.electricity")]]:
        from schema.electricity import ElectricityOrder

        caller = info.context.caller
        mine = caller.person_id if isinstance(caller, PersonCaller) else None
        page = await find_electricity_of_room(
            info.context.parts.database,
            self.id,
            check_first(first),
            read_cursor("ele", after),
            payer=None if await self._open_to(info) else mine or "",
        )
        return connect(
            "ele",
            page.rows,
            more=page.has_next,
            after=after,
            key=lambda row: row.position,
            node=ElectricityOrder.of,
        )

    async def _open_to(self, info: Info) -> bool:
        return await may_look_into_room(info.context.parts, info.context.caller, self.id)

    @classmethod
    def of(cls, room: places.Room) -> Self:
        return cls(
            id=strawberry.ID(room.id),
            building_id=room.building_id,
            floor=room.floor,
            number=room.number,
            name=room.name,
        )
