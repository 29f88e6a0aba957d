"""The questions: what may be asked at the root. Who may ask what is the table in `schema.permissions`."""

from datetime import date
from typing import Annotated

import strawberry

from onecard.actions.bank_cards import bank_card_of
from onecard.actions.buy_electricity import offered_methods, quote_electricity
from onecard.actions.care_for_rooms import find_rooms_in_care
from onecard.actions.confirm_electricity import may_see_order
from onecard.actions.pay_links import link_of_guest, links_of
from onecard.actions.read_usage import MOST_POINTS, TooManyPoints, read_usage
from onecard.ledger import statements
from onecard.ledger.energy import (
    find_electricity,
    find_electricity_numbered,
    find_paid_rooms,
    find_unsettled_electricity,
)
from onecard.registry import places
from onecard.registry.access import may_see_account
from onecard.registry.alerts import subscriptions_of
from onecard.registry.meters import find_meters
from onecard.registry.power import find_incidents
from onecard.registry.proposals import find_proposals
from onecard.registry.usage import Scope
from onecard.rules.access import Dashboard, require_guest
from onecard.rules.access import Person as PersonCaller
from onecard.rules.refusals import Refusal as Refused
from schema.account import Account
from schema.alert import AlertSubscription, all_kinds
from schema.bank_card import BankCard
from schema.case import Case
from schema.connections import Connection, check_first, connect, read_cursor
from schema.context import Info
from schema.device_command import DeviceCommand
from schema.electricity import ElectricityOrder, ElectricityQuote
from schema.fields import resolver
from schema.find_node import find_node
from schema.jssdk import JssdkConfig
from schema.meter import Meter
from schema.node import Node
from schema.pay_link import LinkedOrder, LinkedRoom, PayLink
from schema.permissions import POWER_STAFF, may
from schema.person import Person
from schema.place import Campus, Room
from schema.power import PowerIncident
from schema.proposal import ElectricityProposal
from schema.recharge import Recharge
from schema.scalars import Money, mistake
from schema.school import School
from schema.terminal import Terminal
from schema.usage import UsagePoint, check_span, too_many, with_places
from schema.words import ElectricityState, Interval, MeterFlag, UsageBy

RECENT_ROOMS = 5


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

    @resolver("The campuses 校区 with their buildings 楼栋.")
    async def campuses(self, info: Info) -> list[Campus]:
        caller = info.context.caller
        only = caller.campus_id if isinstance(caller, Dashboard) else None
        found = await places.find_campuses(info.context.parts.database)
        return [Campus.of(campus) for campus in found if only in (None, campus.id)]

    @resolver("The rooms 宿舍 of a building, or of one of its floors, by number.")
    async def rooms(
        self,
        info: Info,
        building: Annotated[strawberry.ID, strawberry.argument(description="The building's id.")],
        floor: Annotated[
            int | None, strawberry.argument(description="Only this floor 楼层; null for all.")
        ] = None,
    ) -> list[Room]:
        found = await places.find_rooms(info.context.parts.database, building, floor)
        return [Room.of(room) for room in found]

    @resolver("A room 宿舍 by its id; null when there is none.")
    async def room(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The room's id.")]
    ) -> Room | None:
        found = await info.context.loaders.rooms.load(id)
        return Room.of(found) if found else None

    @resolver("The rooms I paid for last 最近缴过, newest first.")
    async def recent_rooms(self, info: Info) -> list[Room]:
        caller = info.context.caller
        assert isinstance(caller, PersonCaller)
        if caller.person_id is None:
            return []
        ids = await find_paid_rooms(info.context.parts.database, caller.person_id, RECENT_ROOMS)
        found = await info.context.loaders.rooms.load_many(ids)
        return [Room.of(room) for room in found if room is not None]

    @resolver("What an amount would buy for a room now 试算; null when there is no such room.")
    async def electricity_quote(
        self,
        info: Info,
        room: Annotated[strawberry.ID, strawberry.argument(description="The room's id.")],
        amount: Annotated[Money, strawberry.argument(description="How much money.")],
    ) -> ElectricityQuote | None:
        parts = info.context.parts
        if not 0 <= amount <= 10 * parts.policy.electricity_maximum_fen:
            raise mistake("amount is between 0.00 and ten times the largest purchase.")
        quote = await quote_electricity(parts, room, amount)
        return (
            ElectricityQuote.of(quote, parts.policy, offered_methods(info.context.parts)) if quote else None
        )

    @resolver(
        "A purchase of electricity 缴电费 by its id or its number; null when it is not the caller's to see."
    )
    async def electricity_order(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The order's id.")] = None,
        number: Annotated[
            str | None, strawberry.argument(description="Or what the payer reads out 订单号.")
        ] = None,
    ) -> ElectricityOrder | None:
        if (id is None) == (number is None):
            raise mistake("Ask by id or by number.")
        database = info.context.parts.database
        found = await (
            find_electricity_numbered(database, number) if number else find_electricity(database, id or "")
        )
        if found is None or not may_see_order(info.context.caller, found):
            return None
        return ElectricityOrder.of(found)

    @resolver("Purchases of electricity that need a look 待处理缴费, oldest first. For staff.")
    async def electricity_orders(
        self,
        info: Info,
        states: Annotated[
            list[ElectricityState], strawberry.argument(description="In which states; at least one.")
        ],
        first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 50,
    ) -> list[ElectricityOrder]:
        parts = info.context.parts
        found = await find_unsettled_electricity(parts.database, states, parts.clock(), check_first(first))
        return [ElectricityOrder.of(order) for order in found]

    @resolver(
        "What was proposed about purchases 两人处理, newest first. For the water and power centre and finance."
    )
    async def electricity_proposals(
        self,
        info: Info,
        open: Annotated[
            bool | None, strawberry.argument(description="True: not decided yet; false: decided; null: all.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 50,
        after: Annotated[str | None, strawberry.argument(description="Cursor of the last one seen.")] = None,
    ) -> Connection[ElectricityProposal]:
        rows, more = await find_proposals(
            info.context.parts.database, check_first(first), read_cursor("pro", after), open=open
        )
        return connect(
            "pro", rows, more=more, after=after, key=lambda row: row.position, node=ElectricityProposal.of
        )

    @resolver(
        "The cuts for forbidden appliances 违规断电, newest first. For the water and power centre; a department's "
        "office sees those of rooms where its own students live."
    )
    async def power_incidents(
        self,
        info: Info,
        open: Annotated[
            bool, strawberry.argument(description="True: those that are not over; false: those that are.")
        ] = True,
        first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 50,
        after: Annotated[str | None, strawberry.argument(description="Cursor of the last one seen.")] = None,
    ) -> Connection[PowerIncident]:
        caller = info.context.caller
        assert isinstance(caller, PersonCaller), "the table of permissions says so"
        rows, more = await find_incidents(
            info.context.parts.database,
            check_first(first),
            read_cursor("inc", after),
            open=open,
            department_of=None if may(caller, POWER_STAFF) else caller.person_id,
        )
        return connect(
            "inc", rows, more=more, after=after, key=lambda row: row.position, node=PowerIncident.of
        )

    @resolver(
        "The rooms 宿舍 of the classes that the caller cares for, with the least energy first. For counselors; empty "
        "for others."
    )
    async def rooms_in_care(self, info: Info) -> list[Room]:
        return [Room.of(room) for room in await find_rooms_in_care(info.context.parts, info.context.caller)]

    @resolver("What the caller wants to hear of their own room 用电提醒: each kind, on or off.")
    async def alert_subscriptions(self, info: Info) -> list[AlertSubscription]:
        caller = info.context.caller
        mine = caller.person_id if isinstance(caller, PersonCaller) else None
        return all_kinds(await subscriptions_of(info.context.parts.database, mine or ""))

    @resolver(
        "The meters 电表 that are installed, in the order they were registered. For the water and power centre."
    )
    async def meters(
        self,
        info: Info,
        building: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this building; null for all.")
        ] = None,
        silent: Annotated[
            bool | None,
            strawberry.argument(description="True: only those that do not answer 失联; null for all."),
        ] = None,
        flag: Annotated[
            MeterFlag | None,
            strawberry.argument(description="Only those that complain about this; null for all."),
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 50,
        after: Annotated[str | None, strawberry.argument(description="Cursor of the last one seen.")] = None,
    ) -> Connection[Meter]:
        rows, more = await find_meters(
            info.context.parts.database,
            check_first(first),
            read_cursor("met", after),
            building_id=building,
            silent=silent,
            flag=flag,
        )
        return connect("met", rows, more=more, after=after, key=lambda row: row.position, node=Meter.of)

    @resolver("One's own bank card 绑定银行卡, bound or being bound; null when there is none.")
    async def bank_card(self, info: Info) -> BankCard | None:
        card = await bank_card_of(info.context.parts, info.context.caller)
        return BankCard.of(card) if card else None

    @resolver("One's own pay links 缴费链接 that are good, oldest first.")
    async def pay_links(self, info: Info) -> list[PayLink]:
        return [PayLink.of(link) for link in await links_of(info.context.parts, info.context.caller)]

    @resolver("The room of the link that was opened 缴费链接; null once the link has ended.")
    async def linked_room(self, info: Info) -> LinkedRoom | None:
        parts = info.context.parts
        link = await link_of_guest(parts, require_guest(info.context.caller))
        room = await info.context.loaders.rooms.load(link.room_id) if link else None
        return LinkedRoom.of(room, parts.policy) if room else None

    @resolver("A purchase of the link that was opened 缴费链接; null where it is none of it.")
    async def linked_order(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The order's id.")]
    ) -> LinkedOrder | None:
        order = await find_electricity(info.context.parts.database, id)
        if order is None or not may_see_order(info.context.caller, order):
            return None
        return LinkedOrder.of(order)

    @resolver(
        "What was used 用电记录, from one day to another, both included. For the offices and dashboards."
    )
    async def usage(
        self,
        info: Info,
        interval: Annotated[Interval, strawberry.argument(description="By hour, day or month.")],
        from_: Annotated[date, strawberry.argument(name="from", description="The first day.")],
        to: Annotated[date, strawberry.argument(description="The last day.")],
        by: Annotated[UsageBy, strawberry.argument(description="Which places are told apart.")] = UsageBy.ALL,
        campus: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this campus; null for all.")
        ] = None,
        building: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this building; null for all.")
        ] = None,
        floor: Annotated[
            int | None, strawberry.argument(description="Only of this floor; null for all.")
        ] = None,
        room: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this room; null for all.")
        ] = None,
    ) -> list[UsagePoint]:
        check_span(interval, from_, to)
        scope = Scope(campus, building, floor, room)
        try:
            points = await read_usage(info.context.parts, info.context.caller, scope, by, interval, from_, to)
        except TooManyPoints as problem:
            raise mistake(
                f"This is more than {MOST_POINTS} points; ask for fewer places or a shorter time."
            ) from problem
        except Refused as refused:
            raise too_many(refused) from refused
        return await with_places(info, by, points)
