"""Pages that the sandbox shows by itself: a template, a style, and values that are escaped."""

from __future__ import annotations

import html
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

# The sheet is shown in a frame of the school's page, so no frame-ancestors here.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"


def filled_page(template: Path, style: Path, status: int = 200, /, **values: str) -> HTMLResponse:
    """Values whose name starts with `html_` are put in as they are; all others are escaped."""
    filled = {key: value if key.startswith("html_") else html.escape(value) for key, value in values.items()}
    text = Template(template.read_text("utf-8")).substitute(filled, html_style=style.read_text("utf-8"))
    headers = {
        "content-security-policy": _POLICY,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
    }
    return HTMLResponse(text, status, headers)
