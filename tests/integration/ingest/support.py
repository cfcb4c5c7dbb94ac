"""What the tests of ingest share: events, a running ingest, and a sequential model of what it must end in."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import bson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import ConsumerRecord, TopicPartition
from pymongo import MongoClient

from ingest.consumer import run_ingest
from ingest.dead_letters import DeadLetter, list_dead_letters, received_at, stop_client, text_headers
from ingest.normalise import NORMALISER_VERSION, normalise
from ingest.settings import IngestSettings
from ingest.topics import create_topics
from schema.document import COLLECTION, SET_ASIDE_COLLECTION, Document, document_id, fold
from schema.errors import Rejection
from schema.event import STRUCTURED, SUBMITTED, WITHDRAWN, decode_event

SOURCE = "https://survey.example.org/2025"
STOP_SECONDS = 8.0
"""What ingest promises to stop within."""
DEADLINE_SECONDS = 40.0

Header = tuple[str, bytes]


class Message(NamedTuple):
    """A Kafka message to send; without a partition Kafka chooses by the key."""

    value: bytes | None
    key: bytes | None = None
    headers: Sequence[Header] = (("content-type", STRUCTURED.encode()),)
    partition: int | None = None


def submitted(
    subject: str,
    moment: int = 0,
    base: Any = 150_000,
    partition: int | None = None,
    type: str = SUBMITTED,  # noqa: A002  the attribute's name
    **more: Any,
) -> Message:
    """A report as it was `moment` seconds after noon; `more` are fields of `data`; `...` leaves one out."""
    data = {"title": "ML Engineer", "effective": "2025-02", "pay": {"currency": "USD", "base": base}, **more}
    kept = {name: value for name, value in data.items() if value is not ...}
    return _event(subject, moment, partition, type=type, data=kept)


def withdrawn(subject: str, moment: int = 0, partition: int | None = None) -> Message:
    """The withdrawal of a report."""
    return _event(subject, moment, partition, type=WITHDRAWN)


def _event(subject: str, moment: int, partition: int | None, **attributes: Any) -> Message:
    event = {
        "specversion": "1.0",
        "id": f"{subject}@{moment}",
        "source": SOURCE,
        "subject": subject,
        "time": f"2025-03-04T12:{moment // 60:02}:{moment % 60:02}Z",
        **attributes,
    }
    return Message(json.dumps(event).encode(), subject.encode(), partition=partition)


async def send(settings: IngestSettings, messages: Iterable[Message]) -> None:
    """Create the topics where they are missing, and send the messages in order."""
    await create_topics(settings)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka, enable_idempotence=True, max_request_size=2**25, linger_ms=5
    )
    async with started(producer):
        sent = [
            await producer.send(settings.topic, m.value, m.key, partition=m.partition, headers=list(m.headers))
            for m in messages
        ]
        await asyncio.gather(*sent)


@asynccontextmanager
async def started(client: AIOKafkaConsumer | AIOKafkaProducer) -> AsyncIterator[None]:
    """Start a client of aiokafka and stop it in the end, also where it cannot start: the broker may be dead."""
    try:
        await client.start()
        yield
    finally:
        await stop_client(client)


@asynccontextmanager
async def running(settings: IngestSettings) -> AsyncIterator[asyncio.Task[None]]:
    """Run ingest; stop it at the end, for which it has STOP_SECONDS."""
    stop = asyncio.Event()
    ingest = asyncio.create_task(run_ingest(settings, stop))
    try:
        yield ingest
    finally:
        stop.set()
        async with asyncio.timeout(STOP_SECONDS):
            await ingest


async def ingest_all(settings: IngestSettings) -> None:
    """Run ingest until everything that is in the topic now is committed."""
    async with running(settings) as ingest:
        await until_committed(settings, ingest)


async def until_committed(settings: IngestSettings, ingest: asyncio.Task[None] | None = None) -> None:
    """Return when the group has committed the topic's end. Raises what ends ingest before."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    async with _observer(settings) as observer:
        while (lag := await _lag(observer)) != 0:
            if ingest is not None and ingest.done():
                ingest.result()
            assert time.monotonic() < deadline, f"{lag} messages are not committed after {DEADLINE_SECONDS} s"
            await asyncio.sleep(0.1)


async def lag_of(settings: IngestSettings) -> int:
    """Return how many messages of the topic the group has not committed."""
    async with _observer(settings) as observer:
        return await _lag(observer)


async def committed_offsets(settings: IngestSettings) -> dict[int, int]:
    """Return what the group has committed, by partition."""
    async with _observer(settings) as observer:
        return await _committed(observer)


@asynccontextmanager
async def _observer(settings: IngestSettings) -> AsyncIterator[AIOKafkaConsumer]:
    """Sees the group's offsets without being of the group: its partitions are assigned by hand."""
    observer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, group_id=settings.group, enable_auto_commit=False)
    async with started(observer):
        observer.assign([TopicPartition(settings.topic, number) for number in range(settings.partitions)])
        yield observer


async def _lag(observer: AIOKafkaConsumer) -> int:
    ends, committed = await observer.end_offsets(observer.assignment()), await _committed(observer)
    return sum(end - committed.get(held.partition, 0) for held, end in ends.items())


async def _committed(observer: AIOKafkaConsumer) -> dict[int, int]:
    offsets = {held.partition: await observer.committed(held) for held in observer.assignment()}
    return {partition: offset for partition, offset in offsets.items() if offset is not None}


@asynccontextmanager
async def _reader(kafka: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest", enable_auto_commit=False)
    async with started(consumer):
        yield consumer


async def records_in(kafka: str, topic: str) -> list[ConsumerRecord[Any, Any]]:
    """Return all messages of a topic, partition by partition."""
    records: list[ConsumerRecord[Any, Any]] = []
    async with _reader(kafka, topic) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for fetched in (await consumer.getmany(timeout_ms=200)).values():
                records += fetched
    return sorted(records, key=lambda record: (record.partition, record.offset))


class Outcome(NamedTuple):
    """What a topic ends in: the documents by `_id`, and the places of the messages that were set aside."""

    documents: dict[str, Document]
    set_aside: set[str]


async def expected(settings: IngestSettings) -> Outcome:
    """Return what the topic must end in, computed one message after another."""
    outcome = Outcome({}, set())
    for record in await records_in(settings.kafka, settings.topic):
        try:
            news = normalise(decode_event(record.value, text_headers(record)), received_at(record))
        except Rejection:
            outcome.set_aside.add(f"{record.topic}/{record.partition}/{record.offset}")
            continue
        key = document_id(news.source, news.subject)
        outcome.documents[key] = fold(outcome.documents.get(key), news, NORMALISER_VERSION)
    # as they come back from MongoDB: times in milliseconds, arrays as lists
    documents = {key: bson.decode(bson.encode(document)) for key, document in outcome.documents.items()}
    return outcome._replace(documents=documents)


async def stored(settings: IngestSettings) -> Outcome:
    """Return what the store and the topic of dead letters hold; they must agree on what was set aside."""
    with MongoClient[Document](settings.mongo) as client:
        database = client[settings.database]
        documents = {document["_id"]: document for document in database[COLLECTION].find()}
        notes = {note["_id"] for note in database[SET_ASIDE_COLLECTION].find()}
    assert {letter.place for letter in await dead_letters(settings)} == notes
    return Outcome(documents, notes)


async def dead_letters(settings: IngestSettings) -> list[DeadLetter]:
    """Return the dead letters."""
    return [letter async for letter in list_dead_letters(settings)]


async def until(check: Any, seconds: float = DEADLINE_SECONDS) -> None:
    """Return when `check`, a coroutine function, returns something true."""
    deadline = time.monotonic() + seconds
    while not await check():
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        await asyncio.sleep(0.05)


async def count_of(settings: IngestSettings) -> int:
    """Return how many documents there are."""
    with MongoClient[Document](settings.mongo) as client:
        return client[settings.database][COLLECTION].count_documents({})
