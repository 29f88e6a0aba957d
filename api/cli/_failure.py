"""What a command says when it fails for a reason that is no bug of ours."""

from __future__ import annotations

import errno
import socket

_UNREACHABLE = (ConnectionError, TimeoutError, socket.gaierror)


class Failure(Exception):
    """An expected failure; `remedy` is the sentence that says what to do next."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


def explain(error: BaseException) -> Failure | None:
    """`error` in two sentences; None when it is a bug, whose traceback we want to see."""
    if isinstance(error, Failure):
        return error
    message, remedy = getattr(error, "message", None), getattr(error, "remedy", None)
    if isinstance(message, str) and isinstance(remedy, str):  # LaunchError, UnusableSetting
        return Failure(message, remedy)
    for cause in _causes(error):
        if found := _explain_one(cause):
            return found
    return None


def _explain_one(error: BaseException) -> Failure | None:
    # By name: the command line must not import the drivers only to ask.
    kinds = {f"{kind.__module__.split('.')[0]}.{kind.__name__}" for kind in type(error).__mro__}
    if kinds & {"asyncpg.InvalidPasswordError", "asyncpg.InvalidAuthorizationSpecificationError"}:
        return Failure(f"PostgreSQL refused the login: {error}.", "Correct ONECARD_DATABASE_URL.")
    if "asyncpg.InvalidCatalogNameError" in kinds:
        return Failure(f"{error}.", "Create it, or correct the name in ONECARD_DATABASE_URL.")
    if "asyncpg.InsufficientPrivilegeError" in kinds:
        return Failure(
            f"PostgreSQL refused: {error}.", "Let the role own its database, or create the schema."
        )
    if kinds & {"asyncpg.UndefinedTableError", "asyncpg.UndefinedFunctionError"}:
        said = str(error).partition("\n")[0]  # without PostgreSQL's hints, which are for programmers
        return Failure(f"The database is not up to date: {said}.", "Run `onecard migrate`.")
    if kinds & {"redis.ConnectionError", "redis.TimeoutError"}:
        said = str(error).rstrip(".")
        return Failure(
            f"Redis cannot be reached: {said}.", "Start `onecard up`, or correct ONECARD_REDIS_URL."
        )
    if "onecard.SettingsError" in kinds:
        return Failure(str(error), "Correct the setting and run the command again.")
    if "tortoise.DBConnectionError" in kinds:
        return None  # wraps what asyncpg says better
    if isinstance(error, _UNREACHABLE) or "asyncpg.CannotConnectNowError" in kinds:
        return Failure(
            f"The database cannot be reached: {str(error) or 'it does not answer'}.",
            "Start `onecard up`, or correct ONECARD_DATABASE_URL.",
        )
    if "asyncpg.DiskFullError" in kinds or getattr(error, "errno", None) == errno.ENOSPC:
        return Failure(f"The disk is full: {error}.", "Free some space and run it again.")
    if kinds & {"asyncpg.ConnectionDoesNotExistError", "asyncpg.CrashShutdownError"}:
        return Failure(f"The database went away: {error}.", "Read its log, then run it again.")
    if isinstance(error, PermissionError):
        return Failure(f"Not allowed: {error}.", "Run it as the user that started OneCard.")
    return None


def _causes(error: BaseException) -> list[BaseException]:
    """`error` and what led to it, nearest first."""
    found: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in found:
        found.append(step)
        # Of things done side by side, the first that failed.
        beside = step.exceptions[0] if isinstance(step, BaseExceptionGroup) else None
        step = beside or step.__cause__ or step.__context__
    return found
