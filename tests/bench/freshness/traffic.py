"""What goes on meanwhile: events at a steady rate into Kafka, and questions over HTTP, timed."""

import asyncio
import http.client
import multiprocessing
import threading
import time
from collections.abc import Mapping
from itertools import cycle, islice, product
from multiprocessing.synchronize import Event
from typing import Self
from urllib.parse import urlsplit

from aiokafka import AIOKafkaProducer

from deploy.sources.demo import demo_events
from ingest.settings import IngestSettings, client_options
from schema.settings import read_settings
from schema.vocabulary import Level
from tests.bench.freshness.service import ask

SEED = 11
TICK_SECONDS = 0.02
QUERY = """query ($level: [Level!], $place: [String!]) { cohort(where: {level: $level, place: $place}) {
    sample { reports contributors } distribution { quantiles { p estimate { value low high } } } } }"""
BREAKDOWN = """query ($level: [Level!], $place: [String!]) { cohort(where: {level: $level, place: $place}) {
    breakdown(by: [ROLE], first: 10) { nodes { cohort { distribution { median { value low high } } } } } } }"""
PLACES = ("US", "GB", "DE", "IN", "CA", "FR", "NL", "CH", "SG", "BR")


class Stream:
    """Sends events in a process of its own, at a rate in events a second, for so many seconds.

    They are made, and Kafka is connected to, before the constructor returns.
    """

    def __init__(self, environ: Mapping[str, str], rate: int, seconds: float) -> None:
        context = multiprocessing.get_context("spawn")
        ready, self._begin = context.Event(), context.Event()
        arguments = (dict(environ), rate, seconds, ready, self._begin)
        self._process = context.Process(target=_send, args=arguments, daemon=True)
        self._process.start()
        while not ready.wait(1):
            if not self._process.is_alive():
                raise RuntimeError("the process that sends events has ended before it began")

    def __enter__(self) -> Self:
        """Begin."""
        self._begin.set()
        return self

    def __exit__(self, *_: object) -> None:
        """Wait until all is sent."""
        self._process.join()


def _send(environ: dict[str, str], rate: int, seconds: float, ready: Event, begin: Event) -> None:
    asyncio.run(_stream(read_settings(IngestSettings, environ), rate, seconds, ready, begin))


async def _stream(settings: IngestSettings, rate: int, seconds: float, ready: Event, begin: Event) -> None:
    messages = list(islice(demo_events(int(rate * seconds), SEED), int(rate * seconds)))
    producer = AIOKafkaProducer(**client_options(settings), acks="all", linger_ms=5)
    await producer.start()
    ready.set()
    await asyncio.to_thread(begin.wait)
    started, sent = time.monotonic(), 0
    while sent < len(messages):
        due = min(int(rate * (time.monotonic() - started)), len(messages))
        for message in messages[sent:due]:
            await producer.send(settings.topic, message.value, message.key, headers=message.headers)
        sent = due
        await asyncio.sleep(TICK_SECONDS)
    await producer.stop()


class Questions:
    """Asks the service again and again, `rate` times a second, and keeps how long each answer took, in milliseconds.

    Every question differs from the last hundred, so that its cohort is found anew. `errors` are answers that failed,
    which count as long as they took.
    """

    def __init__(self, url: str, rate: float) -> None:
        self._address = urlsplit(url).netloc
        self._pause = 1 / rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.milliseconds: list[float] = []
        self.errors: list[str] = []

    def __enter__(self) -> Self:
        """Begin to ask."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=60)
        asked = cycle(product((QUERY, BREAKDOWN), Level, PLACES))
        due = time.monotonic()
        for query, level, place in asked:
            if self._stop.wait(max(due - time.monotonic(), 0)):
                return
            started = time.monotonic()
            try:
                ask(connection, query, {"level": [level.name], "place": [place]})
            except RuntimeError as error:
                self.errors.append(str(error))
            self.milliseconds.append(1_000 * (time.monotonic() - started))
            due = max(due + self._pause, time.monotonic())
