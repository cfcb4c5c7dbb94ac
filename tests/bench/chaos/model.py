"""What the topic must end in, read by one reader, one message after another, and how the store differs from that."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import bson
from aiokafka.structs import ConsumerRecord
from pymongo import MongoClient

from ingest.dead_letters import DeadLetter, place_of, received_at, text_headers
from ingest.normalise import NORMALISER_VERSION, normalise
from ingest.settings import IngestSettings
from schema.document import COLLECTION, SET_ASIDE_COLLECTION, Document, document_id, fold
from schema.errors import Rejection
from schema.event import decode_event
from tests.integration.ingest.support import dead_letters, records_in

Record = ConsumerRecord[Any, Any]
Receipts = dict[tuple[str, str], set[datetime]]


class Model(NamedTuple):
    """The documents by `_id`; the messages to be set aside by their place; when each version was received.

    A message that is in Kafka twice was received twice, and either may be the one that counted.
    """

    documents: dict[str, Document]
    bad: dict[str, Record]
    receipts: Receipts

    def add(self, record: Record) -> None:
        """Read one more message."""
        try:
            news = normalise(decode_event(record.value, text_headers(record)), received_at(record))
        except Rejection:
            self.bad[place_of(record)] = record
            return
        key = document_id(news.source, news.subject)
        self.documents[key] = fold(self.documents.get(key), news, NORMALISER_VERSION)
        self.receipts[key, news.version[2]].add(news.received.replace(tzinfo=None))


async def differences(settings: IngestSettings) -> list[str]:
    """Return how what is stored and set aside differs from the model, one line each."""
    model = Model({}, {}, defaultdict(set))
    for record in await records_in(settings.kafka, settings.topic):
        model.add(record)
    with MongoClient[Document](settings.mongo) as client:
        database = client[settings.database]
        held = {document["_id"]: document for document in database[COLLECTION].find()}
        notes = {note["_id"] for note in database[SET_ASIDE_COLLECTION].find()}
    letters = {letter.place: letter for letter in await dead_letters(settings)}
    return [
        *_of_documents(held, model),
        *_of_letters(letters, model.bad),
        *(f"{place}: noted or set aside, not both" for place in letters.keys() ^ notes),
    ]


def _of_documents(held: dict[str, Document], model: Model) -> Iterator[str]:
    for key in held.keys() | model.documents.keys():
        if key not in held:
            yield f"{key}: not stored"
        elif key not in model.documents:
            yield f"{key}: stored, though nothing says so"
        else:
            wanted = bson.decode(bson.encode(model.documents[key]))  # times in milliseconds, arrays as lists
            yield from (f"{key}: {name}" for name in _fields_that_differ(held[key], wanted, key, model.receipts))


def _fields_that_differ(held: Document, wanted: Document, key: str, receipts: Receipts) -> Iterator[str]:
    for name in held.keys() | wanted.keys():
        if name == "ends" and held.get(name, {}).keys() == wanted.get(name, {}).keys():
            for end, version in held[name].items():
                inner = _fields_that_differ(version, wanted[name][end], key, receipts)
                yield from (f"{end}.{field}" for field in inner)
        elif name == "received":
            if held.get(name) not in receipts[key, held["version"][2]]:
                yield name
        elif held.get(name) != wanted.get(name):
            yield name


def _of_letters(letters: dict[str, DeadLetter], bad: dict[str, Record]) -> Iterator[str]:
    for place in letters.keys() | bad.keys():
        if place not in letters:
            yield f"{place}: not set aside"
        elif place not in bad:
            yield f"{place}: set aside, though nothing is wrong with it"
        elif (record := bad[place]) and _content(letters[place]) != _content(record):
            yield f"{place}: not set aside as it was"


def _content(message: DeadLetter | Record) -> tuple[Any, ...]:
    return message.key, message.value, [(name, bytes(value)) for name, value in message.headers]
