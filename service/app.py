"""The service: routes, and what lives as long as the process does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from schema.document import Document
from service import typed, vocabulary
from service.access import Access
from service.ahead import Read
from service.changes import Changes, Slots
from service.database import blocking, connect, database_of
from service.feed import Feed
from service.figures import warming
from service.figures.benchmark import Benchmarks
from service.figures.privacy import Policy, policy_of
from service.graphql.answers import Answers
from service.graphql.context import POLICY
from service.graphql.http import Endpoint
from service.graphql.limits import Limits
from service.graphql.schema import schema
from service.graphql.view import GraphQLView
from service.headers import SecurityHeaders
from service.ingestion import Ingestion
from service.metrics import Measured, metrics
from service.publisher import Publisher
from service.rates import Rates
from service.repeats import GRAPHQL, Learning, Repeats
from service.sections import read_sections
from service.settings import ServiceSettings
from service.web.explorer import explorer_assets

log = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
HOUR = 60 * 60  # seconds
PING_SECONDS = 2.0  # probes do not wait for long


class State(TypedDict):
    """What the lifespan hands to every request."""

    client: AsyncIOMotorClient[Document]
    feed: Feed
    policy: Policy
    executor: ThreadPoolExecutor
    ingestion: Ingestion
    changes: Changes
    slots: Slots
    access: Access
    publisher: Publisher | None
    rates: Rates
    limits: Limits
    benchmarks: Benchmarks
    repeats: Repeats


def create_app(
    settings: ServiceSettings, kafka: Mapping[str, Any] | None = None, read: Read = read_sections
) -> ASGIApp:
    """Return the ASGI application: `/health/live` answers at once, the API when the columns are loaded.

    `kafka` are the options of a client of aiokafka where the address alone does not do; `read` reads kept columns.
    """

    answers = Answers(settings.cache_megabytes * MEGABYTE, held_seconds=settings.cache_seconds)
    repeats = Repeats(answers)
    endpoint = Endpoint(schema, settings.limits, answers, settings.cache_seconds)
    view = GraphQLView(schema, endpoint, settings.allowed_origins)
    routed = Starlette(
        routes=[
            Route("/", _home),
            Route(GRAPHQL, view),  # with a slash behind it; else it is answered before
            WebSocketRoute(GRAPHQL, view),
            Route("/health/live", _live),
            Route("/health/ready", _ready),
            Route("/metrics", metrics),
            explorer_assets,
        ],
        lifespan=lambda _: _running(settings, kafka, read, repeats),
    )

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        # to find the route takes as long as all else of an answer that is known
        await (view if scope["type"] == "http" and scope["path"] == GRAPHQL else routed)(scope, receive, send)

    app = SecurityHeaders(_across_origins(answer, settings.allowed_origins))
    return Measured(Learning(app, repeats))


@asynccontextmanager
async def _running(
    settings: ServiceSettings, kafka: Mapping[str, Any] | None, read: Read, repeats: Repeats
) -> AsyncIterator[State]:
    """Hold what lives as long as the process does, and end it with the context."""
    benchmarks = Benchmarks(settings.release)
    client = connect(settings)
    database = database_of(client, settings)
    access, changes = Access(database, settings), Changes()
    reach = {"bootstrap_servers": settings.kafka, **(kafka or {})}
    publisher = Publisher(reach, settings.topic) if settings.kafka else None
    feed = Feed(blocking(database), _tell_progress, changes.announce, settings.columns_folder, read)
    feed.start()
    policy = policy_of(settings.privacy_policy, settings.minimum_contributors)
    with ThreadPoolExecutor(settings.threads, thread_name_prefix="figures") as executor:
        executor.submit(warming.warm)
        executor.submit(vocabulary.warm)
        executor.submit(typed.warm)
        if publisher:
            executor.submit(publisher.warm)
        yield State(
            client=client,
            feed=feed,
            policy=policy,
            executor=executor,
            ingestion=Ingestion(database),
            changes=changes,
            slots=Slots(settings.subscriptions_per_client),
            access=access,
            publisher=publisher,
            rates=Rates(settings.requests_per_minute),
            limits=settings.limits,
            benchmarks=benchmarks,
            repeats=repeats,
        )
    feed.stop()
    if publisher:
        await publisher.close()
    client.close()


def _across_origins(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    # never with credentials: a browser that has none cannot be made to use them for somebody else's page
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "If-None-Match", POLICY],
        expose_headers=["ETag", "Retry-After"],
        max_age=HOUR,
    )


def _tell_progress(count: int, about: int) -> None:
    log.info("Loading: %d of about %d reports", count, about)


async def _home(_: Request) -> Response:
    return RedirectResponse("/graphql")


async def _live(_: Request) -> Response:
    return JSONResponse({"live": True})


async def _ready(request: Request) -> Response:
    feed: Feed = request.state.feed
    try:
        async with asyncio.timeout(PING_SECONDS):  # one that hangs never answers, and never refuses either
            await request.state.client.admin.command("ping")
        answers = True
    except (PyMongoError, TimeoutError):
        answers = False
    loaded = feed.snapshot is not None and feed.current
    state = {"ready": answers and loaded, "mongo": answers, "columns": loaded}
    return JSONResponse(state, status_code=200 if state["ready"] else 503)
