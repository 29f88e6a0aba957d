"""What a compiled document runs: a closure for each selection, field and value, over one `Run`.

They follow graphql-core's executor step for step: what can be answered at once is, awaitables of one selection
are awaited together, an error nulls the nearest place that may be null. `schema.compiled` puts them together.
"""

from __future__ import annotations

from asyncio import Future, gather
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    Undefined,
    default_type_resolver,
    is_object_type,
    located_error,
)
from graphql.pyutils import gather_with_cancel, inspect, is_iterable

Path = tuple[Any, str | int]
"""(path of the parent or None, key): made for objects and items, for leaves only when something is wrong."""


class Run:
    """One execution: what the resolvers are handed, and what went wrong."""

    __slots__ = ("_nulled", "context", "errors", "variables")

    def __init__(self, context: Any, variables: Mapping[str, Any]) -> None:
        self.context = context
        self.variables = variables
        self.errors: list[GraphQLError] = []
        self._nulled: set[Path | None] = set()

    def add(self, error: GraphQLError, path: Path | None) -> None:
        """Unless the position, or one above it, is null already because of another error."""
        above = path
        while above is not None:
            if above in self._nulled:
                return
            above = above[0]
        if None not in self._nulled:
            self._nulled.add(path)
            self.errors.append(error)


class Info:
    """What a resolver is handed: the request's context, and which field it answers."""

    __slots__ = ("_place", "context")

    def __init__(self, context: Any, place: Place) -> None:
        self.context = context
        self._place = place

    @property
    def field_name(self) -> str:
        return self._place.field_name

    @property
    def parent_type(self) -> GraphQLObjectType:
        return self._place.parent_type

    @property
    def return_type(self) -> GraphQLOutputType:
        return self._place.return_type

    @property
    def field_nodes(self) -> list[FieldNode]:
        return self._place.nodes

    @property
    def schema(self) -> GraphQLSchema:
        return self._place.schema

    @staticmethod
    def is_awaitable(value: Any) -> bool:
        return is_awaitable(value)


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a document, as a field of one concrete type."""

    schema: GraphQLSchema
    parent_type: GraphQLObjectType
    field_name: str
    return_type: GraphQLOutputType
    nodes: list[FieldNode]

    def located(self, error: Exception, path: Path) -> GraphQLError:
        keys: list[str | int] = []
        step: Path | None = path
        while step is not None:
            keys.append(step[1])
            step = step[0]
        return located_error(error, self.nodes, keys[::-1])


Complete = Callable[[Any, Run, Path], Any]
"""(what a resolver gave, run, path) → what is sent, or an awaitable of it. Raises what went wrong."""
Select = Callable[[Any, Run, Path | None], Any]
"""(an object, run, path) → its selected fields, or an awaitable of them. Raises located errors only."""
Fail = Callable[[Exception, Run, Path], None]
"""Notes an error and returns, so that the value is null, or raises it to the value around."""


_PLAIN = frozenset({type(None), bool, int, float, str, dict, list})


def is_awaitable(value: Any) -> bool:
    kind = type(value)
    return kind not in _PLAIN and hasattr(kind, "__await__")


def together(fields: list[tuple[str, Select]]) -> Select:
    """All fields at once: what can be answered now is, the rest is awaited together."""

    def select(source: Any, run: Run, path: Path | None) -> Any:
        selected: dict[str, Any] = {}
        waiting: list[str] = []
        try:
            for key, of in fields:
                value = selected[key] = of(source, run, path)
                if type(value) not in _PLAIN and is_awaitable(value):
                    waiting.append(key)
        except Exception:
            _settle([selected[key] for key in waiting])
            raise
        return _awaited(selected, waiting) if waiting else selected

    return select


def serially(fields: list[tuple[str, Select]]) -> Select:
    """One field after the other: mutations."""

    async def select(source: Any, run: Run, path: Path | None) -> dict[str, Any]:
        selected: dict[str, Any] = {}
        for key, of in fields:
            value = of(source, run, path)
            selected[key] = await value if is_awaitable(value) else value
        return selected

    return select


async def _awaited(values: Any, waiting: Sequence[Any]) -> Any:
    """`values`, a dict or a list, when those `waiting` in it have come."""
    if len(waiting) == 1:
        values[waiting[0]] = await values[waiting[0]]
    else:
        came = await gather_with_cancel(*(values[key] for key in waiting))
        for key, value in zip(waiting, came, strict=True):
            values[key] = value
    return values


_settling: set[Future[Any]] = set()


def _settle(awaitables: list[Awaitable[Any]]) -> None:
    """An error does not wait for what runs beside it, but that is not left hanging either."""
    if awaitables:
        future = gather(*awaitables, return_exceptions=True)
        _settling.add(future)
        future.add_done_callback(_settling.discard)


def failing(place: Place, type_: GraphQLOutputType) -> Fail:
    def note(error: Exception, run: Run, path: Path) -> None:
        run.add(place.located(error, path), path)

    def pass_on(error: Exception, run: Run, path: Path) -> NoReturn:
        raise place.located(error, path)

    return pass_on if isinstance(type_, GraphQLNonNull) else note


def attribute(
    key: str, get: Callable[[Any], Any], complete: Complete, fail: Fail, itself: type | None
) -> Select:
    """A field that is an attribute. `itself`: values of exactly this type are sent as they are."""

    def of(source: Any, run: Run, path: Path | None) -> Any:
        try:
            value = get(source)
            if type(value) is itself:
                return value
            if type(value) in _PLAIN or not is_awaitable(value):
                completed = complete(value, run, (path, key))
                if type(completed) in _PLAIN or not is_awaitable(completed):
                    return completed
                return _finish(completed, fail, run, (path, key))
            return _later(value, complete, fail, run, (path, key))
        except Exception as error:
            return fail(error, run, (path, key))

    return of


def resolved(
    key: str,
    place: Place,
    resolve: Callable[..., Any],
    arguments: Callable[[Mapping[str, Any]], dict[str, Any]],
    complete: Complete,
    fail: Fail,
) -> Select:
    def of(source: Any, run: Run, path: Path | None) -> Any:
        here = (path, key)
        try:
            value = resolve(source, Info(run.context, place), **arguments(run.variables))
            if is_awaitable(value):
                return _later(value, complete, fail, run, here)
            completed = complete(value, run, here)
            if is_awaitable(completed):
                return _finish(completed, fail, run, here)
            return completed
        except Exception as error:
            return fail(error, run, here)

    return of


async def _later(value: Awaitable[Any], complete: Complete, fail: Fail, run: Run, path: Path) -> Any:
    try:
        completed = complete(await value, run, path)
        return await completed if is_awaitable(completed) else completed
    except Exception as error:
        return fail(error, run, path)


async def _finish(completed: Awaitable[Any], fail: Fail, run: Run, path: Path) -> Any:
    try:
        return await completed
    except Exception as error:
        return fail(error, run, path)


def or_null(present: Complete) -> Complete:
    def complete(value: Any, run: Run, path: Path) -> Any:
        if value is None or value is Undefined:
            return None
        if isinstance(value, Exception):
            raise value
        return present(value, run, path)

    return complete


def never_null(present: Complete, place: Place) -> Complete:
    sentence = f"Cannot return null for non-nullable field {place.parent_type}.{place.field_name}."

    def complete(value: Any, run: Run, path: Path) -> Any:
        if value is None or value is Undefined:
            raise TypeError(sentence)
        if isinstance(value, Exception):
            raise value
        return present(value, run, path)

    return complete


def leaf(type_: Any) -> Complete:
    coerce = type_.coerce_output_value

    def complete(value: Any, run: Run, path: Path) -> Any:
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise TypeError(
                f"Expected `{inspect(type_)}.coerce_output_value({inspect(value)})`"
                f" to return non-nullable value, returned: {inspect(coerced)}"
            )
        return coerced

    return complete


def list_of(item: Complete, fail: Fail, place: Place) -> Complete:
    sentence = f"Expected Iterable, but did not find one for field '{place.parent_type}.{place.field_name}'."

    def one(value: Any, run: Run, path: Path) -> Any:
        try:
            if is_awaitable(value):
                return _later(value, item, fail, run, path)
            completed = item(value, run, path)
            return _finish(completed, fail, run, path) if is_awaitable(completed) else completed
        except Exception as error:
            return fail(error, run, path)

    def complete(values: Any, run: Run, path: Path) -> Any:
        if not is_iterable(values):
            raise GraphQLError(sentence)
        completed: list[Any] = []
        waiting: list[int] = []
        values = iter(values)
        try:
            for index, value in enumerate(values):
                result = one(value, run, (path, index))
                completed.append(result)
                if is_awaitable(result):
                    waiting.append(index)
        except Exception:
            _settle(
                [completed[index] for index in waiting] + [value for value in values if is_awaitable(value)]
            )
            raise
        return _awaited(completed, waiting) if waiting else completed

    return complete


def object_of(type_: GraphQLObjectType, select: Select, place: Place) -> Complete:
    is_type_of: Callable[[Any, Any], Any] | None = type_.is_type_of
    if is_type_of is None:
        return select

    def complete(value: Any, run: Run, path: Path) -> Any:
        answer = is_type_of(value, Info(run.context, place))
        if is_awaitable(answer):
            return later(answer, value, run, path)
        return checked(answer, value, run, path)

    def checked(is_one: Any, value: Any, run: Run, path: Path) -> Any:
        if not is_one:
            raise GraphQLError(f"Expected value of type '{type_}' but got: {inspect(value)}.", place.nodes)
        return select(value, run, path)

    async def later(answer: Awaitable[bool], value: Any, run: Run, path: Path) -> Any:
        selected = checked(await answer, value, run, path)
        return await selected if is_awaitable(selected) else selected

    return complete


def abstract(type_: Any, possible: Mapping[str, Complete], place: Place) -> Complete:
    resolve_type: Callable[..., Any] = type_.resolve_type or default_type_resolver
    at = f"for field '{place.parent_type}.{place.field_name}'"

    def complete(value: Any, run: Run, path: Path) -> Any:
        name = resolve_type(value, Info(run.context, place), type_)
        if is_awaitable(name):
            return later(name, value, run, path)
        return of_type(name, value, run, path)

    def of_type(name: Any, value: Any, run: Run, path: Path) -> Any:
        known = possible.get(name) if isinstance(name, str) else None
        if known is None:
            raise GraphQLError(unknown(name, value), place.nodes)
        return known(value, run, path)

    def unknown(name: Any, value: Any) -> str:
        must = f"Abstract type '{type_}' must resolve to an Object type at runtime {at}"
        if name is None:
            return (
                f"{must}. Either the '{type_}' type should provide a 'resolve_type' function"
                " or each possible type should provide an 'is_type_of' function."
            )
        if not isinstance(name, str):
            return (
                f"{must} with value {inspect(value)}, received '{inspect(name)}',"
                " which is not a valid Object type name."
            )
        named = place.schema.get_type(name)
        if named is None:
            return f"Abstract type '{type_}' was resolved to a type '{name}' that does not exist inside the schema."
        if not is_object_type(named):
            return f"Abstract type '{type_}' was resolved to a non-object type '{name}'."
        return f"Runtime Object type '{named}' is not a possible type for '{type_}'."

    async def later(coming: Awaitable[Any], value: Any, run: Run, path: Path) -> Any:
        completed = of_type(await coming, value, run, path)
        return await completed if is_awaitable(completed) else completed

    return complete
