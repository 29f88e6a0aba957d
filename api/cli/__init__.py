"""The command line: `onecard COMMAND`. One file, one command: `api/cli/<command>.py`.

Such a file defines `command` (a function Typer understands; its docstring is the help) or, with
subcommands, `app` (a `typer.Typer`). Nothing registers it: the file's name is the command's. Files starting
with `_` are shared parts. Imports that cost time go inside the function, so that `--help` stays quick.
Expected failures are raised as `Failure(message, remedy)` (or `LaunchError`): two sentences and exit code 1.
The command line may import everything, and nothing imports it.
"""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from api.cli._failure import Failure, explain

if TYPE_CHECKING:
    from typer._click.core import Command

__all__ = ["Failure", "main"]


class _Commands(TyperGroup):
    """Finds commands by file name and imports only the one that runs."""

    def list_commands(self, ctx: Any) -> list[str]:
        names = (module.name for module in pkgutil.iter_modules(__path__))
        return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))

    def get_command(self, ctx: Any, cmd_name: str) -> Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{__name__}.{cmd_name.replace('-', '_')}")
        app = getattr(module, "app", None)
        if app is None:
            app = typer.Typer(add_completion=False)
            app.command(cmd_name)(module.command)
        found = get_command(app)
        found.name = cmd_name
        return found


cli = typer.Typer(cls=_Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@cli.callback()
def _onecard() -> None:
    """OneCard 校园一卡通: start it, look after it, ask it."""


def main() -> None:
    """Run one command. Expected failures end with what to do next, never with a traceback."""
    try:
        cli()
    except Exception as error:
        failure = explain(error)
        if failure is None:
            raise
        print(f"{failure.message}\n→ {failure.remedy}", file=sys.stderr)
        sys.exit(1)
