"""GET /healthz (JSON; 503 with its problems) and /metrics (Prometheus), where `healthListen` is set."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from devices_gateway.config import CannotListen, Config
from devices_gateway.gateway import Gateway, Health
from devices_gateway.journal import JournalError


class HealthServer:
    """`async with` it beside the gateway; `address` is None when nobody asked for it."""

    def __init__(self, gateway: Gateway, config: Config) -> None:
        self._gateway = gateway
        self._config = config
        self._runner: web.AppRunner | None = None
        self.address: tuple[str, int] | None = None

    async def __aenter__(self) -> HealthServer:
        if self._config.health_host is not None:
            app = web.Application()
            app.add_routes([web.get("/healthz", self._healthz), web.get("/metrics", self._metrics)])
            self._runner = web.AppRunner(app, access_log=None)
            await self._runner.setup()
            site = web.TCPSite(self._runner, self._config.health_host, self._config.health_port)
            try:
                await site.start()
            except OSError as error:
                await self._runner.cleanup()
                raise CannotListen(
                    "healthListen", self._config.health_host, self._config.health_port
                ) from error
            address = self._runner.addresses[0]
            self.address = (str(address[0]), int(address[1]))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, request: web.Request) -> web.Response:
        try:
            health = await self._gateway.health()
        except JournalError as error:
            return web.json_response({"problems": [f"the journal: {error}"]}, status=503)
        problems = health.problems
        return web.json_response({**asdict(health), "problems": problems}, status=503 if problems else 200)

    async def _metrics(self, request: web.Request) -> web.Response:
        try:
            health = await self._gateway.health()
        except JournalError as error:
            return web.Response(text=f"the journal: {error}\n", status=503)
        return web.Response(body=_exposition(health), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _exposition(health: Health) -> bytes:
    registry = CollectorRegistry()
    for name, meaning, value in (
        ("terminals_connected", "Terminals with a connection", health.terminals_connected),
        ("sales_in_flight", "Sales being charged", health.sales_in_flight),
        ("commands_connected", "Whether device commands can arrive", health.commands_connected),
        ("api_silent_seconds", "How long the API has not answered", health.api_silent_s),
        (
            "clock_ahead_seconds",
            "This clock before the API's, where it refuses us for it",
            health.clock_ahead_s,
        ),
        ("outbox_waiting", "Messages the API must still hear", health.waiting),
        ("outbox_oldest_seconds", "How long the oldest of them has waited", health.oldest_waiting_s),
        ("dead_letters", "Messages the API will not take", health.dead_letters),
        ("journal_fullness_ratio", "Journal size as a share of its cap", health.journal_fullness),
    ):
        gauge = Gauge(f"onecard_gateway_{name}", meaning, ["gateway"], registry=registry)
        gauge.labels(health.gateway).set(value)
    return generate_latest(registry)
