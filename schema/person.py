"""The people of the school."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.registry import things
from onecard.rules.access import Person as PersonCaller
from schema.context import Info
from schema.fields import resolver
from schema.node import Node
from schema.permissions import is_staff
from schema.words import Role

if TYPE_CHECKING:
    from schema.account import Account
    from schema.place import Room


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

        caller = info.context.caller
        own = isinstance(caller, PersonCaller) and caller.person_id == self.id
        if self.account_id is None or not (own or is_staff(caller)):
            return None
        wallets = await info.context.loaders.wallets.load(self.account_id)
        return Account.of(wallets) if wallets else None

    @resolver(
        "Where they live 宿舍; null for those who live nowhere here, and for those who may not look at it."
    )
    async def room(self, info: Info) -> Annotated["Room", strawberry.lazy("schema.place")] | None:
        from schema.place import Room

        caller = info.context.caller
        own = isinstance(caller, PersonCaller) and caller.person_id == self.id
        if not (own or is_staff(caller)):
            return None
        found = await info.context.loaders.rooms_of_people.load(self.id)
        return Room.of(found) if found else None

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
