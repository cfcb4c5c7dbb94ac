"""What ingest measures of itself, for Prometheus, and where it answers with it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics, start_http_server

from ingest.settings import IngestSettings
from schema.errors import SettingsError

disable_created_metrics()  # type: ignore[no-untyped-call]  # when each series began: as many series again

WRITE_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

READ = Counter("paygauge_ingest_messages", "Messages read, written or set aside, and journaled by a majority.")
REJECTED = Counter("paygauge_ingest_rejected", "Messages set aside, by reason.", ["reason"])
WRITE_SECONDS = Histogram(
    "paygauge_ingest_write_seconds",
    "How long a batch took to write, waiting for servers included.",
    buckets=WRITE_BOUNDS,
)
COMMITS = Counter("paygauge_ingest_commits", "Commits of offsets, by whether they succeeded.", ["outcome"])
LAG = Gauge("paygauge_ingest_lag_messages", "Messages of a partition that are not committed yet.", ["partition"])


def note_written(messages: int, rejected: Collection[str], seconds: float) -> None:
    """Note that a batch of messages is written, some of them set aside for these reasons."""
    READ.inc(messages)
    WRITE_SECONDS.observe(seconds)
    for reason in rejected:
        REJECTED.labels(reason).inc()


class Lag:
    """How far the committed offsets of a membership are behind the ends of its partitions, as of its last fetches."""

    def __init__(self) -> None:
        self._committed: dict[TopicPartition, int] = {}

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note what is committed."""
        self._committed.update(offsets)

    def measure(self, consumer: AIOKafkaConsumer) -> None:
        """Show the lag of the partitions that are held and of which something was committed."""
        for partition in consumer.assignment() & self._committed.keys():
            end = consumer.highwater(partition)
            if end is not None:
                LAG.labels(partition.partition).set(max(end - self._committed[partition], 0))

    def forget(self, partitions: Collection[TopicPartition]) -> None:
        """Say no more of partitions that may be another's now."""
        for partition in partitions:
            self._committed.pop(partition, None)
            LAG.remove(partition.partition)


@contextmanager
def served_metrics(settings: IngestSettings) -> Iterator[None]:
    """Answer at /metrics on the port that the settings name, if any. Raises SettingsError where it is taken."""
    if not settings.metrics_port:
        yield
        return
    try:
        server: Any
        server, thread = start_http_server(settings.metrics_port, settings.metrics_host)
    except OSError as error:
        place = f"{settings.metrics_host}:{settings.metrics_port}"
        raise SettingsError(f"PAYGAUGE_METRICS_PORT: cannot listen at {place} ({error.strerror}).") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
