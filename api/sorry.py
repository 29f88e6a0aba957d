"""A page for a person whose browser was on its way somewhere when a part of the service was away."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>
<body><h1>{title}</h1><p>{sentence}</p><p>没有动用任何款项。No money moved.</p>
<p><a href="/">重新打开 Open again</a></p></body></html>"""


def wants_page(request: Request) -> bool:
    """A browser that navigates, rather than a script that asks."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def sorry_page(status: int, title: str, sentence: str) -> HTMLResponse:
    page = _PAGE.format(title=escape(title), sentence=escape(sentence))
    return HTMLResponse(page, status, {"cache-control": "no-store"})
