"""Documents compiled to closures, once, so that a request only runs them.

graphql-core works out anew for every request, and for every bill on a page, which fields a selection has, what
their arguments are and how their types are completed. None of that depends on the request (but for variables),
so `compile_operation` works it out once. The answer is graphql-core's to the letter, errors and their order
included; a property test holds every committed document to that over random data.

What is not known here is left to graphql-core, before anything has run: a document with directives, introspection,
variables inside literals, or a subscription is not compiled (None), and variables that do not fit are not taken
(`Misfit`), so that graphql-core says what is wrong with them. Resolvers answer with values, awaitables, or lists
of them; an async iterable is no list here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLBoolean,
    GraphQLError,
    GraphQLField,
    GraphQLID,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLString,
    InlineFragmentNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    VariableNode,
    default_field_resolver,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
    type_from_ast,
)
from graphql.language import ListValueNode
from graphql.utilities import coerce_input_literal, coerce_input_value
from graphql.utilities.coerce_input_value import coerce_default_value

from schema.closures import (
    Complete,
    Place,
    Run,
    Select,
    abstract,
    attribute,
    failing,
    is_awaitable,
    leaf,
    list_of,
    never_null,
    object_of,
    or_null,
    resolved,
    serially,
    together,
)
from schema.direct import Attribute

MOST_FIELDS = 1_000
"""Of one document, counted for every type that may stand there. A closure takes about 1 KB."""


_SENT_AS_THEY_ARE: Mapping[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}


class Misfit(Exception):
    """These variables are not for us; graphql-core will say what is wrong with them."""


class _Unknown(Exception):
    """Something in the document that is not compiled."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """One operation, ready to run."""

    select: Select
    variables: Sequence[tuple[str, GraphQLInputType, Any]]
    """Name, type and default (Undefined for none)."""
    never_null: frozenset[str]
    """Variables that may be null by their own type, but stand where null would be an error."""

    async def execute(self, context: Any, given: Mapping[str, Any] | None) -> ExecutionResult:
        """Misfit, before anything has run, when the variables are not those that were declared."""
        run = Run(context, self._coerce(given or {}))
        data: dict[str, Any] | None
        try:
            selected = self.select(None, run, None)
            data = await selected if is_awaitable(selected) else selected
        except GraphQLError as error:
            run.add(error, None)
            data = None
        return ExecutionResult(data, run.errors or None)

    def _coerce(self, given: Mapping[str, Any]) -> dict[str, Any]:
        coerced: dict[str, Any] = {}
        try:
            for name, type_, default in self.variables:
                if name in given:
                    value = coerce_input_value(given[name], type_)
                    if value is Undefined or (value is None and name in self.never_null):
                        raise Misfit(name)
                    coerced[name] = value
                elif default is not Undefined:
                    coerced[name] = default
                elif isinstance(type_, GraphQLNonNull):
                    raise Misfit(name)
        except RecursionError as error:
            raise Misfit("too deep") from error
        return coerced


def compile_operation(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> Compiled | None:
    """A validated operation as closures; None when something in it is left to graphql-core."""
    root = schema.get_root_type(operation.operation)
    if root is None or operation.operation is OperationType.SUBSCRIPTION or operation.directives:
        return None
    compiler = _Compiler(schema, fragments)
    combine = serially if operation.operation is OperationType.MUTATION else together
    try:
        variables = [compiler.variable(node) for node in operation.variable_definitions or ()]
        select = compiler.selection(root, [operation.selection_set], combine)
    except _Unknown:
        return None
    return Compiled(select, variables, frozenset(compiler.never_null))


@dataclass
class _Compiler:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: dict[str, GraphQLInputType] = field(default_factory=dict)
    never_null: set[str] = field(default_factory=set)
    fields: int = 0

    def variable(self, node: Any) -> tuple[str, GraphQLInputType, Any]:
        type_ = type_from_ast(self.schema, node.type)
        name = node.variable.name.value
        default = Undefined
        if node.default_value is not None:
            default = coerce_input_literal(node.default_value, type_)
            if default is Undefined:
                raise _Unknown
        self.variables[name] = type_
        return name, type_, default

    # Selections --------------------------------------------------------------------------------------------

    def selection(
        self,
        type_: GraphQLObjectType,
        sets: Iterable[SelectionSetNode],
        combine: Callable[[list[tuple[str, Select]]], Select] = together,
    ) -> Select:
        """The fields selected of one concrete type; those of the same name are one."""
        grouped: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()  # a fragment counts once, also where several fields of one name spread it
        for one in sets:
            self._collect(type_, one, grouped, seen)
        self.fields += len(grouped)
        if self.fields > MOST_FIELDS:
            raise _Unknown
        fields = [(key, self._field(type_, key, nodes)) for key, nodes in grouped.items()]
        return combine(fields)

    def _collect(
        self,
        type_: GraphQLObjectType,
        selections: SelectionSetNode,
        grouped: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for node in selections.selections:
            if node.directives:
                raise _Unknown
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                grouped.setdefault(key, []).append(node)
                continue
            inner: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in seen:
                    continue
                seen.add(node.name.value)
                inner = self.fragments[node.name.value]
                if inner.directives or inner.variable_definitions:
                    raise _Unknown
            else:
                assert isinstance(node, InlineFragmentNode)
                inner = node
            if self._applies(inner.type_condition, type_):
                self._collect(type_, inner.selection_set, grouped, seen)

    def _applies(self, condition: Any, type_: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == type_.name:
            return True
        named = self.schema.get_type(condition.name.value)
        return is_abstract_type(named) and self.schema.is_sub_type(named, type_)

    # Fields ------------------------------------------------------------------------------------------------

    def _field(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Select:
        name = nodes[0].name.value
        if name == "__typename":
            typename = parent.name
            return lambda source, run, path: typename
        definition = parent.fields.get(name)
        if definition is None:
            raise _Unknown  # introspection
        place = Place(self.schema, parent, name, definition.type, nodes)
        complete = self._completion(definition.type, place)
        fail = failing(place, definition.type)
        if isinstance(definition.resolve, Attribute):
            itself = _SENT_AS_THEY_ARE.get(get_nullable_type(definition.type))
            return attribute(key, definition.resolve.get, complete, fail, itself)
        arguments = self._arguments(definition, nodes[0])
        return resolved(key, place, definition.resolve or default_field_resolver, arguments, complete, fail)

    def _arguments(
        self, definition: GraphQLField, node: FieldNode
    ) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        """Variables → the arguments, for graphql-core's own rules about defaults and what is left out."""
        sent = {argument.name.value: argument.value for argument in node.arguments or ()}
        fixed: dict[str, Any] = {}
        varying: list[tuple[str, str, Any]] = []
        for name, argument in definition.args.items():
            out_name = argument.out_name or name
            value = sent.get(name)
            default = coerce_default_value(argument)
            if isinstance(value, VariableNode):
                if isinstance(argument.type, GraphQLNonNull) and not isinstance(
                    self.variables[value.name.value], GraphQLNonNull
                ):
                    self.never_null.add(value.name.value)
                varying.append((out_name, value.name.value, default))
            elif value is None:
                if default is not Undefined:
                    fixed[out_name] = default
            elif _mentions_variables(value):
                raise _Unknown
            else:
                fixed[out_name] = coerce_input_literal(value, argument.type)
                if fixed[out_name] is Undefined:
                    raise _Unknown
        if not varying:
            return lambda variables: fixed

        def arguments(variables: Mapping[str, Any]) -> dict[str, Any]:
            values = dict(fixed)
            for out_name, variable, default in varying:
                value = variables.get(variable, default)
                if value is not Undefined:
                    values[out_name] = value
            return values

        return arguments

    # Values ------------------------------------------------------------------------------------------------

    def _completion(self, type_: GraphQLOutputType, place: Place) -> Complete:
        if isinstance(type_, GraphQLNonNull):
            return never_null(self._present(type_.of_type, place), place)
        return or_null(self._present(type_, place))

    def _present(self, type_: Any, place: Place) -> Complete:
        """For what is there: neither null nor an exception."""
        if isinstance(type_, GraphQLList):
            item = type_.of_type
            return list_of(self._completion(item, place), failing(place, item), place)
        if is_leaf_type(type_):
            return leaf(type_)
        sets = [node.selection_set for node in place.nodes if node.selection_set]
        if is_object_type(type_):
            return object_of(type_, self.selection(type_, sets), place)
        assert is_abstract_type(type_)
        possible = {
            each.name: object_of(each, self.selection(each, sets), place)
            for each in self.schema.get_possible_types(type_)
        }
        return abstract(type_, possible, place)


def _mentions_variables(value: Any) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_mentions_variables, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_mentions_variables(inner.value) for inner in value.fields)
    return isinstance(value, VariableNode)
