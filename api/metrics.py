"""Numbers for Prometheus. With several worker processes they are summed through PROMETHEUS_MULTIPROC_DIR."""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from starlette.requests import Request
from starlette.responses import Response

_REGISTRY = CollectorRegistry()
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

OPERATIONS = Counter(
    "onecard_operations_total",
    "GraphQL operations, by name (open documents: 'open'), kind, and how they ended.",
    ["operation", "kind", "ended"],
    registry=_REGISTRY,
)
LATENCY = Histogram(
    "onecard_operation_seconds",
    "How long GraphQL operations took.",
    ["operation"],
    buckets=_SECONDS,
    registry=_REGISTRY,
)
OUTCOMES = Counter(
    "onecard_mutations_total",
    "What mutations answered with: successes (PaymentCodeCharged is a posting) and refusals, by type.",
    ["mutation", "outcome"],
    registry=_REGISTRY,
)
ERRORS = Counter(
    "onecard_errors_total", "Entries of `errors` that were sent, by code.", ["code"], registry=_REGISTRY
)
SOCKETS = Gauge(
    "onecard_websockets", "WebSockets that are open.", registry=_REGISTRY, multiprocess_mode="livesum"
)
SUBSCRIPTIONS = Gauge(
    "onecard_subscriptions", "Subscriptions that run.", registry=_REGISTRY, multiprocess_mode="livesum"
)
QUEUE = Gauge(
    "onecard_ledger_queue",
    "Postings that wait for the next group commit.",
    registry=_REGISTRY,
    multiprocess_mode="livesum",
)
BATCHES = Histogram(
    "onecard_ledger_batch",
    "How many charges were committed together: under load the mean should be well above 1.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
    registry=_REGISTRY,
)


async def metrics(request: Request) -> Response:
    """GET /metrics"""
    QUEUE.set(request.app.state.house.queue_depth())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        text = generate_latest(registry)
    else:
        text = generate_latest(_REGISTRY)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
