"""冲正."""

from datetime import datetime
from typing import Annotated

import strawberry

from onecard.actions.reverse_charge import reverse_charge
from onecard.ledger.book import Kept, Reversed
from schema.bill import Bill
from schema.context import Info
from schema.fields import resolver
from schema.mutations import CALLER_ID, check_caller_id
from schema.refusals import AlreadyReversed, IdempotencyConflict, NotAllowed, TerminalUnknown


@strawberry.input(description="Which charge a terminal takes back 冲正.")
class ChargeReverseInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID + " This is the reversal's own id.")
    charge: strawberry.ID = strawberry.field(description="The id the charge was sent with.")
    terminal: str = strawberry.field(description="The terminal's number 终端号, the same that charged.")
    occurred_at: datetime = strawberry.field(description="When it was decided, by the terminal's clock.")


@strawberry.type(description="The charge is undone 冲正成功; the money is back in the payer's account.")
class ChargeReversed:
    bill: Bill = strawberry.field(description="The line that gives the money back.")
    replayed: bool = strawberry.field(
        description="Was this id answered before? Then nothing more was given back."
    )


@strawberry.type(
    description="The charge has not come yet; if it still comes it will be refused. No money moves."
)
class ReversalKept:
    replayed: bool = strawberry.field(description="Was this id answered before?")


@strawberry.type(
    description="The charge was refused by rule, so there is nothing to give back. No money moves."
)
class ChargeNeverPosted:
    replayed: bool = strawberry.field(description="Was this id answered before?")


ChargeReverseResult = Annotated[
    ChargeReversed
    | ReversalKept
    | ChargeNeverPosted
    | AlreadyReversed
    | TerminalUnknown
    | IdempotencyConflict
    | NotAllowed,
    strawberry.union(name="ChargeReverseResult", description="What came of a reversal 冲正."),
]


@strawberry.type
class ChargeReverse:
    @resolver(
        "Take back a charge 冲正 whose answer the terminal never saw, or that the cashier cancelled. It may "
        "arrive before the charge does. For gateways."
    )
    async def charge_reverse(
        self,
        info: Info,
        input: Annotated[ChargeReverseInput, strawberry.argument(description="Which charge.")],
    ) -> ChargeReverseResult:
        outcome = await reverse_charge(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            charge_id=check_caller_id(input.charge),
            terminal=input.terminal,
            occurred_at=input.occurred_at,
        )
        if isinstance(outcome, Reversed):
            return ChargeReversed(
                bill=Bill.of_receipt(outcome.receipt),
                replayed=outcome.replayed,
            )
        if isinstance(outcome, Kept):
            return ReversalKept(replayed=outcome.replayed)
        return ChargeNeverPosted(replayed=outcome.replayed)
