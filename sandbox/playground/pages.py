"""The built playground page, served from the sandbox's own port."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

BUILT = Path(__file__).parents[2] / "webapp" / "dist-playground"
PAGE = "playground.html"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_NOT_BUILT = "演练场还没有构建：在 webapp 目录运行 npm run build:playground，或直接 make run。\n"


def page_routes(page_url: str, built: Path = BUILT) -> list[BaseRoute]:
    """`/` and `/playground` show the page; its files lie below `/playground/`."""
    headers = {"content-security-policy": _policy(page_url), "cache-control": "no-cache"}

    own_name = urlsplit(page_url).hostname or ""

    async def show(request: Request) -> Response:
        asked_name = request.url.hostname
        if asked_name != own_name and {asked_name, own_name} <= LOOPBACK:
            # localhost and 127.0.0.1 are two sites to a browser: the phone's login would be lost in its frame.
            return RedirectResponse(str(request.url.replace(hostname=own_name)))
        if not (built / PAGE).exists():
            return PlainTextResponse(_NOT_BUILT)  # the sandbox itself is well
        return FileResponse(built / PAGE, headers=headers)

    return [
        Route("/", show),
        Route("/playground", show),
        Mount("/playground", StaticFiles(directory=built, check_dir=False)),
    ]


def _policy(page_url: str) -> str:
    """Only our own files, and the student's page in its frame."""
    parts = urlsplit(page_url)
    return "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' blob: data:",
            "media-src 'self' blob:",
            f"frame-src 'self' {parts.scheme}://{parts.netloc}",
            "frame-ancestors 'self'",
            "base-uri 'none'",
        )
    )
