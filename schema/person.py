"""The people of the school."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.registry import things
from onecard.registry.moves import Stay as StayRow
from onecard.registry.moves import find_persons_usage, stays_of
from onecard.rules.access import Person as PersonCaller
from schema.context import Info
from schema.fields import resolver
from schema.node import Node
from schema.permissions import is_staff
from schema.scalars import mistake
from schema.usage import UsagePoint, check_span, with_places
from schema.words import Interval, Role, UsageBy

if TYPE_CHECKING:
    from schema.account import Account
    from schema.place import Room


@strawberry.type(description="That somebody lived in a room 住宿, from a moment to a moment.")
class Stay:
    stay: strawberry.Private[StayRow]
    since: datetime = strawberry.field(description="When they moved in 入住时间.")
    until: datetime | None = strawberry.field(
        description="When they moved out 搬出时间; null: they live there now."
    )

    @resolver("In which room 宿舍.")
    async def room(self, info: Info) -> Annotated["Room", strawberry.lazy("schema.place")]:
        from schema.place import Room

        found = await info.context.loaders.rooms.load(self.stay.room_id)
        assert found is not None, "a stay in no room"
        return Room.of(found)

    @classmethod
    def of(cls, stay: StayRow) -> Self:
        return cls(stay=stay, since=stay.since, until=stay.until)


@strawberry.type(description="Somebody of the school: a student 学生, a member of the staff 教职工.")
class Person(Node):
    account_id: strawberry.Private[str | None]
    name: str = strawberry.field(description="Name 姓名.")
    number: str = strawberry.field(description="Student or staff number 学工号.")
    roles: list[Role] = strawberry.field(description="What they are at the school 角色.")
    department: str | None = strawberry.field(description="Department 院系; null when not recorded.")
    class_name: str | None = strawberry.field(description="Class 班级; null for those who are in none.")
    bound_at: datetime | None = strawberry.field(
        description="When their campus card was bound to a login 绑定时间; null until then."
    )

    @resolver(
        "Their campus card account 校园卡账户; null until the card is bound, and for those who may not "
        "look at it."
    )
    async def account(self, info: Info) -> Annotated["Account", strawberry.lazy("schema.account")] | None:
        from schema.account import Account

        if self.account_id is None or not (self._is_own(info) or is_staff(info.context.caller)):
            return None
        wallets = await info.context.loaders.wallets.load(self.account_id)
        return Account.of(wallets) if wallets else None

    @resolver(
        "Where they live 宿舍; null for those who live nowhere here, and for those who may not look at it."
    )
    async def room(self, info: Info) -> Annotated["Room", strawberry.lazy("schema.place")] | None:
        from schema.place import Room

        if not (self._is_own(info) or is_staff(info.context.caller)):
            return None
        found = await info.context.loaders.rooms_of_people.load(self.id)
        return Room.of(found) if found else None

    @resolver(
        "What they used 用电记录 by day or month, wherever they lived: the rooms told apart, a day with a move cut "
        "at it. For themselves; null for all others."
    )
    async def usage(
        self,
        info: Info,
        interval: Annotated[Interval, strawberry.argument(description="By DAY or MONTH.")],
        from_: Annotated[date, strawberry.argument(name="from", description="The first day.")],
        to: Annotated[date, strawberry.argument(description="The last day.")],
    ) -> list[UsagePoint] | None:
        check_span(interval, from_, to)
        if interval is Interval.HOUR:
            raise mistake("A person's usage is by DAY or MONTH.")
        if not self._is_own(info):
            return None
        points = await find_persons_usage(info.context.parts.database, self.id, interval, from_, to)
        return await with_places(info, UsageBy.ROOM, points)

    @resolver("Where they have lived 住宿记录, newest first. For themselves; null for all others.")
    async def stays(self, info: Info) -> list[Stay] | None:
        if not self._is_own(info):
            return None
        return [Stay.of(stay) for stay in await stays_of(info.context.parts.database, self.id)]

    def _is_own(self, info: Info) -> bool:
        caller = info.context.caller
        return isinstance(caller, PersonCaller) and caller.person_id == self.id

    @classmethod
    def of(cls, person: things.Person) -> Self:
        return cls(
            id=strawberry.ID(person.id),
            account_id=person.account_id,
            name=person.name,
            number=person.number,
            roles=sorted(person.roles),
            department=person.department,
            class_name=person.class_name,
            bound_at=person.bound_at,
        )
