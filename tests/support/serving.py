"""An ASGI app behind a real uvicorn on a free port, in this event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from support.waiting import until

from api.bounded_http import BoundedHttp


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Its address, "127.0.0.1:PORT". The app's own lifespan is the caller's."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(
            app,
            lifespan="off",
            http=BoundedHttp,
            ws="websockets-sansio",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started or task.done(), "uvicorn to start")
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
