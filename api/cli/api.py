"""`onecard api`: the API and the page, apart from everything else."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Annotated

import typer

from api.cli._files import raise_open_files

GRACE_S = 15
"""How long requests in flight may take to end after a stop."""
LARGEST_MESSAGE = 256 * 1024


def command(
    port: Annotated[int | None, typer.Option(help="Instead of ONECARD_PORT.", min=1, max=65535)] = None,
    workers: Annotated[int, typer.Option(help="Processes that share the port.", min=1, max=64)] = 1,
) -> None:
    """Serve GraphQL, logins, WeChat's notifications and the page. SIGTERM ends it when requests are answered."""
    import uvicorn

    from onecard.outside.wechat_pay_v3 import WechatPayConfig
    from onecard.outside.wecom_http import WecomConfig
    from onecard.settings import Settings

    if port is not None:
        os.environ["ONECARD_PORT"] = str(port)
    settings = Settings.from_env()  # what is missing is said here once, rather than by every worker
    WechatPayConfig.from_settings(settings)
    WecomConfig.from_settings(settings)
    raise_open_files()
    shared = _shared_metrics() if workers > 1 else None
    try:
        uvicorn.run(
            "api.app:create",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=workers,
            loop="uvloop",
            http="api.bounded_http:BoundedHttp",
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=75,
            access_log=False,
            server_header=False,
            log_config=None,
        )
    finally:
        if shared:
            shutil.rmtree(shared, ignore_errors=True)


def _shared_metrics() -> str:
    """A folder in which the workers add up their numbers; read by prometheus_client when it is imported."""
    folder = tempfile.mkdtemp(prefix="onecard-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    return folder
