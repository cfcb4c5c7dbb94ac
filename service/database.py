"""The connection to MongoDB. Motor is imported here and where its types are named, nowhere else in the service."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.database import Database
from pymongo.errors import PyMongoError

from schema.document import Document
from schema.errors import Unavailable
from service.settings import ServiceSettings

log = logging.getLogger(__name__)

ANSWER_WITHIN = timedelta(seconds=5)


def connect(settings: ServiceSettings) -> AsyncIOMotorClient[Document]:
    """Return a client; it connects when it is first used."""
    timeout = int(ANSWER_WITHIN.total_seconds() * 1000)
    return AsyncIOMotorClient(settings.mongo, serverSelectionTimeoutMS=timeout, appname="paygauge-service")


def database_of(client: AsyncIOMotorClient[Document], settings: ServiceSettings) -> AsyncIOMotorDatabase[Document]:
    """Return the database that the URI names, else the one that the settings do: where ingest writes."""
    return client.get_default_database(settings.database)


def blocking(database: AsyncIOMotorDatabase[Document]) -> Database[Document]:
    """Return the same database for a thread: its change stream costs a tenth there of what it costs in asyncio."""
    same: Database[Document] = database.delegate
    return same


@contextmanager
def asking(message: str) -> Iterator[None]:
    """Ask MongoDB inside. Raises Unavailable with the message, which clients see, where it does not answer."""
    try:
        yield
    except (PyMongoError, TimeoutError) as error:
        log.warning("MongoDB did not answer a client: %s", error or type(error).__name__)
        raise Unavailable(message) from error
