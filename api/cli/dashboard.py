"""`onecard dashboard add | list | end`: read-only tokens for the school's dashboards."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any, TypeVar

import typer

from api.cli._failure import Failure

Value = TypeVar("Value")
LONGEST_DAYS = 3 * 366

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Tokens by which dashboards read usage.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Which dashboard, such as 后勤大屏.")],
    campus: Annotated[
        str | None, typer.Option(metavar="CODE", help="Of this campus alone; default: all.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="How long it is good.")] = 365,
) -> None:
    """Make a token that reads usage 用电记录, and nothing else; print it."""
    from onecard.registry.dashboards import make_token, write_token

    async def make(records: Any) -> tuple[str, str]:
        now = records.clock()
        made = await make_token(records.database, name, campus, _actor(), now, now + timedelta(days=days))
        if made is None:
            raise Failure(f"No campus has the code {campus}.", "See campuses.jsonl of your rows.")
        return made.id, write_token(records.vault, made.id)

    token_id, token = _ask(make)
    typer.echo(token)
    typer.echo(f"It is {token_id}, good for {days} days. Send it as `Authorization: Bearer …`.", err=True)


@app.command(name="list")
def list_() -> None:
    """Who has one, until when, and when it was used last."""
    from onecard.registry.dashboards import all_tokens

    async def find(records: Any) -> tuple[Any, Any]:
        return await all_tokens(records.database), records.clock()

    tokens, now = _ask(find)
    for token in tokens:
        state = "good" if token.is_good(now) else "ended"
        typer.echo(
            f"{token.id}  {state:<5}  until {token.expires_at:%Y-%m-%d}  used {token.used_on or 'never':}  "
            f"{token.campus or 'all campuses'}  {token.name}"
        )


@app.command()
def end(token_id: Annotated[str, typer.Argument(metavar="ID", help="Its id: dtk_….")]) -> None:
    """End a token; it is refused within seconds."""
    from onecard.registry.dashboards import end_token

    async def finish(records: Any) -> bool:
        return await end_token(records.database, token_id, _actor(), records.clock())

    if not _ask(finish):
        raise Failure(f"There is no token {token_id}.", "See `onecard dashboard list`.")
    typer.echo(f"{token_id} has ended.")


def _ask(work: Callable[[Any], Awaitable[Value]]) -> Value:
    from api.cli._settings import read_settings
    from onecard.bootstrap import open_records

    async def ask() -> Value:
        async with open_records(read_settings(), application_name="onecard dashboard") as records:
            return await work(records)

    return asyncio.run(ask())


def _actor() -> str:
    return f"cli:{getpass.getuser()}"
