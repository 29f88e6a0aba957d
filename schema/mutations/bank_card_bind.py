"""A bank card is bound at the bank's own page, and unbound here."""

from typing import Annotated

import strawberry

from onecard.actions.bank_cards import begin_binding, confirm_binding, end_binding
from schema.bank_card import BankCard
from schema.context import Info
from schema.fields import resolver
from schema.refusals import (
    BankCardBound,
    MethodNotOffered,
    NotAllowed,
    NotBound,
    ServiceUnavailable,
    TooManyAttempts,
)


@strawberry.type(description="The bank waits for the holder to sign 签约.")
class BankCardBindBegun:
    card: BankCard = strawberry.field(description="The card that is being bound.")
    sign_url: str = strawberry.field(
        description="The bank's page 签约页面; from there the browser comes back to the page, signed or not."
    )


BankCardBindResult = Annotated[
    BankCardBindBegun
    | BankCardBound
    | MethodNotOffered
    | NotBound
    | TooManyAttempts
    | ServiceUnavailable
    | NotAllowed,
    strawberry.union(name="BankCardBindResult", description="What came of beginning to bind a bank card."),
]


@strawberry.type(description="What the bank says of one's card now.")
class BankCardConfirmed:
    card: BankCard | None = strawberry.field(description="The card; null when none is bound or being bound.")


BankCardConfirmResult = Annotated[
    BankCardConfirmed | MethodNotOffered | NotBound | ServiceUnavailable | NotAllowed,
    strawberry.union(name="BankCardConfirmResult", description="How the binding of a bank card stands."),
]


@strawberry.input(description="Which bank card is unbound.")
class BankCardUnbindInput:
    card: strawberry.ID = strawberry.field(description="The card's id.")


@strawberry.type(
    description="Nothing is debited from it any more 已解绑. What the bank was debiting already goes on."
)
class BankCardUnbound:
    card: strawberry.ID = strawberry.field(description="Which one.")


BankCardUnbindResult = Annotated[
    BankCardUnbound | MethodNotOffered | NotBound | ServiceUnavailable | NotAllowed,
    strawberry.union(name="BankCardUnbindResult", description="What came of unbinding a bank card."),
]


@strawberry.type
class BankCards:
    @resolver(
        "Begin to bind a bank card 绑定银行卡: the holder signs on the bank's page. Asked again before it is signed, "
        "it is the same page. No money moves."
    )
    async def bank_card_bind(self, info: Info) -> BankCardBindResult:
        card, url = await begin_binding(info.context.parts, info.context.caller)
        return BankCardBindBegun(card=BankCard.of(card), sign_url=url)

    @resolver(
        "Ask the bank how the binding of one's card stands; for a browser that came back from its page."
    )
    async def bank_card_confirm(self, info: Info) -> BankCardConfirmResult:
        card = await confirm_binding(info.context.parts, info.context.caller)
        return BankCardConfirmed(card=BankCard.of(card) if card else None)

    @resolver("Unbind one's bank card 解绑银行卡, at the bank too. Unbound twice is unbound.")
    async def bank_card_unbind(
        self,
        info: Info,
        input: Annotated[BankCardUnbindInput, strawberry.argument(description="Which one.")],
    ) -> BankCardUnbindResult:
        await end_binding(info.context.parts, info.context.caller, input.card)
        return BankCardUnbound(card=input.card)
