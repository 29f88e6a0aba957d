"""`@resolver("…")`: a field with a resolver and its description, typed for the type checker."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., Any])


def resolver(description: str, *, name: str | None = None) -> Callable[[Resolver], Resolver]:
    return cast("Callable[[Resolver], Resolver]", strawberry.field(description=description, name=name))
