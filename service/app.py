"""The service: routes, and what lives as long as the process does."""

import logging
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute

from schema.document import Document
from service import vocabulary
from service.access import Access
from service.changes import Changes, Slots
from service.database import blocking, connect, database_of
from service.feed import Feed
from service.figures.privacy import Policy, policy_of
from service.graphql.schema import schema
from service.graphql.view import GraphQLView
from service.ingestion import Ingestion
from service.publisher import Publisher
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
    changes: Changes
    slots: Slots
    access: Access
    publisher: Publisher | None


def create_app(settings: ServiceSettings, kafka: Mapping[str, Any] | None = None) -> Starlette:
    """Return the ASGI application: `/health/live` answers at once, the API when the columns are loaded.

    `kafka` are the options of a client of aiokafka where the address alone does not do.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[State]:
        client = connect(settings)
        database = database_of(client, settings)
        access, changes = Access(database, settings), Changes()
        reach = {"bootstrap_servers": settings.kafka, **(kafka or {})}
        publisher = Publisher(reach, settings.topic) if settings.kafka else None
        feed = Feed(
            blocking(database), lambda rows: log.info("Loading: %d reports so far", rows), announce=changes.announce
        )
        feed.start()
        policy = policy_of(settings.privacy_policy, settings.minimum_contributors)
        with ThreadPoolExecutor(settings.threads, thread_name_prefix="figures") as executor:
            executor.submit(vocabulary.warm)
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
            )
        feed.stop()
        if publisher:
            await publisher.close()
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
