"""The whole path in processes that can be killed one by one, reports that arrive, and the figures in the end."""

import asyncio
import itertools
import logging
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2
from aiokafka.errors import KafkaError
from msgspec.structs import asdict
from pymongo import MongoClient

from deploy import keys
from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from deploy.embedded.ports import free_ports
from deploy.embedded.process import Process
from ingest.settings import IngestSettings
from schema.document import COLLECTION, Document
from schema.errors import Unavailable
from service.keys import Scope
from tests.bench.chaos.stream import disorder
from tests.bench.servers import servers
from tests.integration.ingest.support import Message, lag_of, send
from tests.running import COMMAND
from tests.serving import post, served

BACK_SECONDS = 60.0
SEND_SECONDS = 15.0
SENT_AT_ONCE = 25  # messages
PAUSE_SECONDS = 0.2
REPORTS = 200_000  # more than arrive in any run
SEED = 7

FIGURES = """{ about { reports } cohort {
  sample { reports contributors }
  distribution { quantiles(ps: [0.1, 0.25, 0.5, 0.75, 0.9]) { p estimate { value low high } } mean { value low high } }
  place: breakdown(by: [ROLE, METRO], first: 300) { ...Groups }
  level: breakdown(by: [LEVEL, COUNTRY, ROLE], first: 300) { ...Groups }
  skill: breakdown(by: [SKILL], first: 100) { ...Groups } } }
fragment Groups on BreakdownConnection { nodes { keys { code } cohort {
  sample { reports contributors } distribution { median { value low high } suppression { reason } } } } }"""


@dataclass
class WholePath:
    """A broker, a mongod, an ingest and a service, each of which may be killed and started again."""

    kafka: KafkaServer
    mongo: MongoServer
    service: Process
    settings: IngestSettings
    environ: dict[str, str]
    url: str
    key: str
    folder: Path

    def wait_until_ready(self) -> None:
        """Return when the service says that it is ready."""
        self.service.wait_until(self._ready, BACK_SECONDS)

    def _ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/health/ready").status_code == 200
        except httpx2.TransportError:
            return False

    def wait_until_kept(self) -> None:
        """Return when the service has kept its columns, which it does a while after it is ready."""
        self.service.wait_until((self.folder / "home" / "columns" / "base").exists, BACK_SECONDS)

    def began_with_what_was_kept(self) -> bool:
        """Return whether the service, at its last start, went on from the columns that it had kept."""
        return 'paygauge_loads_total{source="shelf"} 1.0' in httpx2.get(f"{self.url}/metrics").text

    def wait_until_ingested(self) -> None:
        """Return when ingest has committed all that is in the topic. Raises TimeoutError."""
        asyncio.run(self._ingested())

    async def _ingested(self) -> None:
        async with asyncio.timeout(BACK_SECONDS):
            while await lag_of(self.settings):  # noqa: ASYNC110  Kafka tells nobody
                await asyncio.sleep(0.2)

    def subjects(self) -> set[str]:
        """Return the names of all reports that MongoDB holds."""
        with MongoClient[Document](self.mongo.uri) as client:
            return set(client[self.settings.database][COLLECTION].distinct("subject"))

    def figures(self) -> Any:
        """Return many figures, as the service that clients ask gives them."""
        return figures_of(self.url)

    def figures_anew(self) -> Any:
        """Return the same as a service gives them that begins with nothing and reads all of MongoDB."""
        environ = {**self.environ, "PAYGAUGE_HOME": str(self.folder / "anew")}
        with served(environ, self.folder / "anew.log") as url:
            return figures_of(url)


@contextmanager
def whole_path(folder: Path) -> Iterator[WholePath]:
    """Run the path until the context ends. Call it from the main thread: its processes end with the thread."""
    with servers(folder) as (mongo, kafka):
        settings = IngestSettings(kafka=kafka.bootstrap, mongo=mongo.uri, session_timeout=6)
        given = {f"PAYGAUGE_{name.upper()}": str(value) for name, value in asdict(settings).items() if value}
        port = free_ports(1)[0]
        own = {"PORT": str(port), "HOME": str(folder / "home"), "REQUESTS_PER_MINUTE": "0"}
        environ = {**given, **{f"PAYGAUGE_{name}": value for name, value in own.items()}}
        key = keys.create(environ, "who submits while servers die", [Scope.REPORTS_WRITE])
        everything = {**os.environ, **environ}
        service = Process("the service", [COMMAND, "serve"], folder / "serve.log", everything)
        path = WholePath(kafka, mongo, service, settings, environ, f"http://127.0.0.1:{port}", key, folder)
        with Process("ingest", [COMMAND, "ingest"], folder / "ingest.log", everything):
            # the service keeps its columns when it has loaded, if there is anything to keep
            asyncio.run(send(settings, next(_windows(settings))))
            path.wait_until_ingested()
            with service:
                path.wait_until_ready()
                yield path


def figures_of(url: str) -> Any:
    """Return many figures of a service."""
    answer = post(url, FIGURES)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


class Arrivals:
    """Reports, revisions and withdrawals in disorder, which arrive from a process of its own whatever is away.

    Of its own because a client of aiokafka that is given up in the middle leaves its sockets to the collector.
    `sent` counts the messages that Kafka has acknowledged; what it has not is sent again.
    """

    def __init__(self, settings: IngestSettings) -> None:
        spawned = multiprocessing.get_context("spawn")
        self._stopping, self._sent = spawned.Event(), spawned.Value("q", 0)
        self._process = spawned.Process(target=_arrive, args=(settings, self._stopping, self._sent), daemon=True)

    @property
    def sent(self) -> int:
        """How many messages Kafka has acknowledged."""
        return self._sent.value

    def __enter__(self) -> Self:
        """Begin to send."""
        self._process.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Return when all that was begun is acknowledged. Raises AssertionError where the process has failed."""
        self._stopping.set()
        self._process.join()
        assert self._process.exitcode == 0, f"what sends the reports ended with {self._process.exitcode}"


def _arrive(settings: IngestSettings, stopping: Event, sent: "Synchronized[int]") -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it meets the broker's deaths, which are no news
    asyncio.run(_send_until(settings, stopping, sent))


async def _send_until(settings: IngestSettings, stopping: Event, sent: "Synchronized[int]") -> None:
    for window in itertools.islice(_windows(settings), 1, None):
        for start in range(0, len(window), SENT_AT_ONCE):
            messages = window[start : start + SENT_AT_ONCE]
            while not await _is_sent(settings, messages):  # noqa: ASYNC110  a broker tells nobody that it is back
                await asyncio.sleep(PAUSE_SECONDS)
            sent.value += len(messages)
            await asyncio.sleep(PAUSE_SECONDS)
            if stopping.is_set():
                return


async def _is_sent(settings: IngestSettings, messages: list[Message]) -> bool:
    try:
        await asyncio.wait_for(send(settings, messages), SEND_SECONDS)
    except (KafkaError, Unavailable, TimeoutError):
        return False
    return True


def _windows(settings: IngestSettings) -> Iterator[list[Message]]:
    return disorder(REPORTS, settings.partitions, SEED)
