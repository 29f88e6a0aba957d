"""The committed SDL is what the code says, and a newcomer can read it."""

import re
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLUnionType,
    is_specified_scalar_type,
)

from schema.build import build, core_schema, sdl

pytestmark = pytest.mark.pure

COMMITTED = Path(__file__).parents[2] / "schema" / "schema.graphql"


@pytest.fixture(scope="module")
def core() -> GraphQLSchema:
    return core_schema(build())


def own_types(core: GraphQLSchema) -> list[GraphQLNamedType]:
    return [
        type_
        for name, type_ in core.type_map.items()
        if not name.startswith("__") and not is_specified_scalar_type(type_)
    ]


def test_the_committed_schema_is_the_code_s() -> None:
    assert COMMITTED.read_text("utf-8") == sdl(), "run `make schema` and look at the difference"


def test_everything_has_a_description(core: GraphQLSchema) -> None:
    bare = []
    for type_ in own_types(core):
        places = [(type_.name, type_)]
        for name, field in getattr(type_, "fields", {}).items():
            places.append((f"{type_.name}.{name}", field))
            places += [(f"{type_.name}.{name}({arg})", it) for arg, it in getattr(field, "args", {}).items()]
        if isinstance(type_, GraphQLEnumType):
            places += [(f"{type_.name}.{name}", value) for name, value in type_.values.items()]
        bare += [place for place, it in places if not (it.description or "").strip()]
    assert bare == []


def test_a_description_is_a_sentence_or_a_few(core: GraphQLSchema) -> None:
    odd = [
        type_.name
        for type_ in own_types(core)
        if not re.search(r"[.?!。]$", type_.description or "") or (type_.description or "")[0].islower()
    ]
    assert odd == []


def test_mutations_take_one_input_and_answer_with_one_union_of_refusals(core: GraphQLSchema) -> None:
    assert core.mutation_type is not None
    for name, field in core.mutation_type.fields.items():
        assert set(field.args) <= {"input"}, name
        capital = name[0].upper() + name[1:]
        assert str(field.type) == f"{capital}Result!"
        union = core.type_map[f"{capital}Result"]
        assert isinstance(union, GraphQLUnionType)
        refusals = [member for member in union.types if any(i.name == "Refusal" for i in member.interfaces)]
        assert refusals, f"{name} can only succeed?"


def test_what_moves_money_or_a_device_takes_an_id_of_the_caller(core: GraphQLSchema) -> None:
    for name in (
        "RechargeCreate",
        "RechargeRefund",
        "PaymentCodeCharge",
        "ChargeReverse",
        "TerminalSetState",
    ):
        assert str(core.type_map[f"{name}Input"].fields["id"].type) == "ID!"


def test_a_field_has_one_type_in_all_members_of_a_union(core: GraphQLSchema) -> None:
    for union in own_types(core):
        if not isinstance(union, GraphQLUnionType):
            continue
        seen: dict[str, str] = {}
        for member in union.types:
            for name, field in member.fields.items():
                assert seen.setdefault(name, str(field.type)) == str(field.type), f"{union.name}.{name}"


def test_lists_hold_no_nulls(core: GraphQLSchema) -> None:
    for type_ in own_types(core):
        for name, field in getattr(type_, "fields", {}).items():
            text = str(field.type)
            assert "[" not in text or "!]" in text, f"{type_.name}.{name}: {text}"


def test_money_is_never_a_number(core: GraphQLSchema) -> None:
    for type_ in own_types(core):
        for name, field in getattr(type_, "fields", {}).items():
            if re.search(r"amount|balance|available|held|refunded|spent|limit$|minimum|maximum", name, re.I):
                assert "Money" in str(field.type), f"{type_.name}.{name}"
