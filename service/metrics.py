"""What the service measures of itself, for Prometheus. It says nothing of anybody's pay."""

import time
from functools import cache

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

disable_created_metrics()  # type: ignore[no-untyped-call]  # when each series began: as many series again

FRESHNESS_BOUNDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300)
REQUEST_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

FRESHNESS = Histogram(
    "paygauge_freshness_seconds",
    "From Kafka's append of a new report to its being visible.",
    buckets=FRESHNESS_BOUNDS,
)
RECENT_FRESHNESS = Gauge("paygauge_recent_freshness_seconds", "The same, of the last minute.", ["quantile"])
REPORTS = Gauge("paygauge_reports", "Reports held, withdrawn ones not counted.")
INDEX_ROWS = Gauge("paygauge_index_rows", "Rows of the base, of its dead ones, and of the delta.", ["part"])
INDEX_BYTES = Gauge("paygauge_index_bytes", "Bytes of the columns of the base and the delta.")
SNAPSHOT_VERSION = Gauge("paygauge_snapshot_version", "Version of the snapshot that answers.")
FOLLOWING = Gauge("paygauge_feed_following", "Whether the change stream is followed: 1, or 0.")
LOADS = Counter("paygauge_loads", "Times the columns were loaded, by where they came from.", ["source"])
LOAD_SECONDS = Gauge("paygauge_load_seconds", "How long the last load took.")
SAVED = Gauge("paygauge_saved_timestamp_seconds", "When the columns were last saved.")
CHANGES = Counter("paygauge_changes", "Changes taken from the change stream.")
UNREADABLE = Counter("paygauge_unreadable_documents", "Documents in MongoDB that could not be read, and do not count.")
JOINS = Counter("paygauge_joins", "Times the delta went into the base.")
REQUESTS = Counter("paygauge_requests", "HTTP requests and sockets.", ["path", "status"])
REQUEST_SECONDS = Histogram(
    "paygauge_request_seconds", "How long HTTP requests took.", ["path"], buckets=REQUEST_BOUNDS
)
GRAPHQL_ERRORS = Counter("paygauge_graphql_errors", "Errors in answers, by code.", ["code"])

NOT_KNOWN = float("nan")

PATHS = ("/", "/graphql", "/health/live", "/health/ready", "/metrics")
"""Other paths count as one, since anybody can make one up."""


async def metrics(request: Request) -> Response:
    """Answer with all measures in Prometheus's text."""
    recent = request.state.feed.freshness.measured()
    for quantile, seconds in (("0.5", recent and recent.p50), ("0.99", recent and recent.p99)):
        RECENT_FRESHNESS.labels(quantile).set(NOT_KNOWN if seconds is None else seconds)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def count_request(path: str, status: int | str, seconds: float | None) -> None:
    """Count a request or socket; one that ends is timed too."""
    _requests(path, status).inc()
    if seconds is not None:
        _request_seconds(path).observe(seconds)


# to find a series among its family takes longer than to count
_requests = cache(REQUESTS.labels)
_request_seconds = cache(REQUEST_SECONDS.labels)


class Measured:
    """An application whose requests are counted and timed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        path = scope["path"] if scope["path"] in PATHS else "other"
        statuses: list[int | str] = []
        started = time.perf_counter()
        try:
            await self._app(scope, receive, _noting(send, statuses))
        finally:
            seconds = time.perf_counter() - started if scope["type"] == "http" else None
            count_request(path, statuses[0] if statuses else "none", seconds)
        return None


def _noting(send: Send, statuses: list[int | str]) -> Send:
    async def noting(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            statuses.append(message["status"])
        elif message["type"] == "websocket.accept":
            statuses.append("socket")
        await send(message)

    return noting
