"""The machines people pay at."""

from datetime import datetime
from typing import Self

import strawberry

from onecard.registry import things
from onecard.rules.access import Gateway
from schema.context import Info
from schema.fields import resolver
from schema.merchant import Merchant
from schema.node import Node
from schema.words import TerminalState


@strawberry.type(description="A terminal POS机, at which people pay.")
class Terminal(Node):
    merchant_id: strawberry.Private[str]
    gateway_id: strawberry.Private[str]
    heard_at: strawberry.Private[datetime | None]
    number: str = strawberry.field(
        description="The number 终端号 it calls itself by, eight digits (ISO 8583 DE41)."
    )
    place: str | None = strawberry.field(description="Where it stands 位置; null when nobody wrote it down.")
    state: TerminalState = strawberry.field(description="Whether it may take payments 状态.")

    @resolver(
        "When its gateway last heard it 最近在线; null when never, and for callers other than operators and its "
        "own gateway."
    )
    def last_seen_at(self, info: Info) -> datetime | None:
        caller = info.context.caller
        return None if isinstance(caller, Gateway) and caller.gateway_id != self.gateway_id else self.heard_at

    @resolver("Whose till it is 所属商户.")
    async def merchant(self, info: Info) -> Merchant:
        found = await info.context.loaders.merchants.load(self.merchant_id)
        assert found is not None, "a terminal without its merchant"
        return Merchant.of(found)

    @classmethod
    def of(cls, terminal: things.Terminal) -> Self:
        return cls(
            id=strawberry.ID(terminal.id),
            merchant_id=terminal.merchant_id,
            gateway_id=terminal.gateway_id,
            heard_at=terminal.last_seen_at,
            number=terminal.number,
            place=terminal.place,
            state=terminal.state,
        )
