"""A day's traffic: a bounded set of reports that are written, revised, sent again and withdrawn."""

import asyncio
import multiprocessing
import signal
from array import array
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.sources.demo import LAST_TIME, demo_events
from deploy.sources.publish import STRUCTURED_HEADERS
from ingest.normalise import normalise
from ingest.settings import IngestSettings, client_options
from ingest.topics import TOPIC_CONFIG
from schema.errors import Rejection
from schema.event import CORRECTED, SUBMITTED, WITHDRAWN, decode_envelope, event_in

SEED = 7
KINDS = 20_000  # reports of the demo, whose texts those of the day have
CHUNK = 4_000  # messages sent while the chunk before is being acknowledged
LEAD = 200_000  # messages that Kafka may hold and ingest has not read: they bound what the disk must hold
BATCH_BYTES = 512 * 1024
PAUSE_SECONDS = 0.05

NEW = 0.8  # share of messages, until all reports are there; then the shares of the rest are these
WRONG, WITHDRAWN_NOW, LATE, REPEATED = 0.002, 0.012, 0.062, 0.702  # bounds of shares; above, a report is revised

HEAD = b'{"specversion":"1.0","source":"urn:paygauge:day","time":"%s","subject":"%%d"' % LAST_TIME.isoformat().encode()
EVENT = HEAD + b',"id":"%d.%d","sequence":%d,"type":"%s","data":%s}'
BOUNDED = {
    "retention.bytes": str(512 * 1024 * 1024),  # of each partition
    "segment.bytes": str(64 * 1024 * 1024),
    "compression.type": "uncompressed",  # the broker's core is not what is measured
}


class Plan(NamedTuple):
    """So many events about so many reports."""

    events: int
    reports: int


class Traffic:
    """Draws messages, and knows which reports are live after them."""

    def __init__(self, reports: int) -> None:
        self._limit, self._random = reports, Random(SEED)
        self._data = list(_data())
        self._newest, self._live = array("i"), bytearray()

    @property
    def live(self) -> int:
        """How many reports are live now."""
        return self._live.count(1)

    def draw(self) -> tuple[int, bytes]:
        """Return the number of a report, which has one partition for ever, and a message about it."""
        draw = self._random.random
        known = len(self._newest)
        if known < self._limit and (not known or draw() < NEW):
            self._newest.append(0)
            self._live.append(1)
            return known, self._message(known, 0)
        number, share = int(draw() * known), draw()
        if share < WRONG:
            return number, b'{"specversion": "1.0", "id": "wrong"}'
        if share < LATE and share >= WITHDRAWN_NOW and self._newest[number]:
            return number, self._message(number, self._newest[number] - 1)
        if share >= REPEATED or share < WITHDRAWN_NOW:
            self._newest[number] += 1
            self._live[number] = share >= WITHDRAWN_NOW
        return number, self._message(number, self._newest[number], bool(self._live[number]))

    def _message(self, number: int, sequence: int, live: bool = True) -> bytes:
        kind = (CORRECTED if sequence else SUBMITTED) if live else WITHDRAWN
        data = self._data[(number + sequence) % len(self._data)] if live else b"null"
        return EVENT % (number, number, sequence, sequence, kind.encode(), data)


def _data() -> Iterator[bytes]:
    for message in demo_events(KINDS, SEED):
        try:
            envelope = decode_envelope(message.value, {})
            normalise(event_in(envelope), LAST_TIME)
        except Rejection:
            continue
        if envelope.type != WITHDRAWN:
            yield bytes(envelope.data)


async def create_bounded_topic(settings: IngestSettings) -> None:
    """Create the topic of reports so that a day of it does not fill the disk."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        config = {**TOPIC_CONFIG, **BOUNDED}
        await admin.create_topics([NewTopic(settings.topic, settings.partitions, 1, topic_configs=config)])
    finally:
        await admin.close()


class Sender:
    """Sends traffic in a process of its own, at most LEAD messages before what is committed."""

    def __init__(self, settings: IngestSettings, plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self.sent, self.live, self.committed = (context.Value("q", 0, lock=False) for _ in range(3))
        self._stop = context.Event()
        shared = (self.sent, self.live, self.committed, self._stop)
        self._process = context.Process(target=_send, args=(settings, plan, *shared), daemon=True)

    @property
    def running(self) -> bool:
        """Whether more messages are to come. Raises RuntimeError where sending has failed."""
        if self._process.exitcode:
            raise RuntimeError("the sender failed")
        return self._process.is_alive()

    def stop(self) -> None:
        """Let it end after the chunk that it is sending."""
        self._stop.set()

    def __enter__(self) -> Self:
        """Begin to send."""
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self.stop()
        self._process.join()


def _send(settings: IngestSettings, plan: Plan, *shared: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent tells when to end
    asyncio.run(_produce(settings, plan, *shared))


async def _produce(settings: IngestSettings, plan: Plan, sent: Any, live: Any, committed: Any, stop: Any) -> None:
    traffic, futures = Traffic(plan.reports), list[asyncio.Future[Any]]()
    producer = AIOKafkaProducer(**client_options(settings), acks="all", max_batch_size=BATCH_BYTES)
    await producer.start()
    try:
        while sent.value < plan.events and not stop.is_set():
            if sent.value - committed.value > LEAD:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            count = min(CHUNK, plan.events - sent.value)
            before, futures = futures, await _send_chunk(producer, settings, traffic, count)
            await asyncio.gather(*before)
            sent.value += count
            live.value = traffic.live
        await asyncio.gather(*futures)
    finally:
        await producer.stop()


async def _send_chunk(
    producer: AIOKafkaProducer, settings: IngestSettings, traffic: Traffic, count: int
) -> list[asyncio.Future[Any]]:
    # batches made here cost a fifth of as many sends: the sender must not be what is measured
    batches = {partition: [producer.create_batch()] for partition in range(settings.partitions)}
    for _ in range(count):
        number, value = traffic.draw()
        some = batches[number % settings.partitions]
        message = {"timestamp": None, "key": b"%d" % number, "value": value, "headers": STRUCTURED_HEADERS}
        if some[-1].append(**message) is None:
            some.append(producer.create_batch())
            some[-1].append(**message)
    return [
        await producer.send_batch(batch, settings.topic, partition=partition)
        for partition, some in batches.items()
        for batch in some
        if batch.record_count()
    ]
