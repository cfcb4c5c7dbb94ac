"""The whole path for a long run: servers, several processes of ingest and one service, each in a session of its own."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from pymongo import MongoClient

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from deploy.embedded.ports import free_ports
from deploy.embedded.process import Process
from ingest.settings import IngestSettings
from schema.document import COLLECTION
from schema.vocabulary import ReportState
from tests.bench.ingest.traffic import create_bounded_topic
from tests.bench.servers import servers

READY_SECONDS = 60.0
CATCH_UP_SECONDS = 120.0
REPORTS = "{ about { reports } }"


class Running(NamedTuple):
    """What runs, and where the service answers."""

    settings: IngestSettings
    mongo: MongoServer
    kafka: KafkaServer
    ingest: list[Process]
    service: Process
    url: str

    @property
    def processes(self) -> dict[str, list[int]]:
        """The ids of the processes by whom they belong to."""
        some = {"ingest": self.ingest, "service": [self.service], "mongod": [self.mongo], "broker": [self.kafka]}
        return {name: [process.pid or 0 for process in each] for name, each in some.items()}

    def check(self) -> None:
        """Raise ProcessFailed where one has ended."""
        for process in (*self.ingest, self.service, self.mongo, self.kafka):
            process.check()


@contextmanager
def whole_path(folder: Path, processes: int) -> Iterator[Running]:
    """Run all with so many processes of ingest, ready, until the context ends."""
    with ExitStack() as stack:
        mongo, kafka = stack.enter_context(servers(folder))
        settings, port = IngestSettings(kafka=kafka.bootstrap, mongo=mongo.uri), free_ports(1)[0]
        asyncio.run(create_bounded_topic(settings))
        named = {"KAFKA": kafka.bootstrap, "MONGO": mongo.uri, "PORT": str(port), "HOME": str(folder)}
        environ = {**os.environ, **{f"PAYGAUGE_{name}": value for name, value in named.items()}}
        service, *ingest = [
            stack.enter_context(_command(name, folder / f"{name}-{number}.log", environ))
            for number, name in enumerate(["serve", *["ingest"] * processes])
        ]
        url = f"http://127.0.0.1:{port}"
        service.wait_until(lambda: _ready(url), READY_SECONDS)
        yield Running(settings, mongo, kafka, ingest, service, url)


def _command(name: str, log: Path, environ: Mapping[str, str]) -> Process:
    # Ctrl-C must reach the bench alone, which lets them finish
    return Process(name, [sys.executable, "-m", "deploy.command", name], log, environ)


def _ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/ready").status_code == 200
    except httpx2.TransportError:
        return False


def held(path: Running, wanted: int) -> tuple[int, int]:
    """Return how many live reports MongoDB holds and the service counts, which gets a while to count all wanted."""
    with MongoClient[dict[str, Any]](path.mongo.uri) as client:
        stored = client["paygauge"][COLLECTION].count_documents({"state": ReportState.LIVE.value})
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while True:
        answer = httpx2.post(f"{path.url}/graphql", json={"query": REPORTS}, timeout=30).json()
        counted = answer["data"]["about"]["reports"]
        if counted == wanted or time.monotonic() > deadline:
            return stored, counted
        time.sleep(0.5)
