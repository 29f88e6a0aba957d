"""`onecard token`: a bearer token of an invented person, for scripts."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from api.cli._failure import Failure
from api.cli._instance import access_database_url, find_redis_url
from api.launch import data_home


def command(
    person: Annotated[str, typer.Option("--as", metavar="NUMBER", help="学工号, such as 2002001.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="Give it a scope as well: open-documents. May be repeated.")
    ] = None,
) -> None:
    """Print an access token of a bound person of the pretend campus; it lives ten minutes."""
    typer.echo(asyncio.run(_token(person, frozenset(scope or ()))))


async def _token(number: str, scopes: frozenset[str]) -> str:
    from tortoise.context import TortoiseContext

    from api.pretend import is_marked
    from api.tokens import OPEN_DOCUMENTS, Tokens, read_or_make_private_key
    from onecard.bootstrap import open_vault
    from onecard.migrations import tortoise_config
    from onecard.registry.access import Registry
    from onecard.rules.clock import system_clock
    from onecard.settings import Settings

    if scopes - {OPEN_DOCUMENTS}:
        raise Failure(
            f"There is no scope {min(scopes - {OPEN_DOCUMENTS})}.", f"The one scope is {OPEN_DOCUMENTS}."
        )
    database_url = access_database_url()
    settings = Settings.from_env(
        {
            **os.environ,
            "ONECARD_HOME": str(data_home()),
            "ONECARD_DATABASE_URL": database_url,
            "ONECARD_REDIS_URL": find_redis_url() or "redis://127.0.0.1:6379/0",
        }
    )
    if not (settings.sandbox if os.environ.get("ONECARD_SANDBOX") else is_marked(settings.home)):
        raise Failure(
            "Tokens are made for the pretend campus only; real people log in.",
            "Start it with `onecard up --sandbox`, or set ONECARD_SANDBOX=1 where it runs.",
        )

    async def no_gateway(_: str) -> str | None:
        return None

    # Not `bootstrap.build`: a token needs the register, and neither Redis nor WeChat.
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(settings.database_url, settings.school, pool_max=1))
        registry = Registry(context.connections.get("default"), open_vault(settings))
        login = await registry.find_login_by_number(number)
    if login is None:
        raise Failure(
            f"Nobody of the number {number} is bound to a login.",
            "Try 2002001, or log in on the page as that person and bind the card first.",
        )
    key = read_or_make_private_key(settings.jwt_key, settings.jwt_key_file)
    return Tokens(key, system_clock, no_gateway).sign_person(login.id, scopes=scopes)
