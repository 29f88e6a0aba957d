"""Brings a school's PostgreSQL schema up to date, and says how Tortoise reaches it.

A migration is two files in `onecard/ledger/migrations/` or `onecard/registry/migrations/` (each folder has
an `__init__.py`), numbered from 0001 and named alike: `0003_name.sql` holds the statements, `0003_name.py`
is exactly

    from pathlib import Path

    from tortoise import migrations
    from tortoise.migrations.operations import RunSQL


    class Migration(migrations.Migration):
        dependencies = [("ledger", "0002_jobs")]  # the one before it, and what else it needs
        operations = [RunSQL(Path(__file__).with_suffix(".sql").read_text("utf-8"))]

Rules for the SQL: no schema names (search_path is the school's schema alone), no BEGIN/COMMIT, nothing that
refuses to run in a transaction, no IF NOT EXISTS (each runs once), functions without `SET search_path`.
A committed migration is never edited: add the next one.

All pending migrations run in one transaction under an advisory lock, their record
(`tortoise_migrations`) included: all or nothing, also when two processes start at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from asyncpg import Connection
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor
from tortoise.transactions import in_transaction

TIMEZONE = "Asia/Shanghai"
MIGRATIONS = {"ledger": "onecard.ledger.migrations", "registry": "onecard.registry.migrations"}
MODELS = {"ledger": "onecard.ledger.models", "registry": "onecard.registry.models"}

CONNECT_TIMEOUT_S = 10.0
COMMAND_TIMEOUT_S = 30.0
# A process that hangs, or whose machine is gone, in the middle of a posting must not keep the accounting day open:
# at 23:00 everybody would wait for it.
IDLE_IN_TRANSACTION_S = 30
STATEMENT_CACHE_SIZE = 512  # prepared statements per connection; our documents need fewer

_CONNECTION = "default"
_SCHOOL = re.compile(r"[a-z][a-z0-9_]{0,39}")


class UnusableSetting(ValueError):
    """A DSN or a school's name that cannot work; `remedy` names the setting."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


async def migrate(dsn: str, school: str = "school", *, apps: Mapping[str, str] = MIGRATIONS) -> list[str]:
    """Create the school's schema and apply what is missing; the names applied, as `app.0001_name`.

    Idempotent, and safe when several processes do it at once. `apps`: label → migrations package.
    """
    begun: list[str] = []

    def note(event: str, app: str, name: str) -> None:
        if event == "apply_start":
            begun.append(f"{app}.{name}")

    credentials = _credentials(dsn, school, application_name="onecard migrate")
    client = AsyncpgDBClient(
        **credentials | {"minsize": 1, "maxsize": 1, "command_timeout": None}, connection_name=_CONNECTION
    )
    async with TortoiseContext() as context:
        context.connections.set(_CONNECTION, client)
        try:
            async with in_transaction(_CONNECTION) as transaction:
                await transaction.execute_query("SELECT pg_advisory_xact_lock(hashtext('onecard.migrate'))")
                # Asked first: IF NOT EXISTS would want the right to create even when it is there.
                if not await transaction.execute_query_dict(
                    "SELECT 1 FROM pg_namespace WHERE nspname = $1", [school]
                ):
                    await transaction.execute_script(f'CREATE SCHEMA "{school}"')
                executor = MigrationExecutor(
                    transaction, {label: {"migrations": package} for label, package in apps.items()}
                )
                # Before the runner looks for it: a failed look would spoil our transaction.
                await executor.recorder.ensure_schema(AsyncpgSchemaEditor(transaction, atomic=False))
                await executor.migrate(direction="forward", progress=note)
        except Exception as error:
            error.add_note(f"in migration {begun[-1]}" if begun else "before the first migration")
            raise
        finally:
            await client.close()
    return begun


async def pending(dsn: str, school: str = "school", *, apps: Mapping[str, str] = MIGRATIONS) -> list[str]:
    """The names `migrate` would apply now; changes nothing (readiness and doctor ask this)."""
    client = AsyncpgDBClient(
        **_credentials(dsn, school, application_name="onecard migrate"), connection_name=_CONNECTION
    )
    async with TortoiseContext() as context:
        context.connections.set(_CONNECTION, client)
        try:
            executor = MigrationExecutor(
                client, {label: {"migrations": package} for label, package in apps.items()}
            )
            plan = await executor.plan()
        finally:
            await client.close()
    return [f"{step.migration.app_label}.{step.migration.name}" for step in plan]


def tortoise_config(
    dsn: str,
    school: str = "school",
    *,
    pool_min: int = 1,
    pool_max: int = 20,
    application_name: str = "onecard",
) -> dict[str, Any]:
    """The one Tortoise configuration: asyncpg, the school's search_path, both apps, aware datetimes."""
    credentials = _credentials(dsn, school, application_name=application_name)
    return {
        "connections": {
            _CONNECTION: {
                "engine": "tortoise.backends.asyncpg",
                "credentials": credentials | {"minsize": pool_min, "maxsize": pool_max},
            }
        },
        "apps": {
            label: {
                "models": [models],
                "default_connection": _CONNECTION,
                "migrations": MIGRATIONS[label],
            }
            for label, models in MODELS.items()
        },
        "use_tz": True,
        "timezone": TIMEZONE,
    }


def jobs_channel(school: str) -> str:
    """The LISTEN channel of a school's jobs: PgQueuer's `DBSettings(channel=…)` in worker and enqueuers."""
    return f"ch_pgqueuer_{_checked(school)}"


class QuickConnection(Connection):  # type: ignore[misc]  # asyncpg ships no types
    """Goes back to the pool without a reset query: a round trip saved on every statement.

    Open transactions are still rolled back. So: no session-level SET, LISTEN or advisory lock on the pool.
    """

    def get_reset_query(self) -> str:
        return ""


def _credentials(dsn: str, school: str, *, application_name: str) -> dict[str, Any]:
    """A `postgresql://` DSN as Tortoise's asyncpg credentials. `?host=` (a socket) and `?sslmode=` count."""
    parts = _parts(dsn)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    credentials: dict[str, Any] = {
        "host": options.get("host") or unquote(parts.hostname or "127.0.0.1"),
        "port": int(options.get("port") or parts.port or 5432),
        "user": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
        "database": unquote(parts.path.lstrip("/")),
        "schema": _checked(school),
        "application_name": application_name,
        "connection_class": QuickConnection,
        "statement_cache_size": STATEMENT_CACHE_SIZE,
        "max_cached_statement_lifetime": 0,
        "timeout": CONNECT_TIMEOUT_S,
        "command_timeout": COMMAND_TIMEOUT_S,
        "server_settings": {
            "timezone": TIMEZONE,
            "jit": "off",
            "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S}s",
        },
    }
    if "sslmode" in options:
        credentials["ssl"] = options["sslmode"]
    return credentials


def _parts(dsn: str) -> SplitResult:
    """UnusableSetting, which never repeats the DSN: what looks like a port may be half a password."""
    try:
        parts = urlsplit(dsn)
        _ = parts.port
    except ValueError:  # no number
        readable = False
    else:
        database = parts.path.removeprefix("/")
        readable = bool(database) and not set("/@") & set(database) and not parts.fragment
    if not readable or parts.scheme not in ("postgresql", "postgres"):
        raise UnusableSetting(
            "ONECARD_DATABASE_URL is not a PostgreSQL DSN.",
            "Correct it: postgresql://user:password@host:port/database, "
            "where a password's own @ / : ? # % are written %40 %2F %3A %3F %23 %25.",
        )
    return parts


def _checked(school: str) -> str:
    """`school` itself; UnusableSetting when it cannot be a schema's name without quoting."""
    if not _SCHOOL.fullmatch(school) or school.startswith("pg_") or school == "public":
        raise UnusableSetting(
            f"{school!r} is not a school's schema name.",
            "Set ONECARD_SCHOOL to at most 40 of a-z, 0-9 and _, the first a letter.",
        )
    return school
