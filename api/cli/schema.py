"""`onecard schema`: what can be asked and done."""

from __future__ import annotations

import typer


def command() -> None:
    """Print the GraphQL schema with its descriptions."""
    from schema.build import sdl

    typer.echo(sdl(), nl=False)
