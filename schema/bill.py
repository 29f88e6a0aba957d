"""我的账单: every line says what happened, where, and what it did to each wallet."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.registry import things
from onecard.rules.ids import bill_id
from schema.context import Info
from schema.fields import Soon, resolver
from schema.merchant import Merchant
from schema.node import Node
from schema.scalars import Money
from schema.terminal import Terminal
from schema.words import BillKind, InLanguage, Language

if TYPE_CHECKING:
    from onecard.ledger.receipts import Receipt
    from onecard.ledger.statements import BillLine
    from schema.electricity import ElectricityOrder

TITLES = {
    BillKind.RECHARGE: ("充值", "Recharge"),
    BillKind.PAYMENT: ("付款码消费", "Paid by code"),
    BillKind.CARD_TAP: ("刷卡消费", "Paid by card"),
    BillKind.CHIP_LOAD: ("领款到卡", "Moved onto the card"),
    BillKind.REFUND: ("退款", "Refund"),
    BillKind.REVERSAL: ("冲正", "Reversal"),
    BillKind.FEE: ("手续费", "Fee"),
    BillKind.ADJUSTMENT: ("调账", "Adjustment"),
    BillKind.ELECTRICITY: ("缴电费", "Electricity"),
}
"""中文 and English."""
RECHARGE_TITLES = {
    "WECHAT": ("微信充值", "Recharge by WeChat"),
    "CASH": ("现金充值", "Recharge in cash"),
    "BANK": ("银行卡充值", "Recharge by bank card"),
    "ONLINE_PAYMENT": ("统一支付平台充值", "Recharge by the payment platform"),
}
NAMED_AFTER_MERCHANT = frozenset({BillKind.PAYMENT, BillKind.CARD_TAP})
NOT_READ: Mapping[str, things.Merchant] = {}


@strawberry.type(
    description="What one bill did to each of the three wallets, signed; 0.00 where it did nothing."
)
class WalletChanges:
    card: Money = strawberry.field(description="Change of the card balance 卡余额.")
    transition: Money = strawberry.field(description="Change of the transition balance 过渡余额.")
    electronic: Money = strawberry.field(description="Change of the electronic account 电子账户.")


@strawberry.type(
    description="One line of 我的账单: money that moved in or out of an account. A line is never "
    "changed or removed."
)
class Bill(Node):
    transfer_id: strawberry.Private[int]
    merchant_id: strawberry.Private[str | None]
    terminal_id: strawberry.Private[str | None]
    row: strawberry.Private["BillLine | None"]
    seller: strawberry.Private[things.Merchant | None]  # where it was read together with its page
    kind: BillKind = strawberry.field(description="What kind of line it is 类型.")
    amount: Money = strawberry.field(
        description='How the person feels it 金额: a lunch is "-12.50", a recharge "50.00".'
    )
    balance_after: Money = strawberry.field(description="The balance 余额 (三者之和) right after it.")
    occurred_at: datetime = strawberry.field(
        description="When it happened, by the till's or the provider's clock 交易时间."
    )
    recorded_at: datetime = strawberry.field(description="When it was written into the books 入账时间.")
    accounting_day: date = strawberry.field(
        description="The accounting day 记账日 it counts for; by default it ends at 23:00."
    )
    late: bool = strawberry.field(
        description="Did it happen on an earlier accounting day than it was written 补录?"
    )
    reference: str = strawberry.field(
        description="What to tell the counter when something is wrong 流水号: digits, short enough to "
        "read aloud."
    )

    @resolver("What it did to each wallet.")
    async def changes(self, info: Info) -> WalletChanges:
        row = await self._whole(info)
        return WalletChanges(
            card=Money(row.card_delta_fen),
            transition=Money(row.transition_delta_fen),
            electronic=Money(row.electronic_delta_fen),
        )

    @resolver(
        "What to call it in a list: the merchant's name, or what happened, such as 微信充值.", answers=str
    )
    def title(self, info: Info, language: InLanguage = Language.ZH) -> Soon[str]:
        if self.seller is not None:
            return _title(self.kind, self.seller, None, language)
        if self.merchant_id is None and self.row is not None:
            return _title(self.kind, None, self.row.method, language)
        return self._title_later(info, language)

    @resolver("Who was paid 商户; null when nobody was, as with a recharge.", answers=Merchant | None)
    def merchant(self, info: Info) -> Soon[Merchant | None]:
        if self.seller is not None:
            return Merchant.of(self.seller)
        return self._merchant_later(info) if self.merchant_id is not None else None

    @resolver("At which terminal POS机; null when at none.")
    async def terminal(self, info: Info) -> Terminal | None:
        if self.terminal_id is None:
            return None
        found = await info.context.loaders.terminals.load(self.terminal_id)
        return Terminal.of(found) if found else None

    @resolver("The bill this one undoes 被冲正的账单; null when it undoes none.")
    async def reverses(self, info: Info) -> Annotated["Bill", strawberry.lazy("schema.bill")] | None:
        return await _other(info, (await self._whole(info)).reverses_id)

    @resolver("The bill that undid this one 冲正账单; null while it stands.")
    async def reversed_by(self, info: Info) -> Annotated["Bill", strawberry.lazy("schema.bill")] | None:
        return await _other(info, (await self._whole(info)).reversed_by_id)

    @resolver("The purchase of electricity 缴电费 it paid or gave back; null for all other lines.")
    async def electricity(
        self, info: Info
    ) -> Annotated["ElectricityOrder", strawberry.lazy("schema.electricity")] | None:
        from schema.electricity import ElectricityOrder

        if self.kind is not BillKind.ELECTRICITY:
            return None
        found = await info.context.loaders.electricity_of_bill.load(self.transfer_id)
        return ElectricityOrder.of(found) if found else None

    async def _title_later(self, info: Info, language: Language) -> str:
        seller = await self._find_seller(info)
        method = (await self._whole(info)).method if self.kind is BillKind.RECHARGE else None
        return _title(self.kind, seller, method, language)

    async def _merchant_later(self, info: Info) -> Merchant | None:
        found = await self._find_seller(info)
        return Merchant.of(found) if found else None

    async def _find_seller(self, info: Info) -> things.Merchant | None:
        if self.merchant_id is None:
            return None
        return await info.context.loaders.merchants.load(self.merchant_id)

    async def _whole(self, info: Info) -> "BillLine":
        """The row with what a receipt does not say; read when one of those fields is asked for."""
        if self.row is None:
            self.row = await info.context.loaders.bills.load(self.transfer_id)
        assert self.row is not None, "a receipt without its transfer"
        return self.row

    @classmethod
    def of(cls, row: "BillLine", merchants: Mapping[str, things.Merchant] = NOT_READ) -> Self:
        """`merchants` by id, where they were read together with a page of rows."""
        return cls(
            transfer_id=row.transfer_id,
            merchant_id=row.merchant_id,
            terminal_id=row.terminal_id,
            row=row,
            seller=merchants.get(row.merchant_id) if row.merchant_id is not None else None,
            id=strawberry.ID(bill_id(row.transfer_id)),
            kind=row.kind,
            amount=Money(row.amount_fen),
            balance_after=Money(row.balance_after_fen),
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            accounting_day=row.day,
            late=row.late,
            reference=spoken_reference(row.transfer_id),
        )

    @classmethod
    def of_receipt(cls, receipt: "Receipt") -> Self:
        """The bill behind a receipt, without reading it again: the till waits for this."""
        return cls(
            transfer_id=receipt.transfer_id,
            merchant_id=receipt.merchant_id,
            terminal_id=receipt.terminal_id,
            row=None,
            seller=None,
            id=strawberry.ID(bill_id(receipt.transfer_id)),
            kind=receipt.kind,
            amount=Money(receipt.amount_fen),
            balance_after=Money(receipt.balance_fen),
            occurred_at=receipt.occurred_at,
            recorded_at=receipt.recorded_at,
            accounting_day=receipt.day,
            late=receipt.late,
            reference=spoken_reference(receipt.transfer_id),
        )


def _title(kind: BillKind, seller: things.Merchant | None, method: str | None, language: Language) -> str:
    words = TITLES[kind]
    if kind is BillKind.RECHARGE and seller is None:
        words = RECHARGE_TITLES.get(method or "", words)
    title = words[0 if language is Language.ZH else 1]
    if seller is None:
        return title
    return seller.name if kind in NAMED_AFTER_MERCHANT else f"{title} {seller.name}"


async def _other(info: Info, transfer_id: int | None) -> Bill | None:
    if transfer_id is None:
        return None
    row = await info.context.loaders.bills.load(transfer_id)
    return Bill.of(row) if row else None


def spoken_reference(transfer_id: int) -> str:
    """In groups of four from the right, as one reads digits aloud: 1234567 → "123 4567"."""
    digits = str(transfer_id).zfill(4)
    head = len(digits) % 4
    groups = [digits[:head]] if head else []
    return " ".join(groups + [digits[at : at + 4] for at in range(head, len(digits), 4)])
