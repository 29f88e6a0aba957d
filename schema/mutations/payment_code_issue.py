"""付款码: a new one for the phone's screen."""

from typing import Annotated

import strawberry

from onecard.actions.issue_payment_code import issue_payment_code
from schema.account import Account
from schema.context import Info
from schema.fields import resolver
from schema.payment_code import PaymentCode
from schema.refusals import AccountClosed, AccountFrozen, NotBound, ServiceUnavailable, TooManyAttempts


@strawberry.type(description="A fresh payment code 付款码, and the account it pays from.")
class PaymentCodeIssued:
    payment_code: PaymentCode = strawberry.field(description="The code to show to the till.")
    account: Account = strawberry.field(description="The account as it is now.")


PaymentCodeIssueResult = Annotated[
    PaymentCodeIssued | NotBound | AccountFrozen | AccountClosed | TooManyAttempts | ServiceUnavailable,
    strawberry.union(
        name="PaymentCodeIssueResult", description="What came of asking for a payment code 付款码."
    ),
]


@strawberry.type
class PaymentCodeIssue:
    @resolver(
        "Give this phone a fresh payment code 付款码. Each call gives another one; earlier ones live "
        "out their minute."
    )
    async def payment_code_issue(self, info: Info) -> PaymentCodeIssueResult:
        issued = await issue_payment_code(info.context.parts, info.context.caller)
        wallets = await info.context.loaders.wallets.load(issued.account_id)
        assert wallets is not None, "a code was issued for an account without wallets"
        return PaymentCodeIssued(payment_code=PaymentCode.of(issued), account=Account.of(wallets))
