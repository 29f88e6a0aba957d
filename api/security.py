"""Headers that tell browsers what our pages may do. One policy for all of them, made once at start."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onecard.settings import Settings

BRIDGE_FRAMES = "weixin: weixinping:"
"""How WeChat's own script in the page calls its app: by the address of a hidden frame. Nothing is shown there."""


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def sandbox_origin(settings: Settings) -> str:
    """Where the playground is served: the page's host, one port up. It shows the page in a frame."""
    return f"http://{settings.host}:{settings.port + 1}"


def content_policy(settings: Settings) -> str:
    """Our own files, WeChat's bridge and nothing else; pages in frames only with and by the playground."""
    bridge = origin_of(settings.wechat.bridge_url)
    playground = sandbox_origin(settings) if settings.sandbox else ""
    socket = origin_of(settings.public_url).replace("http", "ws", 1)
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' {bridge} {playground}",
        "style-src": "'self' 'unsafe-inline'",  # Vue sets style attributes
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": f"'self' {socket} {playground}",
        "media-src": "'self' blob:",
        "worker-src": "'self'",
        "frame-src": f"'self' {playground} {BRIDGE_FRAMES}" if playground else BRIDGE_FRAMES,
        "frame-ancestors": f"'self' {playground}" if playground else "'none'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {' '.join(dict.fromkeys(value.split()))}" for name, value in rules.items())


class SecurityHeaders:
    """Adds the headers to every answer; a handler's own content policy stays."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._always = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "strict-origin-when-cross-origin",
            "permissions-policy": "camera=(self), geolocation=(), microphone=(), payment=()",
            "cross-origin-opener-policy": "same-origin",
            "content-security-policy": content_policy(settings),
        }
        if settings.public_url.startswith("https://"):
            self._always["strict-transport-security"] = "max-age=31536000; includeSubDomains"
        if not settings.sandbox:
            self._always["x-frame-options"] = "DENY"
        self._encoded = [(name.encode(), value.encode()) for name, value in self._always.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                given = {name.lower() for name, _ in headers}
                headers += [header for header in self._encoded if header[0] not in given]
            await send(message)

        await self._app(scope, receive, send_with_headers)
