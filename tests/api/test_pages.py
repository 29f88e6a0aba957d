"""The built page: entries, caching, packed files, and nothing outside the folder; security headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from support.campus import Campus, open_campus

from api.pages import ASK_AGAIN, FOREVER, Pages
from api.security import SecurityHeaders, content_policy
from onecard.settings import Settings, WechatSettings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<title>page</title>")
    (dist / "desk.html").write_text("<title>desk</title>")
    (dist / "persisted.json").write_text("{}")
    (dist / "assets" / "page-abc.js").write_text("console.log(1)")
    (dist / "assets" / "page-abc.js.br").write_bytes(b"packed by brotli")
    (dist / "assets" / "page-abc.js.gz").write_bytes(b"packed by gzip")
    (tmp_path / "secret.txt").write_text("secret")
    (dist / ".hidden").write_text("hidden")
    (dist / "link.txt").symlink_to(tmp_path / "secret.txt")
    return dist


@pytest.fixture
async def web(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Pages(folder))
    async with httpx.AsyncClient(transport=transport, base_url="http://campus.test") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "title"), [("/", "page"), ("/index.html", "page"), ("/desk", "desk"), ("/desk/", "desk")]
)
async def test_entries_are_asked_for_again(web: httpx.AsyncClient, path: str, title: str) -> None:
    response = await web.get(path)
    assert (response.status_code, title in response.text) == (200, True)
    assert response.headers["cache-control"] == ASK_AGAIN
    assert response.headers["content-type"].startswith("text/html")
    again = await web.get(path, headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("accepts", "encoding", "body"),
    [
        ("br, gzip", "br", b"packed by brotli"),
        ("gzip;q=1.0", "gzip", b"packed by gzip"),
        ("identity", None, b"console.log(1)"),
    ],
)
async def test_assets_are_kept_and_sent_packed(
    folder: Path, accepts: str, encoding: str | None, body: bytes
) -> None:
    messages = []

    async def send(message: dict) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/assets/page-abc.js",
        "headers": [(b"accept-encoding", accepts.encode())],
    }
    await Pages(folder)(scope, None, send)
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    assert headers["cache-control"] == FOREVER
    assert headers.get("content-encoding") == encoding
    assert headers["vary"] == "accept-encoding"
    assert headers["content-type"].startswith("text/javascript")
    assert messages[1]["body"] == body


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/link.txt",
        "/.hidden",
        "/assets",
        "/assets/",
        "//etc/passwd",
        "/persisted.json",
        "/assets/page-abc.js.br",
        "/none",
        "/a\\b",
        "/" + "a" * 300,  # longer than any file's name
        "/" + "a/" * 3000,
    ],
)
async def test_nothing_else_is_served(web: httpx.AsyncClient, path: str) -> None:
    response = await web.get(path)
    assert response.status_code == 404
    assert "secret" not in response.text


async def test_a_page_that_is_not_built_says_what_to_do(campus: Campus) -> None:
    response = await campus.http.get("/")
    assert response.status_code == 503
    assert "make run" in response.text


async def test_other_methods_are_405(web: httpx.AsyncClient) -> None:
    assert (await web.post("/")).status_code == 405
    assert (await web.head("/")).status_code == 200


async def test_every_answer_carries_the_headers(database: str, redis_url: str, folder: Path) -> None:
    async with open_campus(database, redis_url, page_folder=folder) as campus:
        for path in ("/", "/desk", "/healthz", "/none", "/metrics", "/assets/page-abc.js"):
            headers = (await campus.http.get(path, headers={"accept-encoding": "identity"})).headers
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
            assert "default-src 'self'" in headers["content-security-policy"]
            assert "strict-transport-security" not in headers


def settings(**changes: object) -> Settings:
    return Settings(home=Path("/x"), database_url="x", redis_url="x", **changes)


def rules(policy: str) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in policy.split("; "))


def test_the_policy_of_a_real_school_frames_no_page() -> None:
    found = rules(content_policy(settings(public_url="https://card.school.cn")))
    assert found["frame-ancestors"] == "'none'"
    assert (
        found["frame-src"] == "weixin: weixinping:"
    )  # else nobody can pay in WeChats that call their app so
    assert found["script-src"] == "'self' https://res.wx.qq.com"
    assert "wss://card.school.cn" in found["connect-src"]
    assert "unsafe-eval" not in str(found)


def test_the_playground_may_frame_the_page_of_a_pretend_campus() -> None:
    wechat = WechatSettings(bridge_url="http://127.0.0.1:8001/jweixin.js")
    found = rules(content_policy(settings(sandbox=True, wechat=wechat)))
    assert found["frame-ancestors"] == "'self' http://127.0.0.1:8001"
    assert found["script-src"] == "'self' http://127.0.0.1:8001"


def test_https_is_kept_to() -> None:
    async def app(scope, receive, send):
        pass

    kept = SecurityHeaders(app, settings(public_url="https://card.school.cn"))._always
    assert kept["strict-transport-security"].startswith("max-age=")
    assert kept["x-frame-options"] == "DENY"
