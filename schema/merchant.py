"""Who sells on campus."""

from typing import Self

import strawberry

from onecard.registry import things
from schema.node import Node


@strawberry.type(description="A merchant 商户: a canteen window, a shop, a laundry.")
class Merchant(Node):
    name: str = strawberry.field(description="What people call it 商户名称.")
    place: str | None = strawberry.field(description="Where it is 位置; null when nobody wrote it down.")

    @classmethod
    def of(cls, merchant: things.Merchant) -> Self:
        return cls(id=strawberry.ID(merchant.id), name=merchant.name, place=merchant.place)
