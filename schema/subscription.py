"""What is told as it happens. Events only say "look again"; what is sent is read from the database."""

from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Any, TypeVar, cast

import strawberry

from onecard.ledger.statements import Wallets
from onecard.rules.access import Gateway
from schema.account import Account
from schema.context import Info
from schema.device_command import DeviceCommand
from schema.loaders import Loaders

Source = TypeVar("Source", bound=Callable[..., Any])


def subscription(description: str) -> Callable[[Source], Source]:
    return cast("Callable[[Source], Source]", strawberry.subscription(description=description))


@strawberry.type(description="What is told as it happens, over the WebSocket (graphql-transport-ws).")
class Subscription:
    @subscription("My account, at once and after every change, however it came about 账户变动.")
    async def account_changed(self, info: Info) -> AsyncGenerator[Account, None]:
        context = info.context
        account_id = context.account_id
        if account_id is None:
            return
        told: Wallets | None = None
        async with context.parts.events.accounts(account_id) as changes:
            async for _ in changes:  # the first comes at once
                context.loaders = Loaders(context.parts)
                wallets = await context.loaders.wallets.load(account_id)
                if wallets is not None and wallets != told:
                    told = wallets
                    yield Account.of(wallets)

    @subscription(
        "The commands 指令 for a gateway's devices: first those it has not seen, then each as it is decided."
    )
    async def device_commands(
        self,
        info: Info,
        after_sequence: Annotated[
            int, strawberry.argument(description="The sequence of the last one it has; 0 for all.")
        ] = 0,
    ) -> AsyncGenerator[DeviceCommand, None]:
        context = info.context
        assert isinstance(context.caller, Gateway), "the table of permissions lets only gateways in"
        seen = after_sequence
        async with context.parts.events.commands(context.caller.gateway_id) as changes:
            async for _ in changes:  # the first comes at once
                while commands := await context.parts.registry.access_pending_commands(context.caller, seen):
                    for command in commands:
                        seen = max(seen, command.sequence)
                        yield DeviceCommand.of(command)
