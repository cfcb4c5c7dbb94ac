"""The service: routes, and what lives as long as the process does."""

import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypedDict

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute

from schema.document import Document
from service.database import blocking, connect, database_of
from service.feed import Feed
from service.figures.privacy import Policy
from service.graphql.schema import schema
from service.graphql.view import GraphQLView
from service.ingestion import Ingestion
from service.settings import ServiceSettings
from service.web.explorer import explorer_assets

log = logging.getLogger(__name__)


class State(TypedDict):
    """What the lifespan hands to every request."""

    client: AsyncIOMotorClient[Document]
    feed: Feed
    policy: Policy
    executor: ThreadPoolExecutor
    ingestion: Ingestion


def create_app(settings: ServiceSettings) -> Starlette:
    """Return the ASGI application: `/health/live` answers at once, the API when the columns are loaded."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[State]:
        client = connect(settings)
        database = database_of(client, settings)
        feed = Feed(blocking(database), lambda rows: log.info("Loading: %d reports so far", rows))
        feed.start()
        policy = Policy(minimum_contributors=settings.minimum_contributors)
        with ThreadPoolExecutor(settings.threads, thread_name_prefix="figures") as executor:
            yield State(client=client, feed=feed, policy=policy, executor=executor, ingestion=Ingestion(database))
        feed.stop()
        client.close()

    view = GraphQLView(schema)
    return Starlette(
        routes=[
            Route("/", _home),
            Route("/graphql", view),
            WebSocketRoute("/graphql", view),
            Route("/health/live", _live),
            Route("/health/ready", _ready),
            explorer_assets,
        ],
        lifespan=lifespan,
    )


async def _home(_: Request) -> Response:
    return RedirectResponse("/graphql")


async def _live(_: Request) -> Response:
    return JSONResponse({"live": True})


async def _ready(request: Request) -> Response:
    feed: Feed = request.state.feed
    try:
        await request.state.client.admin.command("ping")
        answers = True
    except PyMongoError:
        answers = False
    loaded = feed.snapshot is not None
    state = {"ready": answers and loaded, "mongo": answers, "columns": loaded}
    return JSONResponse(state, status_code=200 if state["ready"] else 503)
