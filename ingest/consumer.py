"""The consumer: fetch, read, write, commit. Nothing is committed before a majority has journaled what it says."""

import asyncio
import logging
import time
from collections.abc import Collection, Set
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from ingest.batch import Batch, read_batch
from ingest.brake import Brake
from ingest.dead_letters import DeadLetterWriter, stop_client
from ingest.log import configure_logging
from ingest.metrics import COMMITS, Lag, note_written
from ingest.normalise import NORMALISER_VERSION, load_vocabularies
from ingest.settings import IngestSettings, client_options
from ingest.store import Refused, Store
from ingest.topics import create_topics
from ingest.world import kafka_trouble, outlast
from schema.document import Document
from schema.errors import IngestStopped, PaygaugeError, Unavailable
from schema.settings import describe_settings

log = logging.getLogger(__name__)

FETCH_MS = 300
HEARTBEAT_MS = 1_000  # also how soon a member sees that another joined or left
COMMIT_SECONDS = 3.0
DRAIN_SECONDS = 3.0
"""What a batch in flight gets when partitions are taken away or ingest is stopped; after that it is read again."""
LEAVE_SECONDS = 3.0
"""What leaving the group gets when ingest is stopped: the broker answers late while others join."""
REJOIN_SECONDS = 60.0
"""What leaving gets when ingest goes on: a member that is half closed would go on beating beside the new one."""


async def run_ingest(settings: IngestSettings, stop: asyncio.Event) -> None:
    """Bring the topic's messages into MongoDB until `stop` is set; then finish, commit and leave the group within 8 s.

    While Kafka or MongoDB do not answer it waits for them and commits nothing. Raises IngestStopped where waiting
    would not help: a message breaks our code, MongoDB refuses a document, too many messages are rejected.
    """
    configure_logging()
    log.info("Settings: %s", describe_settings(settings))
    working = asyncio.create_task(_ingest(settings))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        working.cancel()  # which nothing loses: the membership finishes what is in flight
        with suppress(asyncio.CancelledError):
            await working


async def _ingest(settings: IngestSettings) -> None:
    brake = Brake(settings.brake_share, settings.brake_window)
    async with Store(settings) as store, DeadLetterWriter(settings) as dead_letters:
        await outlast(lambda: create_topics(settings))
        await outlast(store.prepare)
        # before joining: a member that is busy with it sends no heartbeats
        await asyncio.to_thread(load_vocabularies)
        await outlast(lambda: Membership(settings, store, dead_letters, brake).run())


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """A membership in the consumer group, from joining to leaving; after an error of Kafka's a new one begins.

    One batch is being written while the next is fetched and read, never more: that bounds memory, and what is written
    is written in the order of fetching, so that a committed offset covers everything before it.
    """

    def __init__(self, settings: IngestSettings, store: Store, dead_letters: DeadLetterWriter, brake: Brake) -> None:
        self._settings, self._store, self._dead_letters, self._brake = settings, store, dead_letters, brake
        self._writing: asyncio.Task[None] | None = None
        self._written: dict[TopicPartition, int] = {}  # and not committed yet
        self._just_written: Set[str] = frozenset()  # of the batch before, which may be stored since a look-up
        self._lag = Lag()
        self._generation = 0

    async def run(self) -> None:
        """Consume until cancelled. Raises Unavailable where Kafka fails, IngestStopped where waiting does not help."""
        self._consumer = AIOKafkaConsumer(
            **client_options(self._settings),
            group_id=self._settings.group,
            session_timeout_ms=int(self._settings.session_timeout * 1000),
            heartbeat_interval_ms=HEARTBEAT_MS,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        self._consumer.subscribe([self._settings.topic], listener=self)
        patience = LEAVE_SECONDS
        try:
            with kafka_trouble("joining the group"):
                await self._consumer.start()
            while True:
                await self._step()
        except Unavailable:
            patience = REJOIN_SECONDS
            raise
        finally:
            try:
                await self._finish_writing(DRAIN_SECONDS)
            finally:
                await stop_client(self._consumer, patience)

    async def _step(self) -> None:
        with kafka_trouble("fetching"):
            fetched = await self._consumer.getmany(timeout_ms=FETCH_MS, max_records=self._settings.batch_records)
        if fetched:
            generation = self._generation
            batch = await read_batch(fetched, self._held)
            self._brake.check(batch.read, len(batch.rejected))
            await self._finish_writing()
            batch.known |= self._just_written
            self._just_written = batch.news.keys()
            self._writing = asyncio.create_task(self._write(batch, generation))
        elif self._writing is None or self._writing.done():
            await self._finish_writing()
            await self._commit()
            self._lag.measure(self._consumer)

    async def _held(self, keys: Collection[str]) -> dict[str, Document]:
        return await outlast(lambda: self._store.held(keys))

    async def _write(self, batch: Batch, generation: int) -> None:
        started = time.monotonic()
        try:
            if batch.news:
                await outlast(lambda: self._store.write(batch.news, NORMALISER_VERSION, batch.absent))
            if batch.rejected:
                await outlast(lambda: self._dead_letters.send(batch.rejected))
                await outlast(lambda: self._store.note_set_aside(batch.rejected))
                _log_set_aside(batch)
        except Exception as error:
            reason = error.detail if isinstance(error, PaygaugeError) else repr(error)
            refused = error.ids if isinstance(error, Refused) else ()
            raise IngestStopped(f"{reason} It came from {batch.places(refused)}.") from error
        note_written(batch.read, [letter.reason for letter in batch.rejected], time.monotonic() - started)
        # of an older generation the partitions may be another's by now; nothing is lost, it is read again
        if generation == self._generation:
            self._written.update(batch.offsets)
            await self._commit()

    async def _finish_writing(self, seconds: float | None = None) -> None:
        """Return when nothing is being written; what takes longer than `seconds` is given up, uncommitted."""
        writing = self._writing
        if writing is None:
            return
        await asyncio.wait({writing}, timeout=seconds)  # which, cancelled, leaves the writing alone
        self._writing = None
        if writing.done():
            writing.result()
        else:
            writing.cancel()

    async def _commit(self) -> None:
        offsets = dict(self._written)
        if not offsets:
            return
        try:
            async with asyncio.timeout(COMMIT_SECONDS):  # aiokafka itself would try for ever
                # never without offsets: those would cover what is fetched, not what is written
                await self._consumer.commit(offsets)
        except (KafkaError, TimeoutError) as error:
            # IllegalStateError or CommitFailedError after a rebalance; the next commit covers it, or it is read again
            log.warning("Not committed for now: %s", str(error) or type(error).__name__)
            COMMITS.labels("failed").inc()
        else:
            COMMITS.labels("done").inc()
            self._lag.commit(offsets)
            self._lag.measure(self._consumer)
            self._written = {held: offset for held, offset in self._written.items() if offsets.get(held) != offset}

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Finish and commit what is in flight, if it can be done soon; from then on these offsets are not ours."""
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=DRAIN_SECONDS)
        self._generation += 1
        self._written = {}
        self._lag.forget(revoked)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Say so."""
        log.info("Partitions: %s", ", ".join(str(partition.partition) for partition in sorted(assigned)) or "none")


def _log_set_aside(batch: Batch) -> None:
    # one line a batch, since a bad deploy may reject thousands a second; all are among the dead letters
    first = batch.rejected[0]
    names = first.names()
    log.warning(
        "Set aside %d of %d messages, the first because: %s: %s",
        *(len(batch.rejected), batch.read, first.reason, first.message),
        extra={"report": names["event"], "source": names["source"], "subject": names["subject"], "place": first.place},
    )
