"""`onecard migrate`: the database brought up to date."""

from __future__ import annotations

import asyncio

import typer

from api.cli._instance import database, school


def command() -> None:
    """Bring the database up to date. Safe to repeat, and while OneCard runs."""
    from onecard.migrations import migrate

    with database() as dsn:
        applied = asyncio.run(migrate(dsn, school()))
    for name in applied:
        typer.echo(f"applied {name}")
    typer.echo(f"The schema {school()} is up to date.")
