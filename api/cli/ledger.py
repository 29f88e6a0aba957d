"""`onecard ledger check | export | seal`: the books proved, written out, sealed. None of them changes a posting."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli._failure import Failure
from api.cli._instance import database, school
from onecard.ledger import export as books
from onecard.ledger.export import Format

CHUNK = 1 << 16  # characters written at once
WORK_MEMORY = "64MB"  # for the sorts of a large journal, of this session alone
READER_PATIENCE = "10min"  # somebody pages through an export; longer, and it holds up the rollup

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Prove, write out or seal the books.")


@app.command()
def check(
    head: Annotated[
        str | None,
        typer.Option(help="A head that `onecard ledger seal` printed before: it must still be there."),
    ] = None,
) -> None:
    """Prove every invariant of the books; exit code 1 names those that fail. Safe while OneCard runs."""
    from onecard.ledger.check import examine
    from onecard.rules.policy import load_policy

    file = os.environ.get("ONECARD_POLICY_FILE")
    policy = load_policy(Path(file) if file else None)
    published = _hash(head) if head else None

    async def prove(connection: Any) -> list[str]:
        failed = []
        async for verdict in examine(connection, policy, published):
            typer.echo(f"{'✗' if verdict.findings else '✓'} {verdict.invariant:<4}{verdict.meaning}")
            for finding in verdict.findings:
                typer.echo(f"       {finding.sentence} {finding.count} ×: {'; '.join(finding.examples)}")
            if verdict.findings:
                failed.append(verdict.invariant)
        return failed

    failed = _ask(prove)
    if failed:
        typer.echo(f"The books do not hold: {', '.join(failed)}.")
        typer.echo(
            "→ Stop nothing and change nothing; keep a copy of the database (pg_dump) and look at the examples."
        )
        raise typer.Exit(1)
    typer.echo("The books hold.")


@app.command()
def export(
    form: Annotated[Format, typer.Option("--format", help="Which program shall read it.")] = Format.HLEDGER,
) -> None:
    """Write the journal to standard output: `onecard ledger export | hledger -f- check -s`."""

    async def write(connection: Any) -> None:
        chunk: list[str] = []
        size = 0
        async for line in books.export(connection, form):
            chunk.append(line)
            size += len(line)
            if size > CHUNK:
                print("\n".join(chunk))
                chunk, size = [], 0
        if chunk:
            print("\n".join(chunk))
        sys.stdout.flush()

    try:
        _ask(write)
    except BrokenPipeError:  # `… | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command()
def seal() -> None:
    """Seal what was posted since the last time and print the head: publish it, an auditor will ask for it."""
    from onecard.ledger.seal import seal_pending

    head = _ask(seal_pending)
    if head is None:
        typer.echo("Nothing is posted yet, so there is nothing to seal.")
        return
    typer.echo(f"block {head.number} {head.hash.hex()}")


def _ask(work: Callable[[Any], Awaitable[Any]]) -> Any:
    """`work(connection)` on a connection of its own to the school's schema."""

    async def connect_and_work(dsn: str) -> Any:
        async with _connected(dsn) as connection:
            return await work(connection)

    with database() as dsn:
        return asyncio.run(connect_and_work(dsn))


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[Any]:
    import asyncpg

    settings = {
        "search_path": school(),
        "application_name": "onecard ledger",
        "jit": "off",
        "work_mem": WORK_MEMORY,
        "idle_in_transaction_session_timeout": READER_PATIENCE,
    }
    connection = await asyncpg.connect(dsn, timeout=10, server_settings=settings)
    try:
        yield connection
    finally:
        await connection.close()


def _hash(text: str) -> bytes:
    """The last word of what `seal` printed."""
    try:
        found = bytes.fromhex(text.split()[-1])
    except (IndexError, ValueError):
        found = b""
    if len(found) != 32:
        raise Failure(
            f"{text!r} is not a head.", "Give the 64 hexadecimal digits that `onecard ledger seal` printed."
        )
    return found
