"""Which exceptions are explained, and that a bug keeps its traceback."""

import asyncpg
import pytest
import redis

from api.cli._failure import Failure, explain
from api.launch import LaunchError

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (Failure("It is so.", "Do this."), "Do this."),
        (LaunchError("It is so.", "Do that."), "Do that."),
        (asyncpg.InvalidPasswordError("no"), "Correct ONECARD_DATABASE_URL."),
        (asyncpg.UndefinedTableError("no table"), "Run `onecard migrate`."),
        (redis.ConnectionError("refused"), "Start `onecard up`, or correct ONECARD_REDIS_URL."),
        (ConnectionRefusedError("refused"), "Start `onecard up`, or correct ONECARD_DATABASE_URL."),
        (PermissionError("denied"), "Run it as the user that started OneCard."),
    ],
)
def test_expected_failures_have_a_remedy(error, remedy):
    assert explain(error).remedy == remedy


def test_the_cause_is_found_behind_a_wrapper():
    wrapper = RuntimeError("wrapped")
    wrapper.__cause__ = asyncpg.UndefinedTableError("no table")
    assert explain(wrapper).remedy == "Run `onecard migrate`."


@pytest.mark.parametrize("bug", [ZeroDivisionError(), KeyError("x"), AssertionError()])
def test_a_bug_is_not_explained_away(bug):
    assert explain(bug) is None
