"""How large a document and its answer may be: depth, aliases, root fields, repeats, values, tokens. The rules are
built once, here.

A rule class made per request would defeat every cache in front of it (measured: 281 → 2,400 µs).
"""

from collections import Counter
from typing import Any, NamedTuple

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValidationContext,
    ValidationRule,
    is_introspection_type,
)
from graphql.type import GraphQLNamedType, get_named_type
from graphql.utilities.coerce_input_value import coerce_default_value

from schema.connections import LARGEST_PAGE

MAX_DEPTH = 12
MAX_ALIASES = 20
MAX_ROOT_FIELDS = 10
MAX_FIELDS = 1_000
MAX_REPEATS = 20
"""Fields of one name in one place are compared pair by pair: 330 of them took three seconds."""
MAX_VALUES = 10_000
"""In the answer: fields times the sizes of the pages they stand in. 20 aliases of 100 bills took as long."""
PAGE_SIZES = frozenset({"first", "months"})
"""Arguments that say how many entries are wanted."""
MAX_TOKENS = 2_000
INTROSPECTION_DEPTH = 16
"""The introspection query that tools send is 13–15 deep; it is guarded by permission instead."""


class SizeRule(ValidationRule):
    """Depth, aliases, fields and root fields, counted with every fragment spread out."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments: dict[str, FragmentDefinitionNode] = {
            node.name.value: node
            for node in context.document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def enter_document(self, node: DocumentNode, *_: Any) -> None:
        for definition in node.definitions:
            if isinstance(definition, OperationDefinitionNode):
                sentence = self._measure(definition)
                if sentence:
                    self.report_error(GraphQLError(sentence, definition))

    def _measure(self, operation: OperationDefinitionNode) -> str | None:
        """Why the operation is too large, or None. Stops at the first limit, so that a bomb costs little."""
        fields = aliases = roots = values = 0
        places: dict[tuple[int, str], int] = {}
        repeats: Counter[int] = Counter()
        root = self.context.schema.get_root_type(operation.operation)
        stack = [_Part(operation.selection_set, root, 1, MAX_DEPTH, 1, 0, ())]
        while stack:
            part = stack.pop()
            if part.depth > part.deepest:
                return f"The document is deeper than {MAX_DEPTH} levels."
            for node in part.selections.selections:
                if isinstance(node, FieldNode):
                    fields += 1
                    aliases += node.alias is not None
                    roots += part.depth == 1
                    values += part.times
                    key = (part.place, (node.alias or node.name).value)
                    place = places.setdefault(key, len(places) + 1)
                    repeats[place] += 1
                    if repeats[place] > MAX_REPEATS:
                        return f"The document asks for the same field in the same place more than {MAX_REPEATS} times."
                    if node.selection_set:
                        stack.append(part.of_field(node, node.selection_set, place))
                elif isinstance(node, InlineFragmentNode):
                    stack.append(part.of_fragment(self.context.schema, node))
                elif isinstance(node, FragmentSpreadNode):
                    name = node.name.value
                    fragment = self._fragments.get(name)
                    if name in part.within:
                        return "A fragment contains itself."
                    if fragment:
                        fields += 1
                        stack.append(part.of_fragment(self.context.schema, fragment, name))
                if fields > MAX_FIELDS:
                    return f"The document asks for more than {MAX_FIELDS} fields."
                if aliases > MAX_ALIASES:
                    return f"The document uses more than {MAX_ALIASES} aliases."
                if roots > MAX_ROOT_FIELDS:
                    return f"The document asks for more than {MAX_ROOT_FIELDS} fields at its root."
                if values > MAX_VALUES:
                    return f"The answer could hold more than {MAX_VALUES} values; ask for smaller pages."
        return None


class _Part(NamedTuple):
    """A selection set still to be measured."""

    selections: SelectionSetNode
    parent: GraphQLNamedType | None
    """None where the document asks for what does not exist; the rules that come after say so."""
    depth: int
    deepest: int
    times: int
    """How many objects it may be asked of, by the pages around it."""
    place: int
    """The same for all that end up in the same objects of the answer."""
    within: tuple[str, ...]
    """The fragments around it."""

    def of_field(self, node: FieldNode, selections: SelectionSetNode, place: int) -> "_Part":
        field = None
        if isinstance(self.parent, GraphQLObjectType | GraphQLInterfaceType):
            field = self.parent.fields.get(node.name.value)
        return _Part(
            selections,
            get_named_type(field.type) if field else None,
            self.depth + 1,
            INTROSPECTION_DEPTH if node.name.value.startswith("__") else self.deepest,
            self.times * (_page_size(field, node) if field else 1),
            place,
            self.within,
        )

    def of_fragment(
        self,
        schema: GraphQLSchema,
        node: InlineFragmentNode | FragmentDefinitionNode,
        name: str | None = None,
    ) -> "_Part":
        condition = node.type_condition
        return self._replace(
            selections=node.selection_set,
            parent=schema.get_type(condition.name.value) if condition else self.parent,
            within=(*self.within, name) if name else self.within,
        )


def _page_size(field: GraphQLField, node: FieldNode) -> int:
    """How many entries a field may bring; 1 for what comes in no pages."""
    for name in PAGE_SIZES & field.args.keys():
        asked = next((sent.value for sent in node.arguments or () if sent.name.value == name), None)
        if asked is None:
            default = coerce_default_value(field.args[name])
            return default if isinstance(default, int) else LARGEST_PAGE
        return min(int(asked.value), LARGEST_PAGE) if isinstance(asked, IntValueNode) else LARGEST_PAGE
    return 1


class NoNulRule(ValidationRule):
    """No text of ours holds U+0000: PostgreSQL cannot keep it. Variables are looked at where they are read."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        if "\x00" in node.value:
            self.report_error(GraphQLError("The character U+0000 is not taken.", node))


class NoIntrospectionRule(ValidationRule):
    """Who may not send documents of their own may not ask for the schema either; `__typename` stays."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        type_ = self.context.get_type()
        named: GraphQLNamedType | None = get_named_type(type_) if type_ else None
        if node.name.value in ("__schema", "__type") or (named and is_introspection_type(named)):
            self.report_error(GraphQLError("Introspection is not allowed here.", node))


LIMIT_RULES: tuple[type[ASTValidationRule], ...] = (SizeRule, NoNulRule)
NO_INTROSPECTION: type[ASTValidationRule] = NoIntrospectionRule
