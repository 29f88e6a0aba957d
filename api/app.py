"""The ASGI app: `create()` for uvicorn, `assemble(house)` for whoever brings the parts.

Everything that lives as long as the process is in `House`; the lifespan opens it and closes it. Start-up needs
the database, not Redis: without Redis the page reads, and whatever needs Redis says so until it is back.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

import api.notices
from api import health, logs
from api.auth import Auth
from api.callers import Callers
from api.engine import Engine
from api.errors import INTERNAL_SENTENCE, UNAVAILABLE_SENTENCE, ErrorCode, is_unavailable
from api.graphql_http import GraphQLOverHTTP
from api.graphql_ws import GraphQLOverWebSocket
from api.guests import Guests
from api.metrics import BATCHES, metrics
from api.pages import Pages
from api.pretend import mark
from api.security import SecurityHeaders, sandbox_origin
from api.sorry import sorry_page, wants_page
from api.throttle import Throttle
from api.tokens import Tokens, read_or_make_private_key
from onecard.actions.parts import Parts
from onecard.bootstrap import build
from onecard.migrations import pending
from onecard.outside.rate_limits import Limit
from onecard.settings import Settings
from schema.build import build as build_schema
from schema.build import core_schema
from schema.documents import Documents, gateway_documents, page_documents

log = structlog.get_logger(__name__)

_PROBE = Limit("ready", 2**31, 60)


class House:
    """What one process of the API is made of."""

    def __init__(self, parts: Parts, page_folder: Path, gateway_folder: Path | None) -> None:
        settings = parts.settings
        self.parts = parts
        self._migrated = False
        schema = core_schema(build_schema())
        self.documents = Documents(schema)
        if gateway_folder is not None:
            self.documents.trust(gateway_documents(gateway_folder))
        self.documents.trust(page_documents(page_folder / "persisted.json"))
        self.tokens = Tokens(
            read_or_make_private_key(settings.jwt_key, settings.jwt_key_file), parts.clock, self._gateway_key
        )
        callers = Callers(self.tokens, parts.registry, parts.clock, sandbox=settings.sandbox)
        throttle = Throttle(parts.limits)
        engine = Engine(schema, self.documents, parts)
        origins = frozenset(
            {settings.public_url} | ({sandbox_origin(settings)} if settings.sandbox else set())
        )
        self.http = GraphQLOverHTTP(engine, callers, throttle, explore=settings.sandbox)
        self.socket = GraphQLOverWebSocket(engine, callers, throttle, origins=origins)
        self.auth = Auth(parts, self.tokens, parts.registry.vault, throttle)
        self.guests = Guests(parts, self.tokens, parts.registry.vault, throttle)
        self.pages = Pages(page_folder)
        parts.book.watch_batches(BATCHES.observe)

    def queue_depth(self) -> int:
        return self.parts.book.queue_depth

    def routes(self) -> list[Route | WebSocketRoute]:
        async def graphql_socket(socket: WebSocket) -> None:
            await self.socket(socket)

        return [
            Route("/graphql", self.http),
            WebSocketRoute("/graphql", graphql_socket),
            *self.auth.routes(),
            *self.guests.routes(),
            *api.notices.routes(self.parts),
            *health.routes(
                {"database": self._database, "migrations": self._migrations, "redis": self._redis}
            ),
            Route("/metrics", metrics, methods=["GET"]),
        ]

    async def aclose(self) -> None:
        await self.socket.aclose()

    # --------------------------------------------------------------------------------------------------

    async def _gateway_key(self, gateway_id: str) -> str | None:
        gateway = await self.parts.registry.find_gateway(gateway_id)
        return gateway.public_key if gateway else None

    async def _database(self) -> str | None:
        await self.parts.database.execute_query("SELECT 1")
        return None

    async def _migrations(self) -> str | None:
        """Asked until all are applied; they are never taken back under a running process."""
        if not self._migrated:
            missing = await pending(self.parts.settings.database_url, self.parts.settings.school)
            if missing:
                return f"{len(missing)} to apply: run `onecard migrate`"
            self._migrated = True
        return None

    async def _redis(self) -> str | None:
        await self.parts.limits.take(_PROBE, "ready")
        return None


def assemble(settings: Settings, open_house: Callable[[], AbstractAsyncContextManager[House]]) -> Starlette:
    """The app whose house is opened when it starts and closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_house() as house:
            app.state.house = house
            app.router.routes.extend(house.routes())
            app.router.default = house.pages
            log.info("started", documents=len(house.documents.trusted), sandbox=settings.sandbox)
            try:
                yield
            finally:
                await house.aclose()

    return Starlette(
        lifespan=lifespan,
        middleware=[Middleware(SecurityHeaders, settings=settings)],
        exception_handlers={Exception: _failed},
    )


def create() -> Starlette:
    """For uvicorn's `--factory`: everything from the environment."""
    logs.set_up()
    settings = Settings.from_env()
    return assemble(settings, lambda: open_house(settings))


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    async with build(settings) as parts:
        mark(settings.home, sandbox=settings.sandbox)
        yield House(parts, page_folder(), gateway_folder())


def page_folder() -> Path:
    """Where `npm run build` leaves the page."""
    return Path(__file__).parent.parent / "webapp" / "dist"


def gateway_folder() -> Path | None:
    """The gateway's committed documents; found without importing it, of whom the API knows nothing else."""
    spec = find_spec("devices_gateway")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "documents"


async def _failed(request: Request, error: Exception) -> Response:
    """For routes other than /graphql, which answers for itself."""
    if is_unavailable(error):
        log.warning("unavailable", path=request.url.path, why=type(error).__name__)
        if wants_page(request):
            return sorry_page(503, "系统暂时没有应答", "请稍后再试。The service does not answer now.")
        return JSONResponse({"error": ErrorCode.UNAVAILABLE, "message": UNAVAILABLE_SENTENCE}, 503)
    log.error("bug", path=request.url.path, exc_info=error)
    if wants_page(request):
        return sorry_page(500, "系统出错了", "我们已经记下这个错误。Our mistake; it has been noted.")
    return JSONResponse({"error": ErrorCode.INTERNAL, "message": INTERNAL_SENTENCE}, 500)
