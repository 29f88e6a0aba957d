"""The schema put together: the nouns, the permissions in front of every field, refusals as results."""

from collections.abc import Callable
from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSchema, GraphQLUnionType, get_named_type
from strawberry.schema.config import StrawberryConfig

from onecard.rules.refusals import Refusal as Refused
from onecard.rules.refusals import RefusalCode
from schema.context import Context
from schema.direct import resolve_directly
from schema.mutations.alert_set import AlertSetting
from schema.mutations.bank_card_bind import BankCards
from schema.mutations.card_bind import CardBind
from schema.mutations.charge_reverse import ChargeReverse
from schema.mutations.device_command_report import DeviceCommandReport
from schema.mutations.electricity_confirm import ElectricityConfirm
from schema.mutations.electricity_decide import ElectricityDecide
from schema.mutations.electricity_propose import ElectricityPropose
from schema.mutations.electricity_purchase import ElectricityPurchase
from schema.mutations.electricity_purchase_many import ElectricityPurchaseMany
from schema.mutations.meter_command import MeterCommand
from schema.mutations.meter_readings_record import MeterReadingsRecord
from schema.mutations.pay_link_make import PayLinks
from schema.mutations.pay_link_pay import PayLinkPay
from schema.mutations.payment_code_charge import PaymentCodeCharge
from schema.mutations.payment_code_issue import PaymentCodeIssue
from schema.mutations.power_restore import PowerRestore
from schema.mutations.power_restore_apply import PowerRestoreApply
from schema.mutations.power_restore_decide import PowerRestoreDecide
from schema.mutations.recharge_confirm import RechargeConfirm
from schema.mutations.recharge_create import RechargeCreate
from schema.mutations.recharge_refund import RechargeRefund
from schema.mutations.terminal_set_state import TerminalSetState
from schema.mutations.terminals_seen import TerminalsSeen
from schema.permissions import denied, enforce
from schema.query import Query
from schema.refusals import as_type
from schema.scalars import SCALARS
from schema.subscription import Subscription


@strawberry.type(
    description=(
        "Everything that can be done, one mutation for each button or device event. Each takes one input and "
        "answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals "
        "to come."
    )
)
class Mutation(
    CardBind,
    RechargeCreate,
    RechargeConfirm,
    PaymentCodeIssue,
    RechargeRefund,
    TerminalSetState,
    PaymentCodeCharge,
    ChargeReverse,
    DeviceCommandReport,
    TerminalsSeen,
    ElectricityPurchase,
    ElectricityPurchaseMany,
    ElectricityConfirm,
    ElectricityPropose,
    ElectricityDecide,
    AlertSetting,
    PayLinks,
    PayLinkPay,
    BankCards,
    PowerRestoreApply,
    PowerRestoreDecide,
    PowerRestore,
    MeterCommand,
    MeterReadingsRecord,
): ...


@cache
def build() -> strawberry.Schema:
    """The one schema of this process, complete with permissions."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    core = core_schema(schema)
    resolve_directly(core)
    _answer_refusals(core)
    enforce(core)
    return schema


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """graphql-core's schema inside Strawberry's, which executes without a second layer per request."""
    core = schema._schema
    assert isinstance(core, GraphQLSchema)
    return core


def sdl() -> str:
    return build().as_str().rstrip("\n") + "\n"


def _answer_refusals(core: GraphQLSchema) -> None:
    """A refusal raised in a mutation becomes the member of its union."""
    assert core.mutation_type is not None
    for name, field in core.mutation_type.fields.items():
        union = get_named_type(field.type)
        assert isinstance(union, GraphQLUnionType)
        assert field.resolve is not None
        field.resolve = _answering(name, field.resolve, frozenset(member.name for member in union.types))


def _answering(name: str, resolve: Callable[..., Any], members: frozenset[str]) -> Callable[..., Any]:
    async def answering(source: Any, info: Any, **arguments: Any) -> Any:
        try:
            result = await resolve(source, info, **arguments)
        except Refused as refused:
            result = _as_result(refused, name, info.context, members)
        info.context.outcomes.append((name, type(result).__name__))
        return result

    return answering


def _as_result(refused: Refused, name: str, context: Context, members: frozenset[str]) -> Any:
    if refused.code.type_name in members:
        return as_type(refused)
    if refused.code is RefusalCode.SERVICE_UNAVAILABLE:
        raise GraphQLError(refused.message("ZH"), extensions={"code": "UNAVAILABLE"}) from refused
    if refused.code is RefusalCode.NOT_ALLOWED:
        raise denied(context.caller) from refused
    raise AssertionError(f"{name} refused with {refused.code}, which its union lacks") from refused
