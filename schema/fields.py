"""`@resolver("…")`: a field with a resolver and its description, typed for the type checker."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar, cast

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., Any])
Value = TypeVar("Value")

Soon: TypeAlias = Value | Awaitable[Value]
"""At once where it is in hand, else awaited: a page of bills need not be sixty tasks."""


def resolver(
    description: str, *, name: str | None = None, answers: Any = None
) -> Callable[[Resolver], Resolver]:
    """`answers`: the field's type, where the resolver's own is `Soon`."""
    field = strawberry.field(description=description, name=name, graphql_type=answers)
    return cast("Callable[[Resolver], Resolver]", field)
