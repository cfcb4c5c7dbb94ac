"""API keys for operators: made, listed, revoked, in the MongoDB that the service reads."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from pymongo import MongoClient
from pymongo.collection import Collection as Mongo
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from schema.document import Document
from schema.errors import PaygaugeError, Unavailable
from schema.settings import read_settings
from service.keys import COLLECTION, Scope, document_of, new_key
from service.settings import ServiceSettings

ANSWER_MS = 5_000


class NoSuchKey(PaygaugeError):
    """There is not exactly one key in force that begins so: `paygauge keys list` shows them."""


def create(environ: Mapping[str, str], name: str, scopes: Collection[Scope]) -> str:
    """Make a key and return it: it is shown this once, since only its hash is kept. Raises Unavailable."""
    key = new_key()
    with _keys(environ) as keys:
        keys.insert_one(document_of(key, name, scopes))
    return key


def revoke(environ: Mapping[str, str], beginning: str) -> str:
    """Revoke the one key that begins so and return its name. Raises NoSuchKey and Unavailable."""
    with _keys(environ) as keys:
        found = [key for key in keys.find({"revoked": {"$exists": False}}) if _is_named(key, beginning)]
        if len(found) != 1:
            raise NoSuchKey
        keys.update_one({"_id": found[0]["_id"]}, {"$set": {"revoked": datetime.now(UTC)}})
    return str(found[0]["name"])


def listed(environ: Mapping[str, str]) -> list[Document]:
    """Return the keys, oldest first. Raises Unavailable."""
    with _keys(environ) as keys:
        return list(keys.find().sort("created"))


def print_list(keys: list[Document], console: Console) -> None:
    """Print the keys, none of which can be used from what is printed."""
    table = Table("begins", "name", "scopes", "created", "revoked")
    for key in keys:
        moments = [f"{key[name]:%Y-%m-%d %H:%M}" if name in key else "" for name in ("created", "revoked")]
        table.add_row(key["begins"], key["name"], " ".join(key["scopes"]), *moments)
    console.print(table)


def _is_named(key: Document, beginning: str) -> bool:
    # the whole key is taken too, and its beginning is what was kept of it
    held: str = key["begins"]
    return bool(beginning) and beginning.startswith(held)


@contextmanager
def _keys(environ: Mapping[str, str]) -> Iterator[Mongo[Document]]:
    settings = read_settings(ServiceSettings, environ)
    try:
        with MongoClient[Document](settings.mongo, serverSelectionTimeoutMS=ANSWER_MS) as client:
            yield client.get_default_database(settings.database)[COLLECTION]
    except PyMongoError as error:
        raise Unavailable(f"MongoDB does not answer ({type(error).__name__}): see PAYGAUGE_MONGO.") from error
