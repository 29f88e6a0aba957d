"""What is read per object is read together: one statement for all merchants of a page of bills, and so on.

A loader lives as long as one request (or one event of a subscription) and is made when it is first used.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from strawberry.dataloader import DataLoader

from onecard.actions.parts import Parts
from onecard.ledger import statements
from onecard.registry import things

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
