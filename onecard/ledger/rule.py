"""What a rule of the checker is: one sentence, and SQL of its own that finds where it does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from onecard.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Rule:
    """`sentence`: what is wrong where the SQL finds something."""

    invariant: str
    sentence: str
    sql: str
    arguments: Callable[[Policy], tuple[object, ...]] = lambda policy: ()
