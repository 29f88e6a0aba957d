"""What is read per object is read together: one statement for all merchants of a page of bills, and so on.

A loader lives as long as one request (or one event of a subscription) and is made when it is first used.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from strawberry.dataloader import DataLoader

from onecard.actions.find_power import RoomPower, power_of_rooms
from onecard.actions.look_into_rooms import RoomEnergy, find_days_left, find_energy
from onecard.actions.parts import Parts
from onecard.ledger import energy, statements
from onecard.registry import meters, pay_links, places, power, things

if TYPE_CHECKING:
    from onecard.ledger.statements import BillLine, Wallets

Key = TypeVar("Key", str, int)
Thing = TypeVar("Thing")


def _loader(find: Callable[[list[Key]], Awaitable[Mapping[Key, Thing]]]) -> DataLoader[Key, Thing | None]:
    """A loader over a reader that answers with what it found; the rest is None."""

    async def load(keys: list[Key]) -> list[Thing | None]:
        found = await find(keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load, max_batch_size=500)


class Loaders:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @cached_property
    def wallets(self) -> "DataLoader[str, Wallets | None]":
        """By account id."""
        return _loader(lambda ids: statements.find_wallets(self._parts.database, ids))

    @cached_property
    def bills(self) -> "DataLoader[int, BillLine | None]":
        """By transfer id."""
        return _loader(lambda ids: statements.find_bills_by_id(self._parts.database, ids))

    @cached_property
    def merchants(self) -> DataLoader[str, things.Merchant | None]:
        return _loader(self._parts.registry.merchants_by_ids)

    @cached_property
    def terminals(self) -> DataLoader[str, things.Terminal | None]:
        """By terminal id."""
        return _loader(self._parts.registry.terminals_by_ids)

    @cached_property
    def holders(self) -> DataLoader[str, things.Person | None]:
        """People by account id."""
        return _loader(self._parts.registry.people_by_accounts)

    @cached_property
    def pay_links(self) -> DataLoader[str, pay_links.PayLink | None]:
        """By link id; the payer of an order that is no link is none."""
        return _loader(lambda ids: pay_links.links_by_ids(self._parts.database, ids, self._parts.clock()))

    @cached_property
    def campuses(self) -> DataLoader[str, places.Campus | None]:
        return _loader(lambda ids: places.campuses_by_ids(self._parts.database, ids))

    @cached_property
    def buildings_of_campus(self) -> DataLoader[str, list[places.Building] | None]:
        """By campus id."""
        return _loader(lambda ids: places.buildings_of_campuses(self._parts.database, ids))

    @cached_property
    def buildings(self) -> DataLoader[str, places.Building | None]:
        return _loader(lambda ids: places.buildings_by_ids(self._parts.database, ids))

    @cached_property
    def rooms(self) -> DataLoader[str, places.Room | None]:
        return _loader(lambda ids: places.rooms_by_ids(self._parts.database, ids))

    @cached_property
    def rooms_of_people(self) -> DataLoader[str, places.Room | None]:
        """Where people live now, by person id."""
        return _loader(lambda ids: places.rooms_of_people(self._parts.database, ids))

    @cached_property
    def meters_of_room(self) -> DataLoader[str, meters.Meter | None]:
        """The meter that is in a room now, by room id."""
        return _loader(lambda ids: meters.meters_of_rooms(self._parts.database, ids))

    @cached_property
    def meter_states(self) -> DataLoader[str, meters.MeterState | None]:
        """By meter id."""
        return _loader(lambda ids: meters.states_by_meters(self._parts.database, ids))

    @cached_property
    def device_commands(self) -> DataLoader[str, list[things.DeviceCommand] | None]:
        """The newest commands by device."""
        return _loader(self._parts.registry.commands_of_devices)

    @cached_property
    def commands(self) -> DataLoader[str, things.DeviceCommand | None]:
        return _loader(self._parts.registry.commands_by_ids)

    @cached_property
    def room_energy(self) -> DataLoader[str, RoomEnergy | None]:
        """By room id."""
        return _loader(lambda ids: find_energy(self._parts, ids))

    @cached_property
    def days_left(self) -> DataLoader[str, float | None]:
        """By room id."""
        return _loader(lambda ids: find_days_left(self._parts, ids))

    @cached_property
    def people(self) -> DataLoader[str, things.Person | None]:
        """By person id."""
        return _loader(self._parts.registry.people_by_ids)

    @cached_property
    def electricity_of_bill(self) -> "DataLoader[int, energy.ElectricityOrder | None]":
        """The order that a line of a bill paid or gave back, by transfer id."""
        return _loader(lambda ids: energy.find_electricity_of_bills(self._parts.database, ids))

    @cached_property
    def electricity(self) -> "DataLoader[str, energy.ElectricityOrder | None]":
        """By order id."""
        return _loader(lambda ids: energy.find_electricity_by_id(self._parts.database, ids))

    @cached_property
    def room_power(self) -> DataLoader[str, RoomPower | None]:
        """By room id."""
        return _loader(lambda ids: power_of_rooms(self._parts, ids))

    @cached_property
    def incidents(self) -> DataLoader[str, power.Incident | None]:
        """The one that is not over, by room id."""
        return _loader(lambda ids: power.incidents_of_rooms(self._parts.database, ids))

    @cached_property
    def power_steps(self) -> DataLoader[str, Sequence[power.Step] | None]:
        """By incident id."""
        return _loader(lambda ids: power.steps_of_incidents(self._parts.database, ids))
