"""`node(id:)`: the prefix says where to look; for who may not see the thing it does not exist."""

from collections.abc import Awaitable, Callable, Mapping

from onecard.actions.confirm_electricity import may_see_order
from onecard.actions.look_into_rooms import may_look_into_room
from onecard.ledger import statements
from onecard.ledger.energy import find_electricity
from onecard.registry.access import may_see_account
from onecard.registry.meters import find_meter
from onecard.registry.power import find_incident
from onecard.registry.proposals import find_proposal
from onecard.rules.access import Person as PersonCaller
from onecard.rules.ids import check_id, transfer_id
from onecard.rules.refusals import Refusal, RefusalCode
from schema.account import Account
from schema.bill import Bill
from schema.case import Case
from schema.context import Context
from schema.device_command import DeviceCommand
from schema.electricity import ElectricityOrder
from schema.merchant import Merchant
from schema.meter import Meter
from schema.node import Node
from schema.permissions import POWER_STAFF, is_staff, may
from schema.person import Person
from schema.place import Building, Campus, Room
from schema.power import PowerIncident
from schema.proposal import ElectricityProposal
from schema.recharge import Recharge
from schema.terminal import Terminal


async def find_node(context: Context, id: str) -> Node | None:
    prefix = id.partition("_")[0]
    find = FINDERS.get(prefix)
    if find is None:
        return None
    try:
        return await find(context, check_id(prefix, id))
    except ValueError:  # the prefix of an id of ours, and then something else
        return None
    except Refusal as refused:
        if refused.code is not RefusalCode.NOT_ALLOWED:
            raise
        return None


async def _account(context: Context, id: str) -> Account | None:
    if not may_see_account(context.caller, id):
        return None
    wallets = await context.loaders.wallets.load(id)
    return Account.of(wallets) if wallets else None


async def _person(context: Context, id: str) -> Person | None:
    found = await context.parts.registry.access_person(context.caller, id)
    return Person.of(found) if found else None


async def _bill(context: Context, id: str) -> Bill | None:
    row = await context.loaders.bills.load(transfer_id(id))
    if row is None or row.account_id is None or not may_see_account(context.caller, row.account_id):
        return None
    return Bill.of(row)


async def _recharge(context: Context, id: str) -> Recharge | None:
    order = await statements.find_recharge(context.parts.database, id)
    if order is None or not may_see_account(context.caller, order.account_id):
        return None
    return Recharge.of(order)


async def _merchant(context: Context, id: str) -> Merchant | None:
    found = await context.loaders.merchants.load(id)
    return Merchant.of(found) if found else None


async def _terminal(context: Context, id: str) -> Terminal | None:
    found = await context.loaders.terminals.load(id)
    return Terminal.of(found) if found else None


async def _case(context: Context, id: str) -> Case | None:
    if not is_staff(context.caller):
        return None
    row = await statements.find_case(context.parts.database, id)
    return Case.of(row) if row else None


async def _command(context: Context, id: str) -> DeviceCommand | None:
    found = await context.parts.registry.access_command(context.caller, id)
    return DeviceCommand.of(found) if found else None


async def _campus(context: Context, id: str) -> Campus | None:
    found = await context.loaders.campuses.load(id) if isinstance(context.caller, PersonCaller) else None
    return Campus.of(found) if found else None


async def _building(context: Context, id: str) -> Building | None:
    found = await context.loaders.buildings.load(id) if isinstance(context.caller, PersonCaller) else None
    return Building.of(found) if found else None


async def _room(context: Context, id: str) -> Room | None:
    found = await context.loaders.rooms.load(id) if isinstance(context.caller, PersonCaller) else None
    return Room.of(found) if found else None


async def _meter(context: Context, id: str) -> Meter | None:
    found = await find_meter(context.parts.database, id) if may(context.caller, POWER_STAFF) else None
    return Meter.of(found) if found else None


async def _electricity(context: Context, id: str) -> ElectricityOrder | None:
    order = await find_electricity(context.parts.database, id)
    if order is None or not may_see_order(context.caller, order):
        return None
    return ElectricityOrder.of(order)


async def _proposal(context: Context, id: str) -> ElectricityProposal | None:
    found = await find_proposal(context.parts.database, id) if may(context.caller, POWER_STAFF) else None
    return ElectricityProposal.of(found) if found else None


async def _incident(context: Context, id: str) -> PowerIncident | None:
    found = await find_incident(context.parts.database, id)
    if found is None or not await may_look_into_room(context.parts, context.caller, found.room_id):
        return None
    return PowerIncident.of(found)


FINDERS: Mapping[str, Callable[[Context, str], Awaitable[Node | None]]] = {
    "acc": _account,
    "per": _person,
    "bil": _bill,
    "rch": _recharge,
    "mer": _merchant,
    "ter": _terminal,
    "cas": _case,
    "cmd": _command,
    "cam": _campus,
    "bld": _building,
    "rom": _room,
    "met": _meter,
    "ele": _electricity,
    "pro": _proposal,
    "inc": _incident,
}
