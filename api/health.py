"""/healthz: this process is alive. /readyz: it can work — database, migrations, Redis, each by name.

Redis away leaves the page readable and money safe, but no code can be paid with, so it counts as not ready.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.errors import is_unavailable

WITHIN_S = 2.0

Probe = Callable[[], Awaitable[str | None]]
"""None when all is well, else a sentence."""


def routes(probes: Mapping[str, Probe]) -> list[Route]:
    async def healthz(request: Request) -> Response:
        return _json({"status": "alive"}, 200)

    async def readyz(request: Request) -> Response:
        found = dict(zip(probes, await asyncio.gather(*map(_ask, probes.values())), strict=True))
        ready = all(answer is None for answer in found.values())
        body = {
            "status": "ready" if ready else "not ready",
            "parts": {name: "ok" if answer is None else answer for name, answer in found.items()},
        }
        return _json(body, 200 if ready else 503)

    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]


async def _ask(probe: Probe) -> str | None:
    try:
        async with asyncio.timeout(WITHIN_S):
            return await probe()
    except Exception as error:
        if not is_unavailable(error):
            raise
        return "does not answer"


def _json(body: dict[str, Any], status: int) -> Response:
    return JSONResponse(body, status, {"cache-control": "no-store"})
