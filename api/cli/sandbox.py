"""`onecard sandbox`: the pretend world's own process; `onecard up --sandbox` starts it."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from api.cli import _instance as instance
from api.cli._failure import Failure
from api.launch import data_home

GOODBYE_S = 2  # open event streams would keep the server waiting for ever

app = typer.Typer(add_completion=False)


@app.command(hidden=True)
def command(
    host: Annotated[
        str,
        typer.Option(
            help="Where to listen; ONECARD_HOST by itself. The sandbox has no doors: keep it local."
        ),
    ] = "",
    port: Annotated[int, typer.Option(help="The port; ONECARD_PORT + 1 by itself.")] = 0,
) -> None:
    """Serve WeChat's sandbox and the playground."""
    import uvicorn

    from sandbox.app import NoCampus, SandboxSettings, build

    api_host, api_port = instance.host(), instance.port()
    page_url = os.environ.get("ONECARD_PUBLIC_URL") or f"http://{api_host}:{api_port}"
    try:
        application = build(SandboxSettings(data_home(), page_url.rstrip("/") + "/"))
    except NoCampus as error:
        raise Failure(f"{error}.", "Start `onecard up --sandbox`, which writes it first.") from error
    uvicorn.run(
        application,
        host=host or api_host,
        port=port or api_port + 1,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=GOODBYE_S,
    )
