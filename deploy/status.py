"""`paygauge status`: how far behind everything is, asked of Kafka, of MongoDB and of the service, each by itself."""

import asyncio
import math
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client.parser import text_string_to_metric_families
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingest.dead_letters import stop_client
from ingest.settings import IngestSettings, client_options
from ingest.world import kafka_trouble
from schema.document import SET_ASIDE_COLLECTION, Document
from schema.errors import IngestStopped, Unavailable
from schema.settings import read_settings

T = TypeVar("T")

RATE_SECONDS = 2.0
"""How long is looked to say how many messages a second there are."""
ANSWER_SECONDS = 5

Measures = dict[tuple[str, ...], float]
"""Values by the name of the measure and its labels' values."""


class Partition(msgspec.Struct, frozen=True):
    """A partition of the topic of reports; `committed` is None where ingest has committed nothing of it."""

    partition: int
    end: int
    committed: int | None
    lag: int


class Stream(msgspec.Struct, frozen=True):
    """The topic of reports, and how far ingest has come."""

    topic: str
    partitions: list[Partition]
    lag: int
    appended_per_second: float
    ingested_per_second: float


class SetAside(msgspec.Struct, frozen=True):
    """The messages in the dead letters that were not sent again, by reason, and how many were."""

    reasons: dict[str, int]
    sent_again: int


class Freshness(msgspec.Struct, frozen=True):
    """Seconds from Kafka's append to visible, of the new reports of the last minute."""

    p50: float
    p99: float


class Index(msgspec.Struct, frozen=True):
    """What the service holds; `dead` are rows of the base that changed since it was made."""

    reports: int
    version: int
    base: int
    dead: int
    delta: int
    bytes: int
    following: bool
    freshness: Freshness | None


class Status(msgspec.Struct, frozen=True):
    """All of it; what does not answer is None, and `trouble` says why."""

    kafka: Stream | None
    set_aside: SetAside | None
    index: Index | None
    trouble: list[str]


def read_status(environ: Mapping[str, str], url: str) -> Status:
    """Return how it stands, which takes a little more than RATE_SECONDS."""
    settings = read_settings(IngestSettings, environ)
    trouble: list[str] = []
    return Status(
        kafka=_or_none(lambda: asyncio.run(_stream(settings)), trouble),
        set_aside=_or_none(lambda: _set_aside(settings), trouble),
        index=_or_none(lambda: _index(_scrape(f"{url}/metrics")), trouble),
        trouble=trouble,
    )


def _or_none(read: Callable[[], T], trouble: list[str]) -> T | None:
    try:
        return read()
    except (Unavailable, IngestStopped) as error:
        trouble.append(str(error))
        return None


async def _stream(settings: IngestSettings) -> Stream:
    # without a group it is assigned all partitions, and nothing is committed
    consumer = AIOKafkaConsumer(settings.topic, **client_options(settings), enable_auto_commit=False)
    admin = AIOKafkaAdminClient(**client_options(settings))
    with kafka_trouble("asking how far ingest has come"):
        try:
            await consumer.start()
            await admin.start()
            before, started = await _offsets(consumer, admin, settings.group), time.monotonic()
            await asyncio.sleep(RATE_SECONDS)
            after, seconds = await _offsets(consumer, admin, settings.group), time.monotonic() - started
        finally:
            await admin.close()
            await stop_client(consumer)
    partitions = [Partition(place, end, at, end - (at or 0)) for place, (end, at) in sorted(after.items())]
    appended, ingested = (
        sum((after[place][side] or 0) - (before.get(place, after[place])[side] or 0) for place in after) / seconds
        for side in (0, 1)
    )
    return Stream(settings.topic, partitions, sum(each.lag for each in partitions), appended, ingested)


async def _offsets(
    consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, group: str
) -> dict[int, tuple[int, int | None]]:
    """Return the end and the committed offset of each partition."""
    ends = await consumer.end_offsets(consumer.assignment())
    committed = await admin.list_consumer_group_offsets(group)
    return {held.partition: (end, committed[held].offset if held in committed else None) for held, end in ends.items()}


def _set_aside(settings: IngestSettings) -> SetAside:
    count = {"$group": {"_id": ["$reason", {"$gt": ["$replayed", None]}], "messages": {"$sum": 1}}}
    try:
        with MongoClient[Document](settings.mongo, serverSelectionTimeoutMS=1000 * ANSWER_SECONDS) as client:
            found = list(client.get_default_database(settings.database)[SET_ASIDE_COLLECTION].aggregate([count]))
    except PyMongoError as error:
        raise Unavailable(f"MongoDB does not answer ({type(error).__name__}).") from error
    reasons = {reason: row["messages"] for row in found for reason, again in [row["_id"]] if not again}
    return SetAside(dict(sorted(reasons.items())), sum(row["messages"] for row in found if row["_id"][1]))


def _scrape(address: str) -> Measures:
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as response:
            families = text_string_to_metric_families(response.read().decode())
    except (urllib.error.URLError, TimeoutError) as error:
        raise Unavailable(f"No service answers at {address}.") from error
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def _index(measured: Measures) -> Index:
    p50, p99 = (measured.get(("paygauge_recent_freshness_seconds", quantile), math.nan) for quantile in ("0.5", "0.99"))

    def whole(*name: str) -> int:
        return int(measured.get(name, 0))

    return Index(
        reports=whole("paygauge_reports"),
        version=whole("paygauge_snapshot_version"),
        base=whole("paygauge_index_rows", "base"),
        dead=whole("paygauge_index_rows", "dead"),
        delta=whole("paygauge_index_rows", "delta"),
        bytes=whole("paygauge_index_bytes"),
        following=bool(whole("paygauge_feed_following")),
        freshness=None if math.isnan(p50) else Freshness(p50, p99),
    )


def print_status(status: Status, console: Console) -> None:
    """Print it for people."""
    if status.kafka:
        _print_stream(status.kafka, console)
    if status.set_aside:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in status.set_aside.reasons.items()) or "nothing"
        console.print(f"Set aside: {reasons}; sent again: {status.set_aside.sent_again:,}.")
    if status.index:
        _print_index(status.index, console)
    for each in status.trouble:
        console.print(Text(each, style="bold red"))


def _print_stream(stream: Stream, console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("Partition", "End", "Committed", "Lag"):
        table.add_column(name, justify="right")
    for each in stream.partitions:
        at = "none" if each.committed is None else f"{each.committed:,}"
        table.add_row(str(each.partition), f"{each.end:,}", at, f"{each.lag:,}")
    console.print(f"Topic {stream.topic}: {stream.lag:,} messages behind.", markup=False)
    console.print(table)
    console.print(f"Appended {stream.appended_per_second:,.0f}/s, ingested {stream.ingested_per_second:,.0f}/s.")


def _print_index(index: Index, console: Console) -> None:
    state = "following" if index.following else "NOT following MongoDB"
    parts = f"base {index.base:,} ({index.dead:,} of it changed), delta {index.delta:,}, {index.bytes / 1e6:,.1f} MB"
    console.print(f"Service: {index.reports:,} reports, snapshot {index.version:,}, {state}; {parts}.")
    if index.freshness:
        p50, p99 = index.freshness.p50, index.freshness.p99
        console.print(f"Freshness in the last minute: p50 {p50:.2f} s, p99 {p99:.2f} s.")
    else:
        console.print("Freshness: no new report in the last minute.")
