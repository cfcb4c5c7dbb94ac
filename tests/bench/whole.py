"""The whole path for measuring: Kafka, MongoDB with reports in it, ingest and one service, and reports that arrive."""

import asyncio
import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
from aiokafka import AIOKafkaProducer
from pymongo import MongoClient

from schema.document import COLLECTION
from schema.event import STRUCTURED, SUBMITTED, TOPIC
from tests.bench.engines.documents import make_documents
from tests.bench.servers import servers
from tests.serving import running, served

SEED = 7
CHUNK = 50_000
LEVELS = ("entry", "mid", "senior", "staff")
TICK_SECONDS = 0.02
SOURCE = "urn:arrivals"


class Whole(NamedTuple):
    """Where the path begins and ends."""

    kafka: str
    url: str
    folder: Path


@contextmanager
def whole_path(held: int, **environ: str) -> Iterator[Whole]:
    """Run the path with so many reports held, until the context ends."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mongo, kafka = stack.enter_context(servers(folder))
        _fill(mongo.uri, held)
        settings = {"PAYGAUGE_KAFKA": kafka.bootstrap, "PAYGAUGE_MONGO": mongo.uri, **environ}
        log = stack.enter_context((folder / "ingest.log").open("wb"))
        stack.enter_context(running("ingest", environ=settings, log=log))
        url = stack.enter_context(served(settings, folder / "serve.log", 120 + held / 2_000))
        yield Whole(kafka.bootstrap, url, folder)


def _fill(mongo: str, held: int) -> None:
    with MongoClient[dict[str, Any]](mongo) as client:
        for number, start in enumerate(range(0, held, CHUNK)):
            documents = make_documents(min(CHUNK, held - start), SEED + number)
            for document in documents:
                document["_id"] = uuid.uuid4().hex
            client["paygauge"][COLLECTION].insert_many(documents, ordered=False)


class Arrivals:
    """Reports that arrive at a rate. `moments` are when each was sent, of every level in turn."""

    def __init__(self, kafka: str, rate: int) -> None:
        self._kafka, self._rate = kafka, rate
        self.moments: list[float] = []

    async def send(self, seconds: float) -> None:
        """Send for so long, and return when Kafka has acknowledged the last."""
        producer = AIOKafkaProducer(bootstrap_servers=self._kafka, linger_ms=5)
        await producer.start()
        try:
            started = time.monotonic()
            while (now := time.monotonic() - started) < seconds:
                while len(self.moments) < now * self._rate:
                    value = _event(len(self.moments))
                    await producer.send(TOPIC, value, headers=[("content-type", STRUCTURED.encode())])
                    self.moments.append(time.monotonic())
                await asyncio.sleep(TICK_SECONDS)
        finally:
            await producer.stop()


def _event(number: int) -> bytes:
    data = {
        "contributor": f"c-{number}",
        "effective": "2025-03",
        "title": "Machine Learning Engineer",
        "level": LEVELS[number % len(LEVELS)],
        "place": {"text": "Berlin, Germany"},
        "pay": {"currency": "EUR", "base": {"amount": 70_000 + number % 40_000}},
        "skills": ["Python", "PyTorch"],
    }
    event = {
        "specversion": "1.0",
        "id": str(number),
        "source": SOURCE,
        "subject": str(number),
        "type": SUBMITTED,
        "time": datetime.now(UTC),
        "data": data,
    }
    return msgspec.json.encode(event)


def service_process(url: str) -> int:
    """Return the id of the process of this machine that answers at an address."""
    command = ["ss", "-tlnpH", f"sport = :{urlsplit(url).port}"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return int(found.partition("pid=")[2].partition(",")[0])


def resident_megabytes(process: int) -> float:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def processor_seconds(process: int) -> float:
    """Return how long a process has computed, in all of its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
