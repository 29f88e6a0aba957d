"""The table of permissions, whole: each kind of caller × each root field and each guarded field, asked over HTTP
of the real app. Allowed: an answer. Denied: an error, a refusal or null, as designed; never another's data.
"""

from __future__ import annotations

import json
import typing
from typing import Any

import pytest
from support.campus import OTHER_TERMINAL, OWN_TERMINAL, QUERY_PASSWORD, Campus, Device, Human, Outside

from onecard.rules.access import Dashboard, Gateway, Guest, Nobody, Person, Role
from schema.build import build, core_schema
from schema.find_node import FINDERS
from schema.permissions import GUARDED, OPEN_TYPES, ROOTS, Kind, enforce, kinds_of, may

CALLERS: dict[Kind, str] = {
    Kind.NOBODY: "",
    Kind.GUEST: "",
    Kind.DASHBOARD: "",
    Kind.UNBOUND: "unbound",
    Kind.NO_ROLE: "teacher",
    Kind.STUDENT: "student",
    Kind.COUNSELOR: "counselor",
    Kind.OPERATOR: "operator",
    Kind.UTILITY_STAFF: "utility",
    Kind.DEPARTMENT_OFFICE: "department",
    Kind.MERCHANT: "merchant",
    Kind.FINANCE: "finance",
    Kind.AUDITOR: "auditor",
    Kind.GATEWAY: "gateway",
}

# What each root field is asked with. `$…` is filled in from the campus.
QUERIES = {
    "node": 'node(id: "$ownTerminal") { id }',
    "school": "school { name }",
    "me": "me { id }",
    "account": "account { id }",
    "recharge": 'recharge(id: "$recharge") { id }',
    "jssdkConfig": 'jssdkConfig(url: "http://campus.test/") { signature }',
    "person": 'person(number: "2002001") { id }',
    "cases": "cases { edges { cursor } }",
    "terminals": "terminals { id }",
    "pendingCommands": "pendingCommands { id }",
    "campuses": "campuses { id }",
    "rooms": 'rooms(building: "bld_none") { id }',
    "room": 'room(id: "rom_none") { id }',
    "recentRooms": "recentRooms { id }",
    "electricityQuote": 'electricityQuote(room: "rom_none", amount: "1.00") { energy }',
    "electricityOrder": 'electricityOrder(id: "ele_none") { id }',
    "electricityOrders": "electricityOrders(states: [UNKNOWN]) { id }",
    "electricityProposals": "electricityProposals { edges { cursor } }",
    "powerIncidents": "powerIncidents { edges { cursor } }",
    "roomsInCare": "roomsInCare { id }",
    "alertSubscriptions": "alertSubscriptions { on }",
    "payLinks": "payLinks { id }",
    "bankCard": "bankCard { id }",
    "linkedRoom": "linkedRoom { name }",
    "linkedOrder": 'linkedOrder(id: "ele_none") { id }',
    "meters": "meters { edges { cursor } }",
    "usage": 'usage(interval: DAY, from: "2026-11-01", to: "2026-11-02") { energy }',
}
MUTATIONS = {
    "cardBind": f'input: {{ number: "2002002", queryPassword: "{QUERY_PASSWORD}" }}',
    "rechargeCreate": 'input: { id: "$id", amount: "1.00" }',
    "rechargeConfirm": 'input: { recharge: "$recharge" }',
    "paymentCodeIssue": "",
    "rechargeRefund": 'input: { id: "$id", recharge: "$recharge", amount: "1.00", reason: "x" }',
    "terminalSetState": 'input: { id: "$id", terminal: "$ownTerminal", state: STOPPED, reason: "x" }',
    "paymentCodeCharge": 'input: { id: "$id", code: "1", amount: "1.00", terminal: "10000001", occurredAt: "$now" }',
    "chargeReverse": 'input: { id: "$id", charge: "charge-0001", terminal: "10000001", occurredAt: "$now" }',
    "deviceCommandReport": 'input: { command: "cmd_x", state: RECEIVED, at: "$now" }',
    "terminalsSeen": 'input: { terminals: ["10000001"], at: "$now" }',
    "electricityPurchase": 'input: { id: "$id", room: "rom_none", amount: "1.00" }',
    "electricityPurchaseMany": 'input: { id: "$id", rooms: ["rom_none"], amount: "1.00" }',
    "electricityConfirm": 'input: { order: "ele_none" }',
    "electricityPropose": 'input: { id: "$id", order: "ele_none", kind: REFUND, reason: "x" }',
    "electricityDecide": 'input: { proposal: "pro_none", approve: true, reason: "x" }',
    "meterCommand": 'input: { id: "$id", meter: "met_none", operation: RELAY_OPEN, reason: "x" }',
    "alertSet": "input: { kind: LOW_ENERGY, on: true }",
    "bankCardBind": "",
    "bankCardConfirm": "",
    "bankCardUnbind": 'input: { card: "bcd_none" }',
    "payLinkMake": 'input: { label: "x" }',
    "payLinkEnd": 'input: { link: "lnk_none" }',
    "payLinkPay": 'input: { id: "$id", amount: "1.00" }',
    "payLinkConfirm": 'input: { order: "ele_none" }',
    "powerRestoreApply": 'input: { id: "$id", incident: "inc_none", statement: "x" }',
    "powerRestoreDecide": 'input: { id: "$id", incident: "inc_none", approve: true, reason: "x" }',
    "powerRestore": 'input: { id: "$id", incident: "inc_none", reason: "x" }',
    "meterReadingsRecord": "input: { readings: [] }",
}
HAS_NOT_ALLOWED = {
    "rechargeCreate",
    "rechargeRefund",
    "terminalSetState",
    "paymentCodeCharge",
    "chargeReverse",
    "deviceCommandReport",
    "terminalsSeen",
    "electricityPurchase",
    "electricityPurchaseMany",
    "electricityConfirm",
    "electricityPropose",
    "electricityDecide",
    "meterCommand",
    "alertSet",
    "bankCardBind",
    "bankCardConfirm",
    "bankCardUnbind",
    "payLinkMake",
    "payLinkEnd",
    "payLinkPay",
    "payLinkConfirm",
    "powerRestoreApply",
    "powerRestoreDecide",
    "powerRestore",
    "meterReadingsRecord",
}


def caller(campus: Campus, kind: Kind) -> Human | Device | Guest | Outside | None:
    if kind is Kind.NOBODY:
        return None
    if kind is Kind.GUEST:
        return Guest("lnk_none", "openid-of-a-parent")
    if kind is Kind.DASHBOARD:
        return campus.dashboard
    return campus.gateway if kind is Kind.GATEWAY else campus.people[CALLERS[kind]]


async def fill(campus: Campus, text: str) -> str:
    """Somebody else's recharge, a fresh id, now."""
    if "$recharge" in text:
        data = await campus.data(
            'mutation { rechargeCreate(input: { id: "others-recharge", amount: "5.00" }) {'
            " ... on RechargeCreated { recharge { id } } } }",
            who="other",
        )
        text = text.replace("$recharge", data["rechargeCreate"]["recharge"]["id"])
    return (
        text.replace("$ownTerminal", campus.gateway.terminal_id)
        .replace("$id", f"perm-{next(campus.numbers):06}")
        .replace("$now", campus.clock().isoformat())
    )


def code_of(answer: dict[str, Any]) -> str | None:
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None


@pytest.mark.pure
def test_the_table_names_every_root_field_and_every_type() -> None:
    core = core_schema(build())
    assert set(QUERIES) == set(ROOTS["Query"]) == set(core.type_map["Query"].fields)
    assert set(MUTATIONS) == set(ROOTS["Mutation"]) == set(core.type_map["Mutation"].fields)
    assert set(ROOTS["Subscription"]) == set(core.type_map["Subscription"].fields)
    assert set(GUARDED) <= OPEN_TYPES <= set(core.type_map)


@pytest.mark.pure
def test_what_the_table_does_not_name_stops_the_start() -> None:
    from graphql import build_schema

    for sdl in ("type Query { secret: String }", "type Query { node: Hidden } type Hidden { x: String }"):
        with pytest.raises(AssertionError):
            enforce(build_schema(sdl))


@pytest.mark.pure
def test_a_person_has_the_kind_of_each_role() -> None:
    person = Person("usr_1", "per_1", "acc_1", frozenset({Role.STUDENT, Role.OPERATOR}))
    assert kinds_of(person) == {Kind.STUDENT, Kind.OPERATOR}
    assert kinds_of(Person("usr_1", None, None, frozenset({Role.OPERATOR}))) == {Kind.UNBOUND}
    assert kinds_of(Person("usr_1", "per_1", "acc_1", frozenset())) == {Kind.NO_ROLE}
    assert kinds_of(Gateway("gwy_1")) == {Kind.GATEWAY}
    assert kinds_of(Guest("lnk_1", "o-1")) == {Kind.GUEST}
    assert kinds_of(Dashboard("dtk_1")) == {Kind.DASHBOARD}
    assert kinds_of(Nobody()) == {Kind.NOBODY}
    assert not may(Gateway("gwy_1"), ROOTS["Query"]["me"])


@pytest.mark.parametrize("kind", list(Kind))
async def test_queries(campus: Campus, kind: Kind) -> None:
    for field, text in QUERIES.items():
        answer = await campus.ask(f"{{ {await fill(campus, text)} }}", who=caller(campus, kind))
        if kind in ROOTS["Query"][field]:
            assert code_of(answer) is None, (field, answer)
        else:
            expected = "UNAUTHENTICATED" if kind is Kind.NOBODY else "FORBIDDEN"
            assert code_of(answer) == expected, (field, answer)
            assert not (answer["data"] or {}).get(field)


@pytest.mark.parametrize("kind", list(Kind))
async def test_mutations(campus: Campus, kind: Kind) -> None:
    for field, arguments in MUTATIONS.items():
        text = await fill(campus, arguments)
        call = f"{field}({text})" if text else field
        answer = await campus.ask(
            f"mutation {{ {call} {{ __typename ... on Refusal {{ code }} }} }}", who=caller(campus, kind)
        )
        if kind in ROOTS["Mutation"][field]:
            assert code_of(answer) is None, (field, answer)
            if field != "deviceCommandReport":  # a command that is not there is not this gateway's
                assert answer["data"][field]["__typename"] != "NotAllowed", field
        elif kind is Kind.NOBODY:
            assert (code_of(answer), answer["data"]) == ("UNAUTHENTICATED", None), field
        elif field in HAS_NOT_ALLOWED:
            assert answer["data"][field] == {"__typename": "NotAllowed", "code": "NOT_ALLOWED"}, field
        else:
            assert (code_of(answer), answer["data"]) == ("FORBIDDEN", None), field


SEES_ANYBODY = {Kind.OPERATOR, Kind.FINANCE, Kind.AUDITOR}


@pytest.mark.parametrize("kind", sorted(ROOTS["Query"]["node"]))
async def test_what_is_another_s_does_not_exist(campus: Campus, kind: Kind) -> None:
    """`other` has an account, a person, a bill and a recharge; who may look, finds them; who may not, null."""
    await campus.top_up("other", 5000)
    paid = await campus.pay("12.50", "other")
    who, other = caller(campus, kind), campus.people["other"]
    recharge = await fill(campus, "$recharge")
    for id in (other.account_id, other.person_id, paid["bill"]["id"], recharge):
        data = await campus.data("query ($id: ID!) { node(id: $id) { __typename id } }", {"id": id}, who=who)
        assert (data["node"] is not None) == (kind in SEES_ANYBODY), (kind, id)
    if kind is not Kind.GATEWAY:
        data = await campus.data(f'{{ recharge(id: "{recharge}") {{ id }} }}', who=who)
        assert (data["recharge"] is not None) == (kind in SEES_ANYBODY)


@pytest.mark.pure
def test_everything_with_an_id_can_be_asked_for_again() -> None:
    core = core_schema(build())
    nodes = core.get_possible_types(core.type_map["Node"])
    found = {typing.get_args(typing.get_type_hints(find)["return"])[0].__name__ for find in FINDERS.values()}
    assert found == {type_.name for type_ in nodes}


async def test_one_s_own_things_are_found(campus: Campus) -> None:
    await campus.top_up("student", 5000)
    paid = await campus.pay("12.50")
    me = campus.people["student"]
    for id in (
        me.account_id,
        me.person_id,
        paid["bill"]["id"],
        campus.merchant_id,
        campus.gateway.terminal_id,
    ):
        data = await campus.data("query ($id: ID!) { node(id: $id) { id } }", {"id": id}, who="student")
        assert data == {"node": {"id": id}}


@pytest.mark.parametrize(
    "id",
    [
        "",
        "x",
        "acc_",
        "acc_x",
        "bil_0",
        "bil_-1",
        "bil_99999999999999999999",
        "per_' OR 1=1 --",
        "zzz_1",
        "bil_",
    ],
)
async def test_an_id_that_is_none_is_null(campus: Campus, id: str) -> None:
    data = await campus.data("query ($id: ID!) { node(id: $id) { id } }", {"id": id}, who="operator")
    assert data == {"node": None}


@pytest.mark.parametrize("kind", list(Kind))
async def test_guarded_fields(campus: Campus, kind: Kind) -> None:
    who = caller(campus, kind)
    if kind in ROOTS["Query"]["node"]:
        await campus.data(
            "mutation ($i: TerminalsSeenInput!) { terminalsSeen(input: $i) { __typename } }",
            {"i": {"terminals": [OWN_TERMINAL], "at": campus.clock().isoformat()}},
            who=campus.gateway,
        )
        data = await campus.data(
            "query ($id: ID!) { node(id: $id) { ... on Terminal { number lastSeenAt } } }",
            {"id": campus.gateway.terminal_id},
            who=who,
        )
        assert data["node"]["number"] == OWN_TERMINAL
        assert (data["node"]["lastSeenAt"] is not None) == (kind in GUARDED["Terminal"]["lastSeenAt"])
    if kind in SEES_ANYBODY:
        data = await campus.data('{ person(number: "2002001") { number account { balance } } }', who=who)
        assert data["person"]["account"] == {"balance": "0.00"}
        recharge = await fill(campus, "$recharge")
        data = await campus.data(
            f'{{ recharge(id: "{recharge}") {{ person {{ number }} payment {{ paySign }} }} }}', who=who
        )
        assert data["recharge"]["person"] == {"number": "2002003"}
        assert data["recharge"]["payment"] is None, "only the orderer may open the payment sheet"


async def test_the_orderer_sees_the_payment_and_no_person(campus: Campus) -> None:
    recharge = await fill(campus, "$recharge")
    data = await campus.data(
        f'{{ recharge(id: "{recharge}") {{ person {{ number }} payment {{ package }} }} }}', who="other"
    )
    assert data["recharge"]["person"] is None
    assert data["recharge"]["payment"]["package"].startswith("prepay_id=")


async def test_a_gateway_sees_and_charges_for_its_own_terminals_only(campus: Campus) -> None:
    data = await campus.data("{ terminals { number } }", who=campus.gateway)
    assert data == {"terminals": [{"number": OWN_TERMINAL}]}
    data = await campus.data("{ terminals { number } }", who="operator")
    assert [row["number"] for row in data["terminals"]] == [OWN_TERMINAL, OTHER_TERMINAL]
    await campus.top_up("student", 5000)
    code = await campus.code()
    charge = "mutation ($input: PaymentCodeChargeInput!) { paymentCodeCharge(input: $input) { __typename } }"
    answer = await campus.data(charge, {"input": campus.charge_input(code)}, who=campus.other_gateway)
    assert answer["paymentCodeCharge"]["__typename"] == "NotAllowed"
    mine = await campus.data("{ account { balance } }", who="student")
    assert mine == {"account": {"balance": "50.00"}}, "nothing moved"
    answer = await campus.data(charge, {"input": campus.charge_input(code)}, who=campus.gateway)
    assert answer["paymentCodeCharge"]["__typename"] == "PaymentCodeCharged"


async def test_when_a_terminal_was_heard_is_not_for_another_gateway(campus: Campus) -> None:
    await campus.data(
        "mutation ($i: TerminalsSeenInput!) { terminalsSeen(input: $i) { __typename } }",
        {"i": {"terminals": [OWN_TERMINAL], "at": campus.clock().isoformat()}},
        who=campus.gateway,
    )
    look = "query ($id: ID!) { node(id: $id) { ... on Terminal { number lastSeenAt } } }"
    for who, told in ((campus.gateway, True), (campus.other_gateway, False)):
        data = await campus.data(look, {"id": campus.gateway.terminal_id}, who=who)
        assert (data["node"]["lastSeenAt"] is not None) is told


async def test_jssdk_signs_our_own_pages_only(campus: Campus) -> None:
    for url in (
        "http://evil.example/",
        "http://campus.test.evil.example/",
        "http://campus.testx/",
        "",
        "x" * 600,
    ):
        answer = await campus.ask(
            "query ($u: String!) { jssdkConfig(url: $u) { signature } }", {"u": url}, who="student"
        )
        assert code_of(answer) == "BAD_USER_INPUT", url


REPORT = (
    "mutation ($i: DeviceCommandReportInput!) { deviceCommandReport(input: $i) {"
    " __typename ... on DeviceCommandReported { command { state } } } }"
)


async def stop_command(campus: Campus) -> str:
    """An operator stops the gateway's terminal: the command's id."""
    data = await campus.data(
        "mutation ($i: TerminalSetStateInput!) { terminalSetState(input: $i) {"
        " ... on TerminalStateSet { command { id } } } }",
        {
            "i": {
                "id": "stop-0001",
                "terminal": campus.gateway.terminal_id,
                "state": "STOPPED",
                "reason": "坏",
            }
        },
        who="operator",
    )
    command: str = data["terminalSetState"]["command"]["id"]
    return command


async def test_reports_on_another_gateway_s_command_are_refused(campus: Campus) -> None:
    body = {
        "command": await stop_command(campus),
        "state": "RECEIVED",
        "at": campus.clock().isoformat(),
    }
    answer = await campus.data(REPORT, {"i": body}, who=campus.other_gateway)
    assert answer["deviceCommandReport"]["__typename"] == "NotAllowed"
    answer = await campus.data(REPORT, {"i": body}, who=campus.gateway)
    assert answer["deviceCommandReport"]["__typename"] == "DeviceCommandReported"


async def test_what_a_device_said_is_kept_whole_or_not_taken(campus: Campus) -> None:
    body = {"command": await stop_command(campus), "state": "REJECTED", "at": campus.clock().isoformat()}
    answer = await campus.post(
        {"query": REPORT, "variables": {"i": body | {"detail": "说" * 1001}}}, who=campus.gateway
    )
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    told = await campus.data(REPORT, {"i": body | {"detail": "说" * 1000}}, who=campus.gateway)
    assert told["deviceCommandReport"]["command"] == {"state": "REJECTED"}
    kept = await campus.parts.database.execute_query_dict("SELECT detail FROM device_command")
    assert kept == [{"detail": "说" * 1000}]


INJECTIONS = [
    "' OR '1'='1",
    "'; DROP TABLE entry; --",
    "\\",
    "%",
    "_",
    "$1",
    "{}",
    "张三",
    "\U0001f35a",
    "a" * 5000,
]


@pytest.mark.parametrize("text", INJECTIONS)
async def test_sql_in_every_string_stays_a_string(campus: Campus, text: str) -> None:
    now = campus.clock().isoformat()
    asked = [
        ("operator", "query ($x: String!) { person(number: $x) { id } }"),
        ("student", "query ($x: ID!) { recharge(id: $x) { id } node(id: $x) { id } }"),
        ("student", "query ($x: String!) { account { bills(after: $x) { edges { cursor } } } }"),
        ("student", "query ($x: String!) { jssdkConfig(url: $x) { signature } }"),
        (
            "unbound",
            "mutation ($x: String!) { cardBind(input: { number: $x, queryPassword: $x }) { __typename } }",
        ),
        (
            "student",
            'mutation ($x: ID!) { rechargeCreate(input: { id: $x, amount: "1.00" }) { __typename } }',
        ),
        ("student", "mutation ($x: ID!) { rechargeConfirm(input: { recharge: $x }) { __typename } }"),
        (
            "operator",
            'mutation ($x: String!, $i: ID!) { rechargeRefund(input: { id: "inject-0001", recharge: $i,'
            ' amount: "1.00", reason: $x }) { __typename } }',
        ),
        (
            campus.gateway,
            'mutation ($x: String!) { paymentCodeCharge(input: { id: "inject-0002", code: $x, amount: "1.00",'
            f' terminal: $x, occurredAt: "{now}" }}) {{ __typename }} }}',
        ),
        (
            campus.gateway,
            f'mutation ($x: String!) {{ terminalsSeen(input: {{ terminals: [$x], at: "{now}" }}) {{ __typename }} }}',
        ),
        (
            campus.gateway,
            "mutation ($i: ID!, $x: String!) { deviceCommandReport(input: { command: $i, state: RECEIVED,"
            f' detail: $x, at: "{now}" }}) {{ __typename }} }}',
        ),
    ]
    for who, document in asked:
        answer = await campus.ask(document, {"x": text, **({"i": text} if "$i" in document else {})}, who=who)
        for error in answer.get("errors", ()):
            assert error["extensions"]["code"] == "BAD_USER_INPUT", (document, answer)
        assert "SELECT" not in json.dumps(answer)
    assert await campus.data("{ account { balance } }", who="student") == {"account": {"balance": "0.00"}}
