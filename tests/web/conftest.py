"""The built page served as files, a Chromium, and an API that says what a test wants."""

from __future__ import annotations

import fcntl
import http.server
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from web.pretend_api import DIST, PretendApi

WEBAPP = Path(__file__).parents[2] / "webapp"
PHONE = {"width": 390, "height": 844}
POLICY = "default-src 'self'; connect-src 'self' ws:; img-src 'self'; object-src 'none'; base-uri 'none'"
expect.set_options(timeout=8_000)


class _Files(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".svg": "image/svg+xml",
    }

    def translate_path(self, path: str) -> str:
        return super().translate_path("/desk.html" if path.split("?")[0] == "/desk" else path)

    def end_headers(self) -> None:
        self.send_header("content-security-policy", POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def built_page() -> Path:
    """webapp/dist as the server would serve it; built when it is older than a source."""
    sources = [path for path in (WEBAPP / "src").rglob("*") if path.is_file()]
    sources += [WEBAPP / "index.html", WEBAPP / "desk.html", WEBAPP / "vite.config.ts"]
    stamp = DIST / "manifest.json"
    newest = max(path.stat().st_mtime for path in sources if "playground" not in path.parts)
    with (WEBAPP / "node_modules/.build.lock").open("w") as lock:  # several workers, one build
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.stat().st_mtime < newest:
            subprocess.run(["npm", "run", "--silent", "build"], cwd=WEBAPP, check=True)
    return DIST


@pytest.fixture(scope="session")
def address(built_page: Path) -> Iterator[str]:
    handler = partial(_Files, directory=str(built_page))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A phone; a fault of the page's own script fails the test."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    assert faults == []


@pytest.fixture
def api(page: Page) -> PretendApi:
    return PretendApi(page)


@pytest.fixture
def visit(page: Page, address: str) -> Callable[[str], None]:
    """Opens a screen by its path behind the #; `/desk#/cases` opens the desk."""
    return lambda path: page.goto(address + (path if path.startswith("/desk") else f"/#{path}")) and None
