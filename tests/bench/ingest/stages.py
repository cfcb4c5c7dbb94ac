"""Where an event's time goes, stage after stage without overlap: `python -m tests.bench.ingest.stages`."""

import argparse
import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord

from deploy.consume import GARBAGE_OBJECTS
from deploy.sources.demo import demo_events
from deploy.sources.publish import publish
from ingest.consumer import FETCH_MS
from ingest.dead_letters import received_at, text_headers
from ingest.encoding import encode_reports
from ingest.normalise import NORMALISER_VERSION, load_vocabularies, normalise
from ingest.settings import IngestSettings, client_options
from ingest.store import News, Store
from ingest.topics import create_topics
from schema.document import document_id, holds
from schema.errors import Rejection
from schema.event import Envelope, Event, decode_envelope, event_in
from schema.report import SalaryReport
from tests.bench.servers import servers
from tests.bench.whole import processor_seconds

SEED = 7

A = TypeVar("A")
B = TypeVar("B")


class Opened(NamedTuple):
    """A message whose attributes are read."""

    record: ConsumerRecord
    key: str
    envelope: Envelope


class Stages:
    """Adds up the processor seconds of each stage: ours, mongod's and the broker's."""

    def __init__(self, mongod: int, broker: int) -> None:
        self._servers = (mongod, broker)
        self._spent: dict[str, list[float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside the context to a stage."""
        before = self._seconds()
        yield
        so_far = self._spent.get(name, [0.0] * len(before))
        self._spent[name] = [sum(each) - start for *each, start in zip(so_far, self._seconds(), before, strict=True)]

    def _seconds(self) -> list[float]:
        return [time.process_time(), *map(processor_seconds, self._servers)]

    def table(self, events: int) -> Iterator[str]:
        """Yield the lines of a table in microseconds an event."""
        yield "| stage | ours | mongod | broker |"
        yield "|---|---:|---:|---:|"
        for name, spent in self._spent.items():
            yield f"| {name} | {' | '.join(f'{1e6 * each / events:.1f}' for each in spent)} |"


async def measure(settings: IngestSettings, stages: Stages, reports: int) -> int:
    """Take this many reports of the demo through all stages, and return how many events they were."""
    await create_topics(settings)
    events, done = (await publish(demo_events(reports, SEED), settings)).sent, 0
    consumer = AIOKafkaConsumer(
        settings.topic,
        **client_options(settings),
        group_id=settings.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    load_vocabularies()
    async with Store(settings) as store:
        await store.prepare()
        while done < events:
            with stages.stage("fetch"):
                fetched = await consumer.getmany(timeout_ms=FETCH_MS, max_records=settings.batch_records)
            records = [record for some in fetched.values() for record in some]
            if records:
                await _take(records, store, stages)
                with stages.stage("commit"):
                    await consumer.commit()
            done += len(records)
    await consumer.stop()
    return events


async def _take(records: Sequence[ConsumerRecord], store: Store, stages: Stages) -> None:
    with stages.stage("envelope and `_id`"):
        opened = _accepted(_open, records)
    with stages.stage("look up what is not there"):
        known = await store.held({message.key for message in opened})
    with stages.stage("data"):
        read = _accepted(lambda message: (message, event_in(message.envelope)), opened)
    news: dict[str, list[News]] = {}
    with stages.stage("normalise"):
        for key, report in _accepted(_normalise, read):
            news.setdefault(key, []).append(report)
    reports = {key: read for key, (read, *_) in news.items() if isinstance(read, SalaryReport)}
    with stages.stage("(BSON, as in the write)"):
        encode_reports(reports, NORMALISER_VERSION)
    with stages.stage("write: BSON, insert"):
        await store.write(news, NORMALISER_VERSION, news.keys() - known.keys())
    with stages.stage("again: look up what is there, compare"):
        known = await store.held({message.key for message in opened})
        for _, key, envelope in opened:
            if document := known.get(key):
                holds(document, envelope.subject, envelope.version, NORMALISER_VERSION)


def _accepted(step: Callable[[A], B], things: Iterable[A]) -> list[B]:
    taken = []
    for thing in things:
        try:
            taken.append(step(thing))
        except Rejection:
            continue
    return taken


def _open(record: ConsumerRecord) -> Opened:
    envelope = decode_envelope(record.value, text_headers(record))
    return Opened(record, document_id(envelope.source, envelope.subject), envelope)


def _normalise(read: tuple[Opened, Event]) -> tuple[str, News]:
    message, event = read
    return message.key, normalise(event, received_at(message.record))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ingest.stages", description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    given = parser.parse_args()
    gc.set_threshold(GARBAGE_OBJECTS)
    with tempfile.TemporaryDirectory(prefix="paygauge-") as name, servers(Path(name)) as (mongo, kafka):
        stages = Stages(mongo.pid or 0, kafka.pid or 0)
        settings = IngestSettings(kafka=kafka.bootstrap, mongo=mongo.uri)
        events = asyncio.run(measure(settings, stages, given.reports))
        print(f"{events:,} events, microseconds of the processor an event; load {os.getloadavg()[0]:.1f}")
        print(*stages.table(events), sep="\n")


if __name__ == "__main__":
    main()
