"""`onecard seed`: a school's rows into the register, its history through the ledger."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli._failure import Failure

if TYPE_CHECKING:
    from onecard.settings import Settings


def command(
    rows: Annotated[
        Path | None,
        typer.Option(help="The folder of *.jsonl files; default: sandbox/rows in the data folder."),
    ] = None,
) -> None:
    """Load people, places, merchants and terminals. Safe to repeat: what is there is brought up to date."""
    from api.cli._settings import read_settings
    from onecard.actions.rows import RowsError

    settings = read_settings()
    folder = rows or settings.home / "sandbox" / "rows"
    if not folder.is_dir():
        raise Failure(
            f"There are no rows in {folder}.",
            "Name their folder with --rows, or start `onecard up --sandbox`.",
        )
    try:
        asyncio.run(load(settings, folder))
    except RowsError as error:
        raise Failure(str(error), "Correct the row and seed again; the rest stays.") from None


async def load(settings: Settings, folder: Path) -> None:
    """Bring the rows in, with progress on the terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from onecard.actions.load_rows import load_rows
    from onecard.bootstrap import open_records

    with Progress(TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn()) as shown:
        tasks: dict[str, int] = {}

        def progress(kind: str, done: int, total: int) -> None:
            if kind not in tasks:
                tasks[kind] = shown.add_task(kind, total=total)
            shown.update(tasks[kind], completed=done, total=total)  # type: ignore[arg-type]  # rich numbers its tasks

        async with open_records(settings, application_name="onecard seed") as records:
            counts = await load_rows(records, folder, progress)
    typer.echo("loaded " + ", ".join(f"{count} {kind}" for kind, count in counts.items() if count))
