"""绑定."""

from typing import Annotated

import strawberry

from onecard.actions.bind_card import bind_card
from schema.context import Info
from schema.fields import resolver
from schema.mutations import check_text
from schema.person import Person
from schema.refusals import AlreadyBound, BindMismatch, ServiceUnavailable, TooManyAttempts
from schema.words import BindMethod


@strawberry.input(description="What a person types to bind their campus card 绑定.")
class CardBindInput:
    method: BindMethod = strawberry.field(
        description="How they prove whose card it is 绑定方式.", default=BindMethod.STUDENT_OR_STAFF_NUMBER
    )
    number: str = strawberry.field(description="Student or staff number 学/工号.")
    query_password: str = strawberry.field(
        description="Query password 查询密码: the last six digits of the ID number; with a final X, the "
        "six before it."
    )


@strawberry.type(
    description="The card is bound to this login 绑定成功. Binding one's own card again says so again."
)
class CardBound:
    person: Person = strawberry.field(description="Who it turned out to be; the account is open.")


CardBindResult = Annotated[
    CardBound | BindMismatch | AlreadyBound | TooManyAttempts | ServiceUnavailable,
    strawberry.union(name="CardBindResult", description="What came of binding a card 绑定."),
]


@strawberry.type
class CardBind:
    @resolver("Bind a campus card to this login 绑定. Does nothing twice, so it needs no id.")
    async def card_bind(
        self,
        info: Info,
        input: Annotated[CardBindInput, strawberry.argument(description="Whose card, and the proof.")],
    ) -> CardBindResult:
        person = await bind_card(
            info.context.parts,
            info.context.caller,
            number=check_text("number", input.number, 32),
            query_password=check_text("queryPassword", input.query_password, 32),
        )
        return CardBound(person=Person.of(person))
