"""付款: a till scanned a payment code. The hot path."""

from datetime import datetime
from typing import Annotated

import strawberry

from onecard.actions.pay_with_code import pay_with_code
from schema.bill import Bill
from schema.context import Info
from schema.fields import resolver
from schema.mutations import CALLER_ID, check_caller_id
from schema.refusals import (
    AccountClosed,
    AccountFrozen,
    AmountInvalid,
    ChargeReversedBefore,
    CodeExpired,
    CodeForDoors,
    CodeUnknown,
    CodeUsed,
    IdempotencyConflict,
    InsufficientBalance,
    NotAllowed,
    PaymentLimitReached,
    TerminalStopped,
    TerminalUnknown,
)
from schema.scalars import Money


@strawberry.input(
    description="What a terminal POS机 read and the cashier typed, as its gateway passes it on."
)
class PaymentCodeChargeInput:
    id: strawberry.ID = strawberry.field(
        description=CALLER_ID
        + " A gateway makes it from the terminal, its time (DE7) and its trace number (DE11)."
    )
    code: str = strawberry.field(
        description="The payment code 付款码 as scanned. An odd one is `CodeUnknown`."
    )
    amount: Money = strawberry.field(
        description=(
            "What to take 消费金额. Zero and negative are the refusal `AmountInvalid`; three decimals do not "
            "parse and are an error."
        )
    )
    terminal: str = strawberry.field(description="The terminal's number 终端号 (DE41).")
    occurred_at: datetime = strawberry.field(description="When it happened by the terminal's clock 交易时间.")


@strawberry.type(description="Paid 支付成功. The money has moved.")
class PaymentCodeCharged:
    bill: Bill = strawberry.field(description="The line in the payer's bill.")
    available: Money = strawberry.field(description="What the payer may still spend 可用余额.")
    payer: str = strawberry.field(description="The payer's name, masked for the cashier's display: 张*.")
    voice_prompt: str = strawberry.field(description="What the till says aloud 语音提示: 支付成功.")
    replayed: bool = strawberry.field(
        description="Was this id answered before? Then no more money was taken."
    )


PaymentCodeChargeResult = Annotated[
    PaymentCodeCharged
    | InsufficientBalance
    | AccountFrozen
    | AccountClosed
    | CodeUnknown
    | CodeExpired
    | CodeUsed
    | CodeForDoors
    | AmountInvalid
    | PaymentLimitReached
    | TerminalUnknown
    | TerminalStopped
    | ChargeReversedBefore
    | IdempotencyConflict
    | NotAllowed,
    strawberry.union(
        name="PaymentCodeChargeResult", description="What came of a charge 扣款; final for its id."
    ),
]

LONGEST_CODE = 128


@strawberry.type
class PaymentCodeCharge:
    @resolver(
        "Take money from whoever shows this payment code 付款码扣款. When an answer is lost, send the same "
        "id again: it gives the same receipt. An error UNAVAILABLE stored nothing and may be sent again too. "
        "For gateways."
    )
    async def payment_code_charge(
        self,
        info: Info,
        input: Annotated[
            PaymentCodeChargeInput, strawberry.argument(description="The scanned code and the sum.")
        ],
    ) -> PaymentCodeChargeResult:
        charged = await pay_with_code(
            info.context.parts,
            info.context.caller,
            id=check_caller_id(input.id),
            code=input.code[:LONGEST_CODE],
            amount_fen=input.amount,
            terminal=input.terminal,
            occurred_at=input.occurred_at,
        )
        receipt = charged.receipt
        return PaymentCodeCharged(
            bill=Bill.of_receipt(receipt),
            available=Money(receipt.available_fen),
            payer=charged.payer,
            voice_prompt=charged.voice_prompt,
            replayed=receipt.replayed,
        )
