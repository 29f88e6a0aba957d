"""Who may see what: one table, person × field. What is not in the table is denied.

Two questions are asked. *May this kind of caller use this field at all?* — answered here for every root field
and for every guarded field of an object. *Is this object theirs?* — answered by whoever loads it: an
object of another person is not found (null), whatever its id says.

A denied root query or subscription is an error UNAUTHENTICATED (nobody) or FORBIDDEN; a denied mutation is
the refusal `NotAllowed` where its union has it; a denied field of an object is null.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema, GraphQLUnionType, get_named_type

from onecard.rules.access import Caller, Dashboard, Gateway, Guest, Person, Role
from onecard.rules.refusals import Refusal, RefusalCode
from schema.refusals import NotAllowed


class Kind(StrEnum):
    """The kinds of caller. A person has the kind of each of their roles; NO_ROLE: a card and none of the roles,
    as a teacher has; UNBOUND: no card yet; GUEST: somebody with a pay link and no account; DASHBOARD: one outside.
    """

    NOBODY = "NOBODY"
    GUEST = "GUEST"
    DASHBOARD = "DASHBOARD"
    UNBOUND = "UNBOUND"
    NO_ROLE = "NO_ROLE"
    STUDENT = "STUDENT"
    COUNSELOR = "COUNSELOR"
    OPERATOR = "OPERATOR"
    UTILITY_STAFF = "UTILITY_STAFF"
    DEPARTMENT_OFFICE = "DEPARTMENT_OFFICE"
    MERCHANT = "MERCHANT"
    FINANCE = "FINANCE"
    AUDITOR = "AUDITOR"
    GATEWAY = "GATEWAY"


EVERYONE = frozenset(Kind)
GUESTS = frozenset({Kind.GUEST})
DASHBOARDS = frozenset({Kind.DASHBOARD})
LOGGED_IN = EVERYONE - {Kind.NOBODY, Kind.GUEST, Kind.DASHBOARD, Kind.GATEWAY}
CALLERS = EVERYONE - {Kind.NOBODY, Kind.GUEST, Kind.DASHBOARD}
GATEWAYS = frozenset({Kind.GATEWAY})
STAFF = frozenset({Kind.OPERATOR, Kind.FINANCE, Kind.AUDITOR})
HOLDERS = LOGGED_IN - {Kind.UNBOUND}
POWER_STAFF = frozenset({Kind.UTILITY_STAFF, Kind.FINANCE, Kind.AUDITOR})
POWER_SAFETY = POWER_STAFF | {Kind.DEPARTMENT_OFFICE}

Audience = frozenset[Kind]

ROOTS: Mapping[str, Mapping[str, Audience]] = {
    "Query": {
        "node": CALLERS,
        "school": EVERYONE,
        "me": LOGGED_IN,
        "account": LOGGED_IN,
        "recharge": LOGGED_IN,
        "jssdkConfig": LOGGED_IN | GUESTS,
        "person": STAFF,
        "cases": STAFF,
        "terminals": GATEWAYS | {Kind.OPERATOR},
        "pendingCommands": GATEWAYS,
        "campuses": LOGGED_IN | DASHBOARDS,
        "rooms": LOGGED_IN,
        "room": LOGGED_IN,
        "recentRooms": LOGGED_IN,
        "electricityQuote": LOGGED_IN,
        "electricityOrder": LOGGED_IN,
        "electricityOrders": POWER_STAFF,
        "electricityProposals": POWER_STAFF,
        "powerIncidents": POWER_SAFETY,
        "roomsInCare": LOGGED_IN,
        "alertSubscriptions": LOGGED_IN,
        "payLinks": LOGGED_IN,
        "bankCard": LOGGED_IN,
        "linkedRoom": GUESTS,
        "linkedOrder": GUESTS,
        "meters": POWER_STAFF,
        "usage": POWER_STAFF | DASHBOARDS,
    },
    "Mutation": {
        "cardBind": LOGGED_IN,
        "rechargeCreate": LOGGED_IN,
        "rechargeConfirm": LOGGED_IN,
        "paymentCodeIssue": LOGGED_IN,
        "rechargeRefund": frozenset({Kind.OPERATOR}),
        "terminalSetState": frozenset({Kind.OPERATOR}),
        "paymentCodeCharge": GATEWAYS,
        "chargeReverse": GATEWAYS,
        "deviceCommandReport": GATEWAYS,
        "terminalsSeen": GATEWAYS,
        "electricityPurchase": LOGGED_IN,
        "electricityPurchaseMany": frozenset({Kind.COUNSELOR}),
        "electricityConfirm": LOGGED_IN,
        "electricityPropose": frozenset({Kind.UTILITY_STAFF}),
        "electricityDecide": frozenset({Kind.UTILITY_STAFF, Kind.FINANCE}),
        "meterCommand": frozenset({Kind.UTILITY_STAFF}),
        "alertSet": LOGGED_IN,
        "bankCardBind": LOGGED_IN,
        "bankCardConfirm": LOGGED_IN,
        "bankCardUnbind": LOGGED_IN,
        "payLinkMake": LOGGED_IN,
        "payLinkEnd": LOGGED_IN,
        "payLinkPay": GUESTS,
        "payLinkConfirm": GUESTS,
        "powerRestoreApply": LOGGED_IN,
        "powerRestoreDecide": frozenset({Kind.DEPARTMENT_OFFICE}),
        "powerRestore": frozenset({Kind.UTILITY_STAFF}),
        "meterReadingsRecord": GATEWAYS,
    },
    "Subscription": {
        "accountChanged": HOLDERS,
        "deviceCommands": GATEWAYS,
    },
}

GUARDED: Mapping[str, Mapping[str, Audience]] = {
    "Person": {"account": HOLDERS, "room": HOLDERS, "usage": HOLDERS, "stays": HOLDERS},
    "ElectricityOrder": {
        "payer": HOLDERS,
        "linkLabel": HOLDERS,
        "payment": HOLDERS,
        "payUrl": HOLDERS,
        "command": POWER_STAFF,
    },
    "Meter": {"commands": POWER_STAFF},
    "PowerIncident": {"applicant": POWER_SAFETY},
    "PowerStep": {"by": POWER_SAFETY},
    "Room": {"meter": CALLERS, "energy": CALLERS},
    "Recharge": {"person": STAFF, "payment": HOLDERS, "payUrl": HOLDERS},
    "Terminal": {"lastSeenAt": GATEWAYS | {Kind.OPERATOR}},
}
"""Fields of objects that not everybody who was given the object may read. All of them are nullable."""

OPEN_TYPES = frozenset(
    {
        "Account",
        "AccountClosed",
        "AccountFrozen",
        "AlertSet",
        "AlertSubscription",
        "AlreadyBound",
        "AlreadyReversed",
        "AmountInvalid",
        "BankCard",
        "BankCardBindBegun",
        "BankCardBound",
        "BankCardConfirmed",
        "BankCardNotBound",
        "BankCardUnbound",
        "Bill",
        "BillConnection",
        "BillEdge",
        "BindMismatch",
        "Building",
        "Campus",
        "CardBound",
        "Case",
        "CaseConnection",
        "CaseEdge",
        "ChargeNeverPosted",
        "ChargeReversed",
        "ChargeReversedBefore",
        "CodeExpired",
        "CodeForDoors",
        "CodeUnknown",
        "CodeUsed",
        "DeviceCommand",
        "DeviceCommandReported",
        "ElectricityConfirmed",
        "ElectricityDecided",
        "ElectricityForRoom",
        "ElectricityOrder",
        "ElectricityOrderConnection",
        "ElectricityOrderEdge",
        "ElectricityProposal",
        "ElectricityProposalConnection",
        "ElectricityProposalEdge",
        "ElectricityProposed",
        "ElectricityPurchased",
        "ElectricityPurchasedMany",
        "ElectricityQuote",
        "EnergyUsed",
        "IdempotencyConflict",
        "IncidentNotOpen",
        "IncidentUnknown",
        "InsufficientBalance",
        "JssdkConfig",
        "LinkUnknown",
        "LinkedOrder",
        "LinkedRoom",
        "Merchant",
        "Meter",
        "MeterCommanded",
        "MeterConnection",
        "MeterEdge",
        "MeterReadingsRecorded",
        "MeterState",
        "MeterUnknown",
        "MethodNotOffered",
        "MonthTotal",
        "NotAllowed",
        "NotBound",
        "Obstacle",
        "OrderNotOpen",
        "OrderUnknown",
        "OutsideServiceHours",
        "PageInfo",
        "PayLink",
        "PayLinkConfirmed",
        "PayLinkEnded",
        "PayLinkMade",
        "PayLinkOrdered",
        "PaymentCode",
        "PaymentCodeCharged",
        "PaymentCodeIssued",
        "PaymentLimitReached",
        "Person",
        "Policy",
        "PowerIncident",
        "PowerIncidentConnection",
        "PowerIncidentEdge",
        "PowerLocked",
        "PowerNight",
        "PowerRestoreApplied",
        "PowerRestoreDecided",
        "PowerRestoring",
        "PowerStep",
        "QuoteStep",
        "Recharge",
        "RechargeConfirmed",
        "RechargeConnection",
        "RechargeCreated",
        "RechargeEdge",
        "RechargeRefunded",
        "RechargeStep",
        "RechargeUnknown",
        "RefundTooLarge",
        "ReversalKept",
        "Room",
        "RoomEnergy",
        "RoomHasNoMeter",
        "RoomPower",
        "RoomUnknown",
        "School",
        "ServiceHours",
        "ServiceUnavailable",
        "Stay",
        "Terminal",
        "TerminalStateSet",
        "TerminalStopped",
        "TerminalUnknown",
        "TerminalsRecorded",
        "TooManyAttempts",
        "TooManyLinks",
        "UsagePoint",
        "WalletChanges",
        "WalletTypeNotOffered",
        "WechatPayment",
    }
)
"""Types whose fields, but for the guarded ones, are for whoever was given the object."""

_KIND_OF_ROLE = {role: Kind(role.value) for role in Role}
_NOBODY = frozenset({Kind.NOBODY})
_UNBOUND = frozenset({Kind.UNBOUND})
_NO_ROLE = frozenset({Kind.NO_ROLE})


def kinds_of(caller: Caller) -> Audience:
    if isinstance(caller, Person):
        if caller.person_id is None:
            return _UNBOUND
        return frozenset(_KIND_OF_ROLE[role] for role in caller.roles) or _NO_ROLE
    if isinstance(caller, Guest):
        return GUESTS
    if isinstance(caller, Dashboard):
        return DASHBOARDS
    return GATEWAYS if isinstance(caller, Gateway) else _NOBODY


def may(caller: Caller, audience: Audience) -> bool:
    return not kinds_of(caller).isdisjoint(audience)


def is_staff(caller: Caller) -> bool:
    """May this caller look at the accounts of others (card centre, finance, audit)?"""
    return may(caller, STAFF)


def denied(caller: Caller) -> GraphQLError:
    if may(caller, _NOBODY):
        return GraphQLError("Log in first 请先登录.", extensions={"code": "UNAUTHENTICATED"})
    return GraphQLError("This is not yours to see or do 无权限.", extensions={"code": "FORBIDDEN"})


def enforce(schema: GraphQLSchema) -> None:
    """Put the table in front of every resolver; AssertionError when the schema has what the table lacks."""
    for name, type_ in schema.type_map.items():
        if not isinstance(type_, GraphQLObjectType) or name.startswith("__"):
            continue
        if name in ROOTS:
            rows = ROOTS[name]
            assert set(rows) == set(type_.fields), (
                f"{name}: table and schema differ: {set(rows) ^ set(type_.fields)}"
            )
        else:
            assert name in OPEN_TYPES, f"{name} is not in the table of permissions, so nobody may see it"
            rows = GUARDED.get(name, {})
            assert set(rows) <= set(type_.fields), f"{name}: the table guards fields that do not exist"
        for field_name, audience in rows.items():
            if audience == EVERYONE:
                continue
            field = type_.fields[field_name]
            if name == "Subscription":
                assert field.subscribe is not None
                field.subscribe = _guarded(field.subscribe, audience, _raise)
            else:
                assert field.resolve is not None
                if name == "Query":
                    otherwise = _raise
                elif name == "Mutation":
                    union = get_named_type(field.type)
                    assert isinstance(union, GraphQLUnionType)
                    refusing = any(member.name == "NotAllowed" for member in union.types)
                    otherwise = _refuse if refusing else _raise
                else:
                    otherwise = _hide
                field.resolve = _guarded(field.resolve, audience, otherwise)


def _guarded(
    resolve: Callable[..., Any], audience: Audience, otherwise: Callable[[Caller], Any]
) -> Callable[..., Any]:
    def guarded(source: Any, info: Any, **arguments: Any) -> Any:
        caller = info.context.caller
        if info.context.kinds.isdisjoint(audience):
            return otherwise(caller)
        return resolve(source, info, **arguments)

    return guarded


def _raise(caller: Caller) -> Any:
    raise denied(caller)


def _refuse(caller: Caller) -> Any:
    """Nobody is told to log in; everybody else that this is not theirs to do."""
    if may(caller, _NOBODY):
        raise denied(caller)
    return NotAllowed.of(Refusal(RefusalCode.NOT_ALLOWED))


def _hide(caller: Caller) -> None:
    return None
