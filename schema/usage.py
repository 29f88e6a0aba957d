"""用电记录: what was used, in points of a chart."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias

import strawberry
from graphql import GraphQLError

from onecard.registry.usage import Interval, UsageBy
from onecard.registry.usage import UsagePoint as Point
from onecard.rules.refusals import Refusal
from schema.context import Info
from schema.fields import resolver
from schema.scalars import Kwh, mistake

if TYPE_CHECKING:
    from schema.place import Building, Campus, Room

    Place: TypeAlias = Campus | Building | Room

LONGEST_DAYS = {Interval.HOUR: 14, Interval.DAY: 400, Interval.MONTH: 3700}


@strawberry.type(description="What was used 用电量 within one hour, day or month.")
class UsagePoint:
    point: strawberry.Private[Point]
    place: strawberry.Private["Place | None"]
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
    def campus(self) -> Annotated["Campus", strawberry.lazy("schema.place")] | None:
        from schema.place import Campus

        return self.place if isinstance(self.place, Campus) else None

    @resolver("Of which building 楼栋; null where they are not told apart.")
    def building(self) -> Annotated["Building", strawberry.lazy("schema.place")] | None:
        from schema.place import Building

        return self.place if isinstance(self.place, Building) else None

    @resolver("Of which room 宿舍; null where they are not told apart.")
    def room(self) -> Annotated["Room", strawberry.lazy("schema.place")] | None:
        from schema.place import Room

        return self.place if isinstance(self.place, Room) else None

    @classmethod
    def of(cls, point: Point, place: "Place | None" = None) -> Self:
        return cls(point=point, place=place, energy=Kwh(point.wh), complete=point.complete, floor=point.floor)


async def with_places(info: Info, by: UsageBy, points: Sequence[Point]) -> list[UsagePoint]:
    """Each place is looked up once: a dashboard's answer has thousands of points and some tens of places."""
    from schema.place import Building, Campus, Room

    loaders = info.context.loaders
    ids = list({point.place_id for point in points if point.place_id is not None})
    found: Sequence[Any]
    if by is UsageBy.CAMPUS:
        found = [Campus.of(place) for place in await loaders.campuses.load_many(ids) if place]
    elif by is UsageBy.ROOM:
        found = [Room.of(place) for place in await loaders.rooms.load_many(ids) if place]
    else:
        found = [Building.of(place) for place in await loaders.buildings.load_many(ids) if place]
    places: dict[str | None, Place] = {str(place.id): place for place in found}
    return [UsagePoint.of(point, places.get(point.place_id)) for point in points]


def check_span(interval: Interval, first: date, last: date) -> None:
    """A span that is the wrong way round, or longer than a chart needs, is the caller's mistake."""
    if not 0 <= (last - first).days < LONGEST_DAYS[interval]:
        raise mistake(
            f"from comes before to, and for {interval} they are at most {LONGEST_DAYS[interval]} days apart."
        )


def too_many(refused: Refusal) -> GraphQLError:
    """A question that was asked too often, or cost too much."""
    seconds = int(str(refused.data["retry_after_s"]))
    return GraphQLError(
        "Too much was asked for 请求过于频繁.",
        extensions={"code": "RATE_LIMITED", "retryAfterSeconds": seconds},
    )
