"""`onecard gateway`: terminals on one side, the API on the other; a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli._failure import Failure
from api.cli._files import raise_open_files
from api.launch import data_home

if TYPE_CHECKING:
    from devices_gateway.config import Config


def command(
    config: Annotated[
        Path | None, typer.Option(help="Its configuration; default: gateway/gateway.json in the data folder.")
    ] = None,
    requeue_dead_letters: Annotated[
        bool, typer.Option("--requeue-dead-letters", help="First send again what the API would not take.")
    ] = False,
) -> None:
    """Serve the devices of one gateway until Ctrl-C or SIGTERM, which finishes what is in hand."""
    from devices_gateway.config import ConfigError, read_config
    from devices_gateway.journal import JournalDamaged, JournalError

    raise_open_files()
    path = config or data_home() / "gateway" / "gateway.json"
    try:
        asyncio.run(_serve(read_config(path), requeue=requeue_dead_letters))
    except ConfigError as error:
        raise Failure(error.message, error.remedy) from None
    except JournalDamaged as error:
        raise Failure(
            f"The journal is damaged: {error}.",
            "Keep it: reversals that wait are in it. docs/devices/pos.md says how to save them.",
        ) from None
    except JournalError as error:
        raise Failure(
            f"The journal cannot be opened: {error}.",
            "Stop the other gateway that has it, or free some space on its disk.",
        ) from None


async def _serve(config: Config, *, requeue: bool) -> None:
    from devices_gateway.config import CannotListen
    from devices_gateway.gateway import Gateway
    from devices_gateway.health import HealthServer
    from devices_gateway.logs import log_to_stderr
    from devices_gateway.outbox import requeue_dead_letters

    log_to_stderr(os.environ.get("ONECARD_LOG_LEVEL", "info"))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)
    try:
        gateway = Gateway(config)
        async with gateway, HealthServer(gateway, config) as health:
            if requeue:
                typer.echo(f"{await gateway.journal.run(requeue_dead_letters)} dead letters wait again")
            typer.echo(f"gateway {config.gateway_id} listens on {gateway.address[0]}:{gateway.address[1]}")
            if health.address is not None:
                typer.echo(f"its health is at http://{health.address[0]}:{health.address[1]}/healthz")
            ends = [asyncio.create_task(stop.wait()), asyncio.create_task(gateway.failed.wait())]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.cancel()
            if not stop.is_set():
                raise Failure("A part of the gateway ended.", "Read its log above and start it again.")
            typer.echo("stopping: finishing what is in hand")
    except CannotListen as error:
        reason = error.__cause__.strerror if isinstance(error.__cause__, OSError) else None
        raise Failure(
            f"The gateway cannot listen on {error.address}: {reason}.",
            f"Stop what listens there, or change {error.member}.",
        ) from None
