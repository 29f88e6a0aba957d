"""Resolvers called directly: what Strawberry puts between graphql-core and a resolver, worked out once at start.

Strawberry converts arguments, builds an `Info` and looks up the resolver at every call. Here a plain field
becomes an `Attribute`, a resolver is called as it was written, and inputs are built by graphql-core's own hooks
(`out_name`, `out_type`). A resolver's `info` is the executor's: `info.context` is what it may count on.
"""

from collections.abc import Callable
from dataclasses import MISSING
from operator import attrgetter
from typing import Any, Final

from graphql import GraphQLField, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

_DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF


class Attribute:
    """A resolver that reads one attribute; whoever executes may call `get(source)` at once."""

    __slots__ = ("get",)

    def __init__(self, name: str) -> None:
        self.get: Callable[[Any], Any] = attrgetter(name)

    def __call__(self, source: Any, info: Any) -> Any:
        return self.get(source)


def resolve_directly(schema: GraphQLSchema) -> None:
    """Change every resolver of a schema made by Strawberry; AssertionError for what it would get wrong."""
    for name, type_ in schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(type_, GraphQLObjectType):
            for field in type_.fields.values():
                _shorten(field)
        elif isinstance(type_, GraphQLInputObjectType):
            _build_from_fields(type_)


def _shorten(field: GraphQLField) -> None:
    definition = field.extensions[_DEFINITION]
    assert isinstance(definition, StrawberryField)
    assert not definition.extensions, f"{definition.python_name}: extensions are not called"
    if definition.base_resolver is None:
        field.resolve = Attribute(definition.python_name)
        return
    names = {argument.python_name for argument in definition.arguments}
    for argument, (_, core) in zip(definition.arguments, field.args.items(), strict=True):
        core.out_name = argument.python_name
    direct = _direct(definition)
    if definition.is_subscription:
        field.subscribe = direct  # what it yields is the event itself, and `resolve` passes that on
    else:
        field.resolve = direct
    assert names == {argument.out_name for argument in field.args.values()}


def _direct(definition: StrawberryField) -> Callable[..., Any]:
    resolver = definition.base_resolver
    assert resolver is not None
    assert resolver.self_parameter is not None, f"{definition.python_name} takes no self"
    assert resolver.root_parameter is None
    assert resolver.parent_parameter is None
    function = resolver.wrapped_func
    assert callable(function)
    if resolver.info_parameter is not None:
        assert resolver.info_parameter.name == "info"
        return function

    def without_info(source: Any, info: Any, **arguments: Any) -> Any:
        return function(source, **arguments)

    return without_info


def _build_from_fields(type_: GraphQLInputObjectType) -> None:
    """graphql-core hands out the input class itself, its fields under their Python names."""
    definition = type_.extensions[_DEFINITION]
    assert isinstance(definition, StrawberryObjectDefinition)
    assert not definition.is_one_of
    build = definition.origin
    fields = {field.python_name: field for field in definition.fields}
    for core, (name, field) in zip(type_.fields.values(), fields.items(), strict=True):
        assert core.extensions[_DEFINITION] is field
        core.out_name = name
    absent = {
        name: None
        for name, field in fields.items()
        if field.default_value is MISSING and field.default_factory is MISSING
    }

    def out_type(values: dict[str, Any]) -> Any:
        return build(**{**absent, **values})

    type_.out_type = out_type  # type: ignore[method-assign,assignment]  # graphql-core's hook for this
