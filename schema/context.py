"""What every resolver is handed: the parts of the business, who calls, and the loaders of this request."""

from dataclasses import dataclass, field
from datetime import datetime

import strawberry

from onecard.actions.parts import Parts
from onecard.rules.access import Caller, Person
from schema.loaders import Loaders
from schema.permissions import Audience, kinds_of


@dataclass(slots=True)
class Context:
    parts: Parts
    caller: Caller
    request_id: str
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    """(mutation, name of what it answered with), for whoever counts."""
    kinds: Audience = field(init=False)
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = kinds_of(self.caller)
        self.loaders = Loaders(self.parts)

    @property
    def account_id(self) -> str | None:
        """The caller's own account; None for gateways, nobody, and logins without a card."""
        return self.caller.account_id if isinstance(self.caller, Person) else None

    def now(self) -> datetime:
        return self.parts.clock()


Info = strawberry.Info[Context, None]
