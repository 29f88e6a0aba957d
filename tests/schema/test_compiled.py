"""A compiled document answers as graphql-core does, to the letter: every committed document, and some that nobody
would commit, over random data with nulls, errors, wrong types and awaitables anywhere.
"""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute,
    is_abstract_type,
    parse,
    type_from_ast,
    validate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.build import build, core_schema, sdl
from schema.compiled import MOST_FIELDS, Compiled, Misfit, compile_operation
from schema.direct import Attribute
from schema.documents import gateway_documents, page_documents

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
COMMITTED = [
    text
    for _, text in page_documents(ROOT / "webapp" / "src" / "graphql" / "persisted.json")
    + gateway_documents(ROOT / "devices_gateway" / "documents")
    if not text.lstrip().startswith("subscription") and " subscription " not in text
]
ODD = [
    "{ __typename a: school { n: name name __typename } b: school { name } }",
    "{ account { ...A ...A ... on Node { id __typename } ... { held } } } fragment A on Account { id balance ...B }"
    " fragment B on Account { bills(first: 2) { edges { cursor } ...C } bills(first: 2) { edges { node { id } } } }"
    " fragment C on BillConnection { edges { node { title reverses { id reversedBy { title } } } } }",
    "{ account { ...A } account { ...A } account { bills { ...B } } account { bills { ...B } } }"
    " fragment A on Account { id obstacles { code } } fragment B on BillConnection { edges { node { ...C } ...D } }"
    " fragment C on Bill { id merchant { name } } fragment D on BillEdge { node { ...C kind } cursor }",
    "query ($first: Int = 3, $kind: [BillKind!] = [PAYMENT], $via: PaymentChannel! = CARD, $to: Date) {"
    " account { bills(first: $first, kind: $kind, to: $to, from: null) { edges { node { id kind } } }"
    " obstacles(via: $via) { code message(language: EN) } } }",
    "query ($id: ID!) { one: node(id: $id) { __typename id ... on Bill { title merchant { ...M } }"
    ' ... on Merchant { ...M ...M } ... on Person { account { id } } } other: node(id: "x") { id } }'
    " fragment M on Merchant { name place }",
    "mutation ($input: RechargeCreateInput!, $other: RechargeCreateInput!) {"
    " first: rechargeCreate(input: $input) { __typename ... on Refusal { message } ... on RechargeCreated {"
    " replayed recharge { id timeline { kind at } } } }"
    " second: rechargeCreate(input: $other) { ... on AmountInvalid { minimum } ... on Refusal { remedy } }"
    " paymentCodeIssue { __typename ... on Refusal { code } } }",
]
DOCUMENTS = [*COMMITTED, *ODD]


class Dream:
    """An object nobody wrote down: what its fields hold follows from its seed, twice the same."""

    def __init__(self, seed: str, typename: str) -> None:
        self.seed = seed
        self.typename = typename

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return dream(self, name, {})


def rarely(dice: random.Random, share: float = 0.03) -> bool:
    return dice.random() < share


def something(dice: random.Random, type_: Any, seed: str) -> Any:
    """What a resolver might give for a type: mostly right, sometimes null, wrong, an error, or still to come."""
    if rarely(dice):
        return None
    if rarely(dice):
        return RuntimeError(f"an error as a value, {seed}")
    if isinstance(type_, GraphQLNonNull):
        return something(dice, type_.of_type, seed)
    if isinstance(type_, GraphQLList):
        if rarely(dice):
            return 7
        items = [something(dice, type_.of_type, f"{seed}.{n}") for n in range(dice.randrange(4))]
        return [Soon(item, 1) if rarely(dice, 0.1) else item for item in items]
    if isinstance(type_, GraphQLObjectType):
        return Dream(seed, type_.name)
    if is_abstract_type(type_):
        names = sorted(each.name for each in SCHEMA.get_possible_types(type_))
        return Dream(seed, dice.choice(["Query", "Nothing", "Money"]) if rarely(dice) else dice.choice(names))
    if rarely(dice):
        return [object]  # no scalar of ours
    if isinstance(type_, GraphQLEnumType):
        return dice.choice(sorted(type_.values))
    return {"Int": dice.randrange(100), "Boolean": dice.random() < 0.5}.get(
        type_.name, f"{type_.name} {seed}"
    )


class Soon:
    """An awaitable that is no coroutine, so that it may also be dropped."""

    def __init__(self, value: Any, turns: int) -> None:
        self.value = value
        self.turns = turns

    def __await__(self) -> Any:
        for _ in range(self.turns):
            yield from asyncio.sleep(0).__await__()
        if isinstance(self.value, LookupError):
            raise self.value
        return self.value


def dream(source: Dream | None, field_name: str, arguments: dict[str, Any]) -> Any:
    typename, seed = (source.typename, source.seed) if source else (START.typename, START.seed)
    told = sorted((name, repr(value)) for name, value in arguments.items())
    seed = f"{seed}/{field_name}{told or ''}"
    dice = random.Random(seed)
    if rarely(dice):
        raise GraphQLError(f"refused, {seed}", extensions={"code": "FORBIDDEN"})
    if rarely(dice):
        raise RuntimeError(f"broken, {seed}")
    type_ = SCHEMA.type_map[typename].fields[field_name].type
    value: Any = LookupError(f"failed later, {seed}") if rarely(dice) else None
    if dice.random() < 0.4:
        return Soon(value or something(dice, type_, seed), dice.randrange(3))
    return something(dice, type_, seed)


def dreaming() -> GraphQLSchema:
    """Our schema, its resolvers replaced: half of the plain fields are attributes, as they are in ours."""
    schema = build_schema(sdl())

    def resolve(source: Any, info: Any, **arguments: Any) -> Any:
        return dream(source, info.field_name, arguments)

    def is_type_of(value: Any, info: Any) -> Any:
        is_one = value.typename == info.schema.type_map[value.typename].name and len(value.seed) % 29 != 0
        return Soon(is_one, 1) if len(value.seed) % 3 == 0 else is_one

    def resolve_type(value: Any, info: Any, type_: Any) -> Any:
        name = None if len(value.seed) % 31 == 0 else 5 if len(value.seed) % 37 == 0 else value.typename
        return Soon(name, 1) if len(value.seed) % 5 == 0 else name

    for name, type_ in schema.type_map.items():
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__"):
            for field_name, field in type_.fields.items():
                plain = not field.args and len(field_name) % 2 and name not in ("Query", "Mutation")
                field.resolve = Attribute(field_name) if plain else resolve
            if len(name) % 4 == 0 and name not in ("Query", "Mutation"):
                type_.is_type_of = is_type_of
        elif isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            type_.resolve_type = resolve_type
    return schema


SCHEMA = dreaming()
START = Dream("", "Query")


def compiled(
    text: str, schema: GraphQLSchema = SCHEMA
) -> tuple[Any, OperationDefinitionNode, Compiled | None]:
    document = parse(text)
    assert validate(schema, document) == []
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    return document, operation, compile_operation(schema, operation, fragments)


def sent(dice: random.Random, type_: Any) -> Any:
    """A variable's value as a client might send it; now and then not what was declared."""
    if isinstance(type_, GraphQLNonNull):
        return sent(dice, type_.of_type)
    if rarely(dice):
        return dice.choice([None, 5, "x", [], {"id": 1}, {"nothing": 1}, [[1]]])
    if isinstance(type_, GraphQLList):
        return [sent(dice, type_.of_type) for _ in range(dice.randrange(3))]
    if isinstance(type_, GraphQLInputObjectType):
        return {name: sent(dice, field.type) for name, field in type_.fields.items() if not rarely(dice)}
    if isinstance(type_, GraphQLEnumType):
        return dice.choice(sorted(type_.values))
    return dice.randrange(1, 50) if type_.name == "Int" else f"v{dice.randrange(9)}"


def told(result: ExecutionResult) -> Any:
    return result.data, [
        (error.formatted, type(error.original_error), str(error.original_error))
        for error in result.errors or ()
    ]


async def finished(start: Callable[[], Any]) -> ExecutionResult:
    started = start()
    result = started if isinstance(started, ExecutionResult) else await started
    for _ in range(20):  # what an error left running comes to its end
        await asyncio.sleep(0)
    return result


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()  # while the filter below still holds


# A task that is cancelled before its first step drops the coroutines it was to await: in graphql-core as here.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(max_examples=400, deadline=None)
@given(document=st.sampled_from(DOCUMENTS), seed=st.integers(0, 2**32))
def test_the_answer_is_graphql_core_s(document: str, seed: int) -> None:
    parsed, operation, plan = compiled(document)
    assert plan is not None
    START.seed, START.typename = str(seed), operation.operation.value.capitalize()
    dice = random.Random(seed)
    variables = {
        node.variable.name.value: sent(dice, type_from_ast(SCHEMA, node.type))
        for node in operation.variable_definitions or ()
        if not rarely(dice, 0.1)
    }
    wanted = told(asyncio.run(finished(lambda: execute(SCHEMA, parsed, variable_values=variables))))
    try:
        got = told(asyncio.run(finished(lambda: plan.execute(None, variables))))
    except Misfit:
        assert wanted[1], "only what graphql-core refuses may be left to it"
        assert wanted[0] is not None or all(
            error["message"].startswith("Variable") for error, _, _ in wanted[1]
        )
        return
    assert got == wanted


def test_every_committed_query_and_mutation_is_compiled() -> None:
    schema = core_schema(build())
    assert len(COMMITTED) > 20
    for text in COMMITTED:
        _, operation, plan = compiled(text, schema)
        assert operation.operation is not OperationType.SUBSCRIPTION
        assert plan is not None, text


@pytest.mark.parametrize(
    "text",
    [
        "query ($so: Boolean!) { school { name @include(if: $so) } }",
        "{ school { ... @skip(if: true) { name } } }",
        "{ ...F @skip(if: false) } fragment F on Query { school { name } }",
        "{ __schema { types { name } } }",
        '{ school { name } __type(name: "Bill") { name } }',
        "subscription { accountChanged { id } }",
        "mutation ($id: ID!) { rechargeConfirm(input: { recharge: $id }) { __typename } }",
        "query ($kind: BillKind!) { account { bills(kind: [$kind]) { edges { cursor } } } }",
        "{ " + " ".join(f'n{n}: node(id: "a") {{ id __typename }}' for n in range(MOST_FIELDS // 10)) + " }",
    ],
)
def test_what_is_not_known_is_left_to_graphql_core(text: str) -> None:
    assert compiled(text)[2] is None


def test_variables_that_do_not_fit_run_nothing() -> None:
    schema = build_schema("input In { n: Int! } type Query { echo(in: In!): Int }")
    ran = []
    schema.type_map["Query"].fields["echo"].resolve = lambda source, info, **given: ran.append(given)
    plan = compiled("query ($in: In!) { echo(in: $in) }", schema)[2]
    assert plan is not None
    for wrong in ({}, None, {"in": None}, {"in": {}}, {"in": {"n": "1"}}, {"in": {"n": 1, "m": 2}}):
        with pytest.raises(Misfit):
            asyncio.run(plan.execute(None, wrong))
    assert ran == []
    asyncio.run(plan.execute(None, {"in": {"n": 1}, "unasked": 2}))
    assert ran == [{"in": {"n": 1}}]


def test_a_null_where_none_may_stand_is_left_to_graphql_core() -> None:
    schema = build_schema("type Query { echo(a: Int! = 1): Int }")
    plan = compiled("query ($a: Int) { echo(a: $a) }", schema)[2]
    assert plan is not None
    with pytest.raises(Misfit):
        asyncio.run(plan.execute(None, {"a": None}))


def test_a_scalar_that_comes_to_nothing_is_an_error() -> None:
    schema = build_schema("scalar Shy type Query { shy: Shy shyer: [Shy!] }")
    schema.type_map["Shy"].coerce_output_value = lambda value: None
    query = schema.type_map["Query"]
    query.fields["shy"].resolve = lambda source, info: 1
    query.fields["shyer"].resolve = lambda source, info: [1]
    parsed, _, plan = compiled("{ shy shyer }", schema)
    assert plan is not None
    got = asyncio.run(plan.execute(None, None))
    assert told(got) == told(execute(schema, parsed))
    assert len(got.errors or ()) == 2


def test_arguments_come_as_the_caller_left_them() -> None:
    schema = build_schema("type Query { echo(a: Int = 1, b: Int, c: [Int!] = [2]): String }")
    schema.type_map["Query"].fields["echo"].resolve = lambda source, info, **given: repr(
        sorted(given.items())
    )
    text = (
        "query ($a: Int, $b: Int = 7) { all: echo(a: $a, b: $b, c: 4) none: echo some: echo(b: $b, a: null) }"
    )
    parsed, _, plan = compiled(text, schema)
    assert plan is not None
    for variables in ({}, {"a": None, "b": None}, {"a": 5}, {"b": 6}):
        wanted = execute(schema, parsed, variable_values=variables)
        assert asyncio.run(plan.execute(None, variables)) == wanted
