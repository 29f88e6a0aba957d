"""The questions: what may be asked at the root. Who may ask what is the table in `schema.permissions`."""

from typing import Annotated

import strawberry

from onecard.ledger import statements
from onecard.registry.access import may_see_account
from onecard.rules.access import Person as PersonCaller
from schema.account import Account
from schema.case import Case
from schema.connections import Connection, check_first, connect, read_cursor
from schema.context import Info
from schema.device_command import DeviceCommand
from schema.fields import resolver
from schema.find_node import find_node
from schema.jssdk import JssdkConfig
from schema.node import Node
from schema.person import Person
from schema.recharge import Recharge
from schema.scalars import mistake
from schema.school import School
from schema.terminal import Terminal


@strawberry.type(
    description="Everything that can be asked. What a caller may not see answers null or an error."
)
class Query:
    @resolver("Anything by its id; null when it does not exist or is not the caller's to see.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The id, as given out.")],
    ) -> Node | None:
        return await find_node(info.context, id)

    @resolver("The school 学校 and its rules. Needs no login.")
    def school(self, info: Info) -> School:
        return School.of(info.context)

    @resolver("Who I am; null when I am logged in but have not bound 绑定 a campus card yet.")
    async def me(self, info: Info) -> Person | None:
        caller = info.context.caller
        assert isinstance(caller, PersonCaller)
        if caller.person_id is None:
            return None
        found = await info.context.parts.registry.access_person(caller, caller.person_id)
        return Person.of(found) if found else None

    @resolver("My campus card account 校园卡账户; null until a card is bound.")
    async def account(self, info: Info) -> Account | None:
        account_id = info.context.account_id
        if account_id is None:
            return None
        wallets = await info.context.loaders.wallets.load(account_id)
        return Account.of(wallets) if wallets else None

    @resolver(
        "One of my recharges 充值 by its id; operators, finance and auditors may ask for anybody's. Null when there "
        "is none, or it is not the caller's to see."
    )
    async def recharge(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The recharge's id.")]
    ) -> Recharge | None:
        found = await statements.find_recharge(info.context.parts.database, id)
        if found is None or not may_see_account(info.context.caller, found.account_id):
            return None
        return Recharge.of(found)

    @resolver("What `wx.config` takes on a page of ours, signed.")
    async def jssdk_config(
        self,
        info: Info,
        url: Annotated[
            str,
            strawberry.argument(
                description="The page's address without the part behind #; only our own pages."
            ),
        ],
    ) -> JssdkConfig:
        ours = info.context.parts.settings.public_url
        if len(url) > 500 or not (url == ours or url.startswith((f"{ours}/", f"{ours}?", f"{ours}#"))):
            raise mistake(f"url is the address of a page of this school, under {ours}/.")
        return JssdkConfig.of(await info.context.parts.wecom.sign_jsapi(url))

    @resolver(
        "Somebody by student or staff number 学工号; null when there is nobody. For operators, finance and auditors."
    )
    async def person(
        self, info: Info, number: Annotated[str, strawberry.argument(description="Their 学工号.")]
    ) -> Person | None:
        found = await info.context.parts.registry.access_person_by_number(info.context.caller, number)
        return Person.of(found) if found else None

    @resolver("Money that needs a look 异常款项, newest first. For operators, finance and auditors.")
    async def cases(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Cursor of the last one seen.")] = None,
        open: Annotated[
            bool | None, strawberry.argument(description="True: not settled yet; false: settled; null: all.")
        ] = None,
    ) -> Connection[Case]:
        page = await statements.find_cases(
            info.context.parts.database, first=check_first(first), after=read_cursor("cas", after), open=open
        )
        return connect(
            "cas", page.rows, more=page.has_next, after=after, key=lambda row: row.position, node=Case.of
        )

    @resolver("The terminals POS机 by number: all of them for operators, its own for a gateway.")
    async def terminals(self, info: Info) -> list[Terminal]:
        found = await info.context.parts.registry.access_terminals(info.context.caller)
        return [Terminal.of(terminal) for terminal in found]

    @resolver(
        "The commands 指令 a gateway has still to carry out, oldest first, at most 200 at a time. For "
        "the gateway itself."
    )
    async def pending_commands(
        self,
        info: Info,
        after_sequence: Annotated[
            int, strawberry.argument(description="The sequence of the last one it has; 0 for all.")
        ] = 0,
    ) -> list[DeviceCommand]:
        found = await info.context.parts.registry.access_pending_commands(info.context.caller, after_sequence)
        return [DeviceCommand.of(command) for command in found]
