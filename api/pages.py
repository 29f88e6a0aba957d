"""The built page: index.html at /, desk.html at /desk, and their files.

Files under assets/ carry a hash in their name and are kept by browsers for a year; everything else is asked for
again, and answered 304 while it is the same. Where the build left a .br or .gz beside a file, that is sent.
"""

import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
ENTRIES = {"": "index.html", "desk": "desk.html", "desk/": "desk.html"}
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
LONGEST_NAME = 200
"""Of a file with its folders; a file system would raise for 256 in one part."""
PRIVATE = frozenset({"persisted.json", "manifest.json"})
"""The build's notes to us; nothing for browsers."""

_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml"}
_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>OneCard</title>
<body><h1>页面还没有构建</h1>
<p>The page is not built yet. Run <code>make run</code>, or <code>npm ci &amp;&amp; npm run build</code> in
<code>webapp/</code>. The API is up: <a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>.</p></body></html>
"""


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    encoding: str | None
    etag: str


class Pages:
    """The ASGI endpoint for every path that nothing else takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 4404, "reason": "Not found"})
            return
        response = await self._respond(scope["method"], scope["path"], Headers(scope=scope))
        await response(scope, receive, send)

    async def _respond(self, method: str, path: str, headers: Headers) -> Response:
        if method not in ("GET", "HEAD"):
            return PlainTextResponse("Method not allowed", 405, {"allow": "GET, HEAD"})
        name = path.removeprefix("/")
        entry = ENTRIES.get(name)
        file = self._find(entry or name)
        if file is None:
            if entry:
                return HTMLResponse(_NOT_BUILT, 503, {"cache-control": "no-store"})
            return PlainTextResponse("Not found 没有这个页面", 404)
        accepted = {
            part.partition(";")[0].strip() for part in headers.get("accept-encoding", "").lower().split(",")
        }
        found = await to_thread.run_sync(_read, file, accepted)
        answer = {
            "cache-control": FOREVER if name.startswith("assets/") else ASK_AGAIN,
            "etag": found.etag,
            "vary": "accept-encoding",
        }
        if found.etag in (tag.strip() for tag in headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=answer)
        if found.encoding:
            answer["content-encoding"] = found.encoding
        return Response(found.body, headers=answer, media_type=_media_type(file))

    def _find(self, name: str) -> Path | None:
        """The file of that name inside the folder; nothing outside it, hidden, or meant for us."""
        if "\x00" in name or "\\" in name or name in PRIVATE:
            return None
        if any(part in ("", ".", "..") or part.startswith(".") for part in name.split("/")):
            return None
        if len(name) > LONGEST_NAME:
            return None
        file = self._folder / name
        if file.suffix in (".br", ".gz") or not file.is_file():
            return None
        return file if file.resolve().is_relative_to(self._folder) else None


def _read(file: Path, accepted: set[str]) -> _File:
    for encoding, suffix in ENCODINGS:
        packed = file.with_name(file.name + suffix)
        if encoding in accepted and packed.is_file():
            return _file(packed, encoding)
    return _file(file, None)


def _file(file: Path, encoding: str | None) -> _File:
    body = file.read_bytes()
    return _File(body, encoding, f'"{sha256(body).hexdigest()[:20]}"')


def _media_type(file: Path) -> str:
    return _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
