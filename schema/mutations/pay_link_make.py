"""A resident makes a pay link, or ends one."""

from typing import Annotated

import strawberry

from onecard.actions.pay_links import LONGEST_LABEL, close_link, make_link
from schema.context import Info
from schema.fields import resolver
from schema.mutations import check_text
from schema.pay_link import PayLink
from schema.refusals import LinkUnknown, NotAllowed, NotBound, RoomUnknown, TooManyLinks


@strawberry.input(description="For whom a pay link 缴费链接 is.")
class PayLinkMakeInput:
    label: str = strawberry.field(
        description="A word by which its maker knows it 备注名, up to 20 characters, such as 妈妈."
    )


@strawberry.type(description="The link is good from now on.")
class PayLinkMade:
    link: PayLink = strawberry.field(description="The link; give its `url` away.")


PayLinkMakeResult = Annotated[
    PayLinkMade | RoomUnknown | TooManyLinks | NotBound | NotAllowed,
    strawberry.union(name="PayLinkMakeResult", description="What came of making a pay link."),
]


@strawberry.input(description="Which pay link ends.")
class PayLinkEndInput:
    link: strawberry.ID = strawberry.field(description="The link's id.")


@strawberry.type(description="Nobody pays by it any more. What was paid goes on.")
class PayLinkEnded:
    link: strawberry.ID = strawberry.field(description="Which one.")


PayLinkEndResult = Annotated[
    PayLinkEnded | LinkUnknown | NotBound | NotAllowed,
    strawberry.union(name="PayLinkEndResult", description="What came of ending a pay link."),
]


@strawberry.type
class PayLinks:
    @resolver(
        "Make a link by which somebody without an account pays for one's own room 新建缴费链接. The same label again "
        "is the same link, and its year begins anew."
    )
    async def pay_link_make(
        self, info: Info, input: Annotated[PayLinkMakeInput, strawberry.argument(description="For whom.")]
    ) -> PayLinkMakeResult:
        label = check_text("label", input.label, LONGEST_LABEL)
        return PayLinkMade(link=PayLink.of(await make_link(info.context.parts, info.context.caller, label)))

    @resolver("End a pay link of one's own 停用缴费链接. Ended twice is ended.")
    async def pay_link_end(
        self, info: Info, input: Annotated[PayLinkEndInput, strawberry.argument(description="Which one.")]
    ) -> PayLinkEndResult:
        await close_link(info.context.parts, info.context.caller, input.link)
        return PayLinkEnded(link=input.link)
