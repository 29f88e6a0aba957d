"""The ledger's tables as Tortoise sees them: for reading alone. `book` writes, by functions.

`entry` and `outside_reference` have keys of several columns, which Tortoise cannot map; statements read them.
Keys are `text` there; Tortoise wants a CharField for them. A test compares these classes with the catalogue.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class JournalAccount(Model):
    code = fields.CharField(255, primary_key=True)
    unit = fields.TextField()
    kind = fields.TextField()
    owner = fields.TextField(null=True)
    wallet = fields.TextField(null=True)
    opened_at = fields.DatetimeField()

    class Meta:
        table = "journal_account"


class WalletAccount(Model):
    id = fields.CharField(255, primary_key=True)
    card_fen = fields.BigIntField()
    transition_fen = fields.BigIntField()
    electronic_fen = fields.BigIntField()
    held_fen = fields.BigIntField()
    freezes: fields.Field[list[str]] = ArrayField(element_type="text")
    counter_day = fields.DateField(null=True)
    paid_today_fen = fields.BigIntField()
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "wallet_account"


class Transfer(Model):
    """Its key in the database is (month, id); ids are unique by their sequence."""

    id = fields.BigIntField(primary_key=True, generated=False)
    month = fields.DateField()
    kind = fields.TextField()
    lines = fields.SmallIntField()
    account_id = fields.TextField(null=True)
    amount_fen = fields.BigIntField()
    card_delta_fen = fields.BigIntField()
    transition_delta_fen = fields.BigIntField()
    electronic_delta_fen = fields.BigIntField()
    card_fen = fields.BigIntField(null=True)
    transition_fen = fields.BigIntField(null=True)
    electronic_fen = fields.BigIntField(null=True)
    held_fen = fields.BigIntField(null=True)
    merchant_id = fields.TextField(null=True)
    terminal_id = fields.TextField(null=True)
    occurred_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    day = fields.DateField()
    late = fields.BooleanField()
    counted_fen = fields.BigIntField()
    reverses_id = fields.BigIntField(null=True)
    reverses_month = fields.DateField(null=True)
    key = fields.TextField()

    class Meta:
        table = "transfer"


class PostingKey(Model):
    key = fields.CharField(255, primary_key=True)
    body = fields.BinaryField(null=True)
    transfer_id = fields.BigIntField(null=True)
    month = fields.DateField(null=True)
    refusal: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    subject = fields.TextField(null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "posting_key"


class AccountingDay(Model):
    day = fields.DateField(primary_key=True)
    opens_at = fields.DatetimeField()
    closes_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    last_position = fields.BigIntField(null=True)

    class Meta:
        table = "accounting_day"


class Hold(Model):
    id = fields.CharField(255, primary_key=True)
    account_id = fields.TextField()
    state = fields.TextField()
    amount_fen = fields.BigIntField()
    position = fields.BigIntField()
    available_before_fen = fields.BigIntField()
    merchant_id = fields.TextField()
    terminal_id = fields.TextField(null=True)
    key = fields.TextField()
    placed_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    ended_position = fields.BigIntField(null=True)
    captured_fen = fields.BigIntField(null=True)
    waived_fen = fields.BigIntField(null=True)
    transfer_id = fields.BigIntField(null=True)
    month = fields.DateField(null=True)

    class Meta:
        table = "hold"


class RechargeOrderRow(Model):
    id = fields.CharField(255, primary_key=True)
    account_id = fields.TextField()
    amount_fen = fields.BigIntField()
    wallet_type = fields.TextField()
    method = fields.TextField()
    state = fields.TextField()
    out_trade_no = fields.TextField()
    key = fields.TextField()
    position = fields.BigIntField()
    prepay_id = fields.TextField(null=True)
    ordered_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    paid_at = fields.DatetimeField(null=True)
    credited_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    failed_at = fields.DatetimeField(null=True)
    refunded_at = fields.DatetimeField(null=True)
    transaction_id = fields.TextField(null=True)
    refunded_fen = fields.BigIntField()
    transfer_id = fields.BigIntField(null=True)
    month = fields.DateField(null=True)
    declined = fields.TextField(null=True)

    class Meta:
        table = "recharge_order"


class ElectricityOrderRow(Model):
    id = fields.CharField(255, primary_key=True)
    position = fields.BigIntField()
    key = fields.TextField()
    payer = fields.TextField()
    account_id = fields.TextField(null=True)
    room_id = fields.TextField()
    meter_id = fields.TextField(null=True)
    way = fields.TextField(null=True)
    amount_fen = fields.BigIntField()
    method = fields.TextField()
    state = fields.TextField()
    note = fields.TextField(null=True)
    out_trade_no = fields.TextField(null=True)
    prepay_id = fields.TextField(null=True)
    transaction_id = fields.TextField(null=True)
    ordered_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    paid_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    command_id = fields.TextField(null=True)
    credit_counter = fields.IntField(null=True)
    wh = fields.BigIntField(null=True)
    priced: fields.Field[list[object] | None] = fields.JSONField(null=True)
    repaid_fen = fields.BigIntField()
    refunded_fen = fields.BigIntField()
    transfer_id = fields.BigIntField(null=True)
    month = fields.DateField(null=True)
    delivery_id = fields.BigIntField(null=True)
    delivery_month = fields.DateField(null=True)
    declined = fields.TextField(null=True)

    class Meta:
        table = "electricity_order"


class RoomEnergy(Model):
    room_id = fields.CharField(255, primary_key=True)
    bought_wh = fields.BigIntField()
    quota_wh = fields.BigIntField()
    emergency_fen = fields.BigIntField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "room_energy"


class MeterConsumed(Model):
    meter_id = fields.CharField(255, primary_key=True)
    room_id = fields.TextField()
    total_wh = fields.BigIntField()
    read_at = fields.DatetimeField()

    class Meta:
        table = "meter_consumed"


class Refund(Model):
    id = fields.CharField(255, primary_key=True)
    recharge_id = fields.TextField(null=True)
    case_id = fields.TextField(null=True)
    electricity_id = fields.TextField(null=True)
    out_refund_no = fields.TextField()
    amount_fen = fields.BigIntField()
    reason = fields.TextField()
    actor = fields.TextField()
    state = fields.TextField()
    key = fields.TextField()
    asked_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    transfer_id = fields.BigIntField()
    month = fields.DateField()
    finish_transfer_id = fields.BigIntField(null=True)
    finish_month = fields.DateField(null=True)

    class Meta:
        table = "refund"


class SuspenseCase(Model):
    id = fields.CharField(255, primary_key=True)
    kind = fields.TextField()
    state = fields.TextField()
    amount_fen = fields.BigIntField()
    reference = fields.TextField()
    out_trade_no = fields.TextField(null=True)
    explanation = fields.TextField()
    position = fields.BigIntField()
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.TextField(null=True)
    transfer_id = fields.BigIntField(null=True)
    month = fields.DateField(null=True)
    channel = fields.TextField()

    class Meta:
        table = "suspense_case"
