"""用电记录: what was used, in points of a chart."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.registry.usage import Interval
from onecard.registry.usage import UsagePoint as Point
from schema.context import Info
from schema.fields import resolver
from schema.scalars import Kwh, mistake

if TYPE_CHECKING:
    from schema.place import Building, Campus, Room

LONGEST_DAYS = {Interval.HOUR: 14, Interval.DAY: 400, Interval.MONTH: 3700}


@strawberry.type(description="What was used 用电量 within one hour, day or month.")
class UsagePoint:
    point: strawberry.Private[Point]
    energy: Kwh = strawberry.field(description="How much 用电量, in kilowatt-hours 度.")
    complete: bool = strawberry.field(
        description="Is it all of it? False while meters have still to be read for that time."
    )
    floor: int | None = strawberry.field(
        description="Of which floor 楼层; null where they are not told apart."
    )

    @resolver("When it begins, in the school's time.", name="from")
    def starts(self) -> datetime:
        return self.point.starts

    @resolver("When it ends.", name="to")
    def ends(self) -> datetime:
        return self.point.ends

    @resolver("Of which campus 校区; null where they are not told apart.")
    async def campus(self, info: Info) -> Annotated["Campus", strawberry.lazy("schema.place")] | None:
        from schema.place import Campus

        found = await info.context.loaders.campuses.load(self.point.place_id or "")
        return Campus.of(found) if found else None

    @resolver("Of which building 楼栋; null where they are not told apart.")
    async def building(self, info: Info) -> Annotated["Building", strawberry.lazy("schema.place")] | None:
        from schema.place import Building

        found = await info.context.loaders.buildings.load(self.point.place_id or "")
        return Building.of(found) if found else None

    @resolver("Of which room 宿舍; null where they are not told apart.")
    async def room(self, info: Info) -> Annotated["Room", strawberry.lazy("schema.place")] | None:
        from schema.place import Room

        found = await info.context.loaders.rooms.load(self.point.place_id or "")
        return Room.of(found) if found else None

    @classmethod
    def of(cls, point: Point) -> Self:
        return cls(point=point, energy=Kwh(point.wh), complete=point.complete, floor=point.floor)


def check_span(interval: Interval, first: date, last: date) -> None:
    """A span that is the wrong way round, or longer than a chart needs, is the caller's mistake."""
    if not 0 <= (last - first).days < LONGEST_DAYS[interval]:
        raise mistake(
            f"from comes before to, and for {interval} they are at most {LONGEST_DAYS[interval]} days apart."
        )
