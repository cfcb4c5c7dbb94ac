"""Reprocessing: the topic is read again from its beginning, so that better vocabularies reach what is stored."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from msgspec import Struct, field

from ingest.batch import Batch, read_batch
from ingest.consumer import FETCH_MS
from ingest.dead_letters import stop_client
from ingest.normalise import NORMALISER_VERSION
from ingest.settings import IngestSettings, client_options
from ingest.store import Store
from ingest.topics import partitions_of
from ingest.world import kafka_trouble, outlast
from schema.document import Document

Offsets = Mapping[TopicPartition, int]

BOOKKEEPING = frozenset({"normaliser", "ends"})
"""Fields that say who read a report and not what it says."""


class Reprocessed(Struct):
    """How far it came, and what became of the documents; `fields` counts how many changed in each field.

    A posting of which the two ends are read in two batches may be counted once for each.
    """

    total: int = 0  # messages in the topic when it began
    read: int = 0  # of them, those that an interrupted run had read included
    rejected: int = 0
    added: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)

    @property
    def left(self) -> int:
        """How many messages are still to be read."""
        return self.total - self.read


class Reprocessing:
    """One run over the topic; `done` says how far it came, also while it runs and where it ends with an error.

    Ingest may run meanwhile: a document gives way to a newer version only, or to the same version as read by a newer
    normaliser. Messages that are rejected change nothing; ingest has set them aside.
    """

    def __init__(self, settings: IngestSettings) -> None:
        self.done = Reprocessed()
        self._settings = settings

    async def run(
        self, stop: asyncio.Event, report_progress: Callable[[], None] = lambda: None, *, afresh: bool = False
    ) -> None:
        """Fold every message that is in the topic now into the documents once more.

        `stop` ends it after the batch in hand, and the next run goes on there, unless `afresh`; so it does after an
        error and after being cancelled. Raises Unavailable, and IngestStopped where a message breaks our code or Kafka
        refuses.
        """
        async with Store(self._settings) as store:
            await store.prepare()
            with kafka_trouble("reading the topic again"):
                async with _consumer(self._settings) as consumer:
                    partitions = consumer.assignment()
                    firsts = await consumer.beginning_offsets(partitions)
                    ends = await consumer.end_offsets(partitions)
                    at = firsts if afresh else await _starts(consumer, firsts)
                    for partition, start in at.items():
                        consumer.seek(partition, start)
                    self.done.total = _distance(firsts, ends)
                    while self._note(_distance(firsts, at), report_progress) and not stop.is_set():
                        await self._step(consumer, store)
                        # the position, since a partition may end with the mark of a transaction, which is no message
                        at = {partition: await consumer.position(partition) for partition in partitions}
                        at = {partition: min(offset, ends[partition]) for partition, offset in at.items()}
                    if not self.done.left:
                        await consumer.commit(firsts)  # so that the next run begins at the beginning

    def _note(self, read: int, report_progress: Callable[[], None]) -> int:
        self.done.read = read
        report_progress()
        return self.done.left

    async def _step(self, consumer: AIOKafkaConsumer, store: Store) -> None:
        fetched = await consumer.getmany(timeout_ms=FETCH_MS, max_records=self._settings.batch_records)
        if fetched:
            batch = await read_batch(fetched, lambda keys: outlast(lambda: store.held(keys)))
            await _fold(batch, store, self.done)
            await consumer.commit(batch.offsets)


async def _starts(consumer: AIOKafkaConsumer, firsts: Offsets) -> Offsets:
    committed = {partition: await consumer.committed(partition) for partition in firsts}
    return {partition: max(first, committed[partition] or 0) for partition, first in firsts.items()}


def _distance(starts: Offsets, ends: Offsets) -> int:
    return sum(end - starts[partition] for partition, end in ends.items())


async def _fold(batch: Batch, store: Store, done: Reprocessed) -> None:
    done.rejected += len(batch.rejected)
    if not batch.news:
        return
    before = await outlast(lambda: store.look_up(batch.news))
    await outlast(lambda: store.write(batch.news, NORMALISER_VERSION))
    after = await outlast(lambda: store.look_up(batch.news))
    for key, document in after.items():
        if key not in before:
            done.added += 1
        elif changes := _changes(before[key], document):
            done.changed += 1
            done.fields.update(changes)


def _changes(before: Document, after: Document) -> Collection[str]:
    if before["version"] != after["version"]:
        return ()  # a newer version has come meanwhile: that is not our doing
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} - BOOKKEEPING


@asynccontextmanager
async def _consumer(settings: IngestSettings) -> AsyncIterator[AIOKafkaConsumer]:
    """Yield a consumer of all partitions that shares the topic with nobody: its group only keeps its offsets."""
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        group_id=f"{settings.group}-replay-{NORMALISER_VERSION}",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    try:
        await consumer.start()
        consumer.assign([TopicPartition(settings.topic, number) for number in await partitions_of(settings)])
        yield consumer
    finally:
        await stop_client(consumer)
