"""The sandbox's own pages: templates beside this file, every value escaped."""

from __future__ import annotations

import html
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse, Response

_FOLDER = Path(__file__).parent / "pages"
# The sheet is shown in a frame of the school's page, so no frame-ancestors here.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"


def page(name: str, status: int = 200, /, **values: str) -> HTMLResponse:
    """Values whose name starts with `html_` are put in as they are; all others are escaped."""
    filled = {key: value if key.startswith("html_") else html.escape(value) for key, value in values.items()}
    style = (_FOLDER / "style.css").read_text("utf-8")
    text = Template((_FOLDER / name).read_text("utf-8")).substitute(filled, html_style=style)
    headers = {
        "content-security-policy": _POLICY,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
    }
    return HTMLResponse(text, status, headers)


def script(name: str) -> Response:
    return Response(
        (_FOLDER / name).read_bytes(),
        media_type="text/javascript; charset=utf-8",
        headers={"cache-control": "no-cache", "x-content-type-options": "nosniff"},
    )
