"""The register's tables as Tortoise maps them. They only map: migrations make the tables, and a test compares
these models with the catalogue. Reading goes through `access`, writing through `record`."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

KEY = 250  # Tortoise wants a bound on what it indexes; in the database these are text


class Campus(Model):
    id = fields.CharField(KEY, primary_key=True)
    code = fields.CharField(KEY, unique=True)
    name = fields.TextField()

    class Meta:
        table = "campus"


class Building(Model):
    id = fields.CharField(KEY, primary_key=True)
    code = fields.CharField(KEY, unique=True)
    campus_id = fields.TextField()
    name = fields.TextField()
    floors = fields.SmallIntField()

    class Meta:
        table = "building"


class Room(Model):
    id = fields.CharField(KEY, primary_key=True)
    code = fields.CharField(KEY, unique=True)
    building_id = fields.TextField()
    floor = fields.SmallIntField()
    number = fields.TextField()

    class Meta:
        table = "room"


class Department(Model):
    id = fields.CharField(KEY, primary_key=True)
    code = fields.CharField(KEY, unique=True)
    name = fields.TextField()

    class Meta:
        table = "department"


class ClassGroup(Model):
    id = fields.CharField(KEY, primary_key=True)
    code = fields.CharField(KEY, unique=True)
    department_id = fields.TextField()
    name = fields.TextField()

    class Meta:
        table = "class_group"


class Person(Model):
    id = fields.CharField(KEY, primary_key=True)
    number = fields.CharField(KEY, unique=True)
    name_sealed = fields.BinaryField()
    phone_sealed = fields.BinaryField(null=True)
    digits_hash = fields.TextField(null=True)
    digits_profile = fields.TextField(null=True)
    roles = ArrayField("text")
    department_id = fields.TextField(null=True)
    class_id = fields.TextField(null=True)
    account_id = fields.CharField(KEY, null=True, unique=True)
    bound_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "person"


class Residence(Model):
    id = fields.CharField(KEY, primary_key=True)
    person_id = fields.TextField()
    room_id = fields.TextField()
    since = fields.DatetimeField()
    until = fields.DatetimeField(null=True)

    class Meta:
        table = "residence"


class Login(Model):
    id = fields.CharField(KEY, primary_key=True)
    wecom_userid = fields.CharField(KEY, unique=True)
    openid = fields.TextField(null=True)
    person_id = fields.CharField(KEY, null=True, unique=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    last_login_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "login"


class LoginSession(Model):
    id = fields.CharField(KEY, primary_key=True)
    login_id = fields.TextField()
    newest = fields.IntField()
    created_at = fields.DatetimeField()
    rotated_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "login_session"


class Attempt(Model):
    id = fields.BigIntField(primary_key=True, generated=True)
    subject = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        table = "attempt"


class Merchant(Model):
    id = fields.CharField(KEY, primary_key=True)
    code = fields.CharField(KEY, unique=True)
    name = fields.TextField()
    place = fields.TextField(null=True)
    journal_account = fields.CharField(KEY, unique=True)

    class Meta:
        table = "merchant"


class Gateway(Model):
    id = fields.CharField(KEY, primary_key=True)
    name = fields.TextField()
    public_key = fields.TextField()
    command_sequence = fields.IntField(default=0)
    enrolled_at = fields.DatetimeField(auto_now_add=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "gateway"


class Terminal(Model):
    id = fields.CharField(KEY, primary_key=True)
    number = fields.CharField(KEY, unique=True)
    place = fields.TextField(null=True)
    merchant_id = fields.TextField()
    gateway_id = fields.TextField()
    state = fields.TextField(default="IN_SERVICE")
    last_seen_at = fields.DatetimeField(null=True)

    class Meta:
        table = "terminal"


class DeviceCommand(Model):
    id = fields.CharField(KEY, primary_key=True)
    gateway_id = fields.TextField()
    sequence = fields.IntField()
    device = fields.TextField()
    operation = fields.TextField()
    arguments: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)
    issued_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    state = fields.TextField(default="PENDING")
    reported_at = fields.DatetimeField(null=True)
    detail = fields.TextField(null=True)
    reason = fields.TextField()
    actor = fields.TextField()
    caller_key = fields.CharField(KEY, unique=True)
    body = fields.BinaryField()

    class Meta:
        table = "device_command"


class Meter(Model):
    id = fields.CharField(KEY, primary_key=True)
    number = fields.TextField()
    model = fields.TextField()
    protocol = fields.TextField()
    way = fields.TextField()
    room_id = fields.TextField(null=True)
    gateway_id = fields.TextField()
    bus = fields.TextField()
    installed_at = fields.DatetimeField()
    removed_at = fields.DatetimeField(null=True)
    position = fields.BigIntField()

    class Meta:
        table = "meter"


class MeterState(Model):
    meter_id = fields.CharField(KEY, primary_key=True)
    read_at = fields.DatetimeField(null=True)
    total_wh = fields.BigIntField(null=True)
    power_w = fields.IntField(null=True)
    relay = fields.TextField(null=True)
    flags: fields.Field[list[str]] = ArrayField(element_type="text")
    meter_remaining_wh = fields.BigIntField(null=True)
    credit_counter = fields.IntField(null=True)
    heard_at = fields.DatetimeField(null=True)
    silent_since = fields.DatetimeField(null=True)
    drawn_w = fields.IntField(null=True)

    class Meta:
        table = "meter_state"


class ElectricityProposal(Model):
    id = fields.CharField(KEY, primary_key=True)
    position = fields.BigIntField()
    kind = fields.TextField()
    order_id = fields.TextField()
    case_id = fields.TextField(null=True)
    to_room_id = fields.TextField(null=True)
    wh = fields.BigIntField(null=True)
    reason = fields.TextField()
    state = fields.TextField(default="OPEN")
    proposed_by = fields.TextField()
    proposed_at = fields.DatetimeField()
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decision = fields.TextField(null=True)
    caller_key = fields.CharField(KEY, unique=True)
    body = fields.BinaryField()

    class Meta:
        table = "electricity_proposal"


class PowerIncident(Model):
    id = fields.CharField(KEY, primary_key=True)
    position = fields.BigIntField()
    room_id = fields.CharField(KEY)
    meter_id = fields.CharField(KEY)
    state = fields.TextField()
    watts = fields.IntField(null=True)
    opened_at = fields.DatetimeField()
    due_at = fields.DatetimeField(null=True)
    overdue = fields.BooleanField(default=False)
    applicant = fields.CharField(KEY, null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "power_incident"


class PowerStep(Model):
    position = fields.BigIntField(primary_key=True, generated=True)
    incident_id = fields.CharField(KEY)
    kind = fields.TextField()
    at = fields.DatetimeField()
    actor = fields.TextField()
    note = fields.TextField(null=True)
    caller_key = fields.CharField(KEY, unique=True, null=True)
    body = fields.BinaryField(null=True)

    class Meta:
        table = "power_step"


class AlertSubscription(Model):
    id = fields.BigIntField(primary_key=True, generated=True)
    person_id = fields.CharField(KEY)
    kind = fields.TextField()
    threshold_wh = fields.IntField()
    room_id = fields.CharField(KEY, null=True)
    said = fields.TextField(null=True)
    told_at = fields.DatetimeField(null=True)

    class Meta:
        table = "alert_subscription"
        unique_together = (("person_id", "kind"),)


class Alert(Model):
    id = fields.BigIntField(primary_key=True, generated=True)
    person_id = fields.CharField(KEY)
    kind = fields.TextField()
    words = fields.TextField()
    made_at = fields.DatetimeField()
    state = fields.TextField(default="WAITING")

    class Meta:
        table = "alert"


class PayLink(Model):
    id = fields.CharField(KEY, primary_key=True)
    room_id = fields.CharField(KEY)
    made_by = fields.CharField(KEY)
    label = fields.TextField()
    made_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "pay_link"


class BankCard(Model):
    id = fields.CharField(KEY, primary_key=True)
    person_id = fields.CharField(KEY)
    state = fields.TextField()
    agreement_id = fields.TextField(null=True)
    bank_name = fields.TextField(null=True)
    last_four = fields.TextField(null=True)
    once_limit_fen = fields.BigIntField(null=True)
    day_limit_fen = fields.BigIntField(null=True)
    asked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    bound_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "bank_card"


class DashboardToken(Model):
    id = fields.CharField(KEY, primary_key=True)
    name = fields.TextField()
    campus_id = fields.CharField(KEY, null=True)
    made_by = fields.TextField()
    made_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    used_on = fields.DateField(null=True)

    class Meta:
        table = "dashboard_token"


class Audit(Model):
    id = fields.BigIntField(primary_key=True, generated=True)
    at = fields.DatetimeField()
    actor = fields.TextField()
    verb = fields.TextField()
    subject = fields.TextField()
    detail: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)

    class Meta:
        table = "audit"
