"""Documents, prepared once: parsed, measured, validated, compiled, and kept by their hash.

Trusted documents are committed by the page and by the gateway; a request names one by hash, so production
runs nothing but what was reviewed. Open documents (sandbox, scoped tokens) pass the limits first and are then
kept in a bounded cache. A prepared document is executed as often as it is asked for; nothing about it is
worked out twice.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    specified_rules,
    validate,
)

from schema.compiled import Compiled, Misfit, compile_operation
from schema.limits import LIMIT_RULES, MAX_TOKENS, NO_INTROSPECTION

OPEN_DOCUMENTS_KEPT = 100  # compiled, 600 characters may come to a megabyte
LONGEST_DOCUMENT = 100_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that passed everything it must pass, ready to run."""

    document: DocumentNode
    operations: Mapping[str | None, OperationType]
    compiled: Mapping[str | None, Compiled | None]
    """By operation; None where `schema.compiled` leaves it to graphql-core."""

    def operation_type(self, name: str | None) -> OperationType | None:
        """The kind of the operation asked for; None when the document has no such operation."""
        if name is not None:
            return self.operations.get(name)
        return next(iter(self.operations.values())) if len(self.operations) == 1 else None

    async def execute(
        self, schema: GraphQLSchema, context: Any, variables: dict[str, Any] | None, name: str | None
    ) -> ExecutionResult:
        """A query's or mutation's data and errors. `name` only where there are several operations."""
        compiled = self.compiled[name] if name is not None else next(iter(self.compiled.values()))
        if compiled is not None:
            try:
                return await compiled.execute(context, variables)
            except Misfit:
                pass  # nothing has run; graphql-core says what is wrong
        result = execute(
            schema,
            self.document,
            context_value=context,
            variable_values=variables,
            operation_name=name,
        )
        return result if isinstance(result, ExecutionResult) else await result


class Invalid(Exception):
    """A document that must not run, with why; `code` is GRAPHQL_PARSE_FAILED or GRAPHQL_VALIDATION_FAILED."""

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


def document_hash(text: str) -> str:
    """`sha256:…` over the text without blanks around it, in UTF-8: what a client sends instead of it."""
    return "sha256:" + hashlib.sha256(text.strip().encode()).hexdigest()


class Documents:
    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._trusted: dict[str, Prepared] = {}
        self._open: OrderedDict[tuple[str, bool], Prepared] = OrderedDict()

    def trust(self, documents: Iterable[tuple[str, str]]) -> None:
        """Take (hash, text) pairs of committed documents. ValueError names one that does not fit."""
        for key, text in documents:
            digest = key if key.startswith("sha256:") else f"sha256:{key}"
            if digest not in (document_hash(text), "sha256:" + hashlib.sha256(text.encode()).hexdigest()):
                raise ValueError(f"{digest} is not the hash of its document: build the client again")
            try:
                self._trusted[digest] = self._prepare(text, [*specified_rules, *LIMIT_RULES])
            except Invalid as invalid:
                why = "; ".join(error.message for error in invalid.errors)
                raise ValueError(f"trusted document {digest} does not fit the schema: {why}") from invalid

    def find(self, document_id: str) -> Prepared | None:
        return self._trusted.get(document_id)

    @property
    def trusted(self) -> Mapping[str, Prepared]:
        return self._trusted

    def open(self, text: str, *, introspection: bool) -> Prepared:
        """Prepare a document sent in full; Invalid says why it must not run."""
        key = (text, introspection)
        if found := self._open.get(key):
            self._open.move_to_end(key)
            return found
        rules: list[type[ASTValidationRule]] = [*specified_rules, *LIMIT_RULES]
        if not introspection:
            rules.append(NO_INTROSPECTION)
        prepared = self._prepare(text, rules)
        self._open[key] = prepared
        if len(self._open) > OPEN_DOCUMENTS_KEPT:
            self._open.popitem(last=False)
        return prepared

    def _prepare(self, text: str, rules: list[type[ASTValidationRule]]) -> Prepared:
        if len(text) > LONGEST_DOCUMENT:
            raise Invalid(
                "GRAPHQL_PARSE_FAILED",
                [GraphQLError(f"A document has at most {LONGEST_DOCUMENT} characters.")],
            )
        try:
            document = parse(text, max_tokens=MAX_TOKENS)
        except GraphQLError as error:
            raise Invalid("GRAPHQL_PARSE_FAILED", [error]) from error
        except RecursionError as error:
            raise Invalid("GRAPHQL_PARSE_FAILED", [GraphQLError("The document is too deep.")]) from error
        # The limits go first: they are cheap, and what fails them is not worth the rest.
        for some in ([rule for rule in rules if rule in LIMIT_RULES], rules):
            try:
                errors = validate(self._schema, document, some, max_errors=10)
            except RecursionError as error:
                raise Invalid(
                    "GRAPHQL_VALIDATION_FAILED", [GraphQLError("The document is too deep.")]
                ) from error
            if errors:
                raise Invalid("GRAPHQL_VALIDATION_FAILED", errors)
        operations = {
            node.name.value if node.name else None: node
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        }
        fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        return Prepared(
            document,
            {name: node.operation for name, node in operations.items()},
            {name: compile_operation(self._schema, node, fragments) for name, node in operations.items()},
        )


def gateway_documents(folder: Path) -> list[tuple[str, str]]:
    """The gateway's committed `*.graphql`, each under its hash; empty when the folder is not there."""
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*.graphql"))]
    return [(document_hash(text), text) for text in texts]


def page_documents(file: Path) -> list[tuple[str, str]]:
    """The page's built `persisted.json` (hash → document); empty when the page is not built."""
    if not file.is_file():
        return []
    read = json.loads(file.read_text("utf-8"))
    if not isinstance(read, dict):
        raise ValueError(f"{file}: an object from hash to document is wanted")
    return [(str(key), str(text)) for key, text in read.items()]
