"""Which exceptions are explained, and that a bug keeps its traceback."""

import errno
import socket

import asyncpg
import pytest
import redis
from tortoise.exceptions import DBConnectionError

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
        (asyncpg.UndefinedFunctionError("no function"), "Run `onecard migrate`."),
        (redis.ConnectionError("refused"), "Start `onecard up`, or correct ONECARD_REDIS_URL."),
        (ConnectionRefusedError("refused"), "Start `onecard up`, or correct ONECARD_DATABASE_URL."),
        (
            socket.gaierror(-2, "Name or service not known"),
            "Start `onecard up`, or correct ONECARD_DATABASE_URL.",
        ),
        (TimeoutError(), "Start `onecard up`, or correct ONECARD_DATABASE_URL."),
        (redis.TimeoutError("slow"), "Start `onecard up`, or correct ONECARD_REDIS_URL."),
        (asyncpg.DiskFullError("could not extend file"), "Free some space and run it again."),
        (OSError(errno.ENOSPC, "No space left on device"), "Free some space and run it again."),
        (asyncpg.ConnectionDoesNotExistError("closed"), "Read its log, then run it again."),
        (PermissionError("denied"), "Run it as the user that started OneCard."),
    ],
)
def test_expected_failures_have_a_remedy(error, remedy):
    assert explain(error).remedy == remedy


def test_the_cause_is_found_behind_a_wrapper():
    wrapper = RuntimeError("wrapped")
    wrapper.__cause__ = asyncpg.UndefinedTableError("no table")
    assert explain(wrapper).remedy == "Run `onecard migrate`."


def test_the_cause_is_found_among_things_done_side_by_side():
    group = ExceptionGroup("two people's lines", [asyncpg.DiskFullError("full"), ValueError()])
    assert explain(group).remedy == "Free some space and run it again."


def test_a_database_that_is_not_there_is_told_from_a_server_that_is_not():
    wrapper = DBConnectionError("Can't establish connection to database nope")
    wrapper.__cause__ = asyncpg.InvalidCatalogNameError('database "nope" does not exist')
    assert explain(wrapper).remedy == "Create it, or correct the name in ONECARD_DATABASE_URL."


@pytest.mark.parametrize("bug", [ZeroDivisionError(), KeyError("x"), AssertionError()])
def test_a_bug_is_not_explained_away(bug):
    assert explain(bug) is None
