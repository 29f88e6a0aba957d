"""The sandbox's own pages: templates beside this file, every value escaped."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import HTMLResponse, Response

from sandbox.filled_page import filled_page

_FOLDER = Path(__file__).parent / "pages"


def page(name: str, status: int = 200, /, **values: str) -> HTMLResponse:
    return filled_page(_FOLDER / name, _FOLDER / "style.css", status, **values)


def script(name: str) -> Response:
    return Response(
        (_FOLDER / name).read_bytes(),
        media_type="text/javascript; charset=utf-8",
        headers={"cache-control": "no-cache", "x-content-type-options": "nosniff"},
    )
