"""`onecard worker`: the jobs and the scans; a process of its own, any number of them."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from onecard.settings import Settings


def command() -> None:
    """Do what waits: ask WeChat about orders and refunds, expire holds, close days, seal. Until Ctrl-C."""
    from api import logs
    from api.cli._settings import read_settings, settings_explained

    logs.set_up()  # before the first line: what is logged goes through the same redaction as the API's
    settings = read_settings()
    with settings_explained():
        asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    from api.worker import FINISH_S, work

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)
    working = asyncio.create_task(work(settings, stop))
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait({working, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not working.done():
        typer.echo("stopping: finishing what is in hand")
        # Everything it does may be repeated, so what takes too long is cut off without harm.
        await asyncio.wait({working}, timeout=FINISH_S)
        working.cancel()
    try:
        await working
    except asyncio.CancelledError:
        typer.echo(f"worker {os.getpid()} was cut off after {FINISH_S:.0f} s", err=True)
