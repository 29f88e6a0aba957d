"""卡片充值."""

from typing import Annotated

import strawberry

from onecard.actions.create_recharge import create_recharge
from schema.context import Info
from schema.fields import resolver
from schema.mutations import CALLER_ID, check_caller_id
from schema.recharge import Recharge
from schema.refusals import (
    AccountClosed,
    AmountInvalid,
    BankCardNotBound,
    IdempotencyConflict,
    MethodNotOffered,
    NotAllowed,
    NotBound,
    OutsideServiceHours,
    ServiceUnavailable,
    TooManyAttempts,
    WalletTypeNotOffered,
)
from schema.scalars import Money
from schema.words import RechargeMethod, WalletType


@strawberry.input(description="What a person chooses on the recharge screen 卡片充值.")
class RechargeCreateInput:
    id: strawberry.ID = strawberry.field(description=CALLER_ID)
    amount: Money = strawberry.field(
        description=(
            "How much 充值金额. Zero, negative, or outside the policy is the refusal `AmountInvalid`; three "
            "decimals do not parse and are an error."
        )
    )
    wallet_type: WalletType = strawberry.field(
        description="Into which wallet 钱包类型.", default=WalletType.CARD_ACCOUNT
    )
    method: RechargeMethod = strawberry.field(
        description="How it is paid 支付方式.", default=RechargeMethod.WECHAT
    )


@strawberry.type(description="The order is made 已下单. Its `state` says whether it waits for payment.")
class RechargeCreated:
    recharge: Recharge = strawberry.field(
        description="The order; its `payment` opens WeChat's payment sheet, its `payUrl` the platform's cashier. By "
        "bank card it was debited already, and `state` says how far that is."
    )
    replayed: bool = strawberry.field(
        description="Was this id answered before? Then this is the same order again."
    )


RechargeCreateResult = Annotated[
    RechargeCreated
    | AmountInvalid
    | OutsideServiceHours
    | WalletTypeNotOffered
    | MethodNotOffered
    | BankCardNotBound
    | IdempotencyConflict
    | NotBound
    | AccountClosed
    | TooManyAttempts
    | ServiceUnavailable
    | NotAllowed,
    strawberry.union(name="RechargeCreateResult", description="What came of ordering a recharge 充值下单."),
]


@strawberry.type
class RechargeCreate:
    @resolver("Order a recharge 充值下单: it is credited when whoever was to be paid says it is paid.")
    async def recharge_create(
        self,
        info: Info,
        input: Annotated[RechargeCreateInput, strawberry.argument(description="How much, and where to.")],
    ) -> RechargeCreateResult:
        created = await create_recharge(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            amount_fen=input.amount,
            wallet_type=input.wallet_type,
            method=input.method,
        )
        return RechargeCreated(recharge=Recharge.of(created.recharge), replayed=created.replayed)
