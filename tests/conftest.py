"""Real servers for the tests, started by the code that `paygauge up` uses, and names of its own for each test."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from deploy.settings import StackSettings
from schema.settings import read_settings


@pytest.fixture(scope="session")
def downloads() -> Path:
    """Where the jars are kept from one run of the tests to the next."""
    return read_settings(StackSettings, os.environ).downloads_folder


@pytest.fixture(scope="session")
def mongo() -> Iterator[str]:
    """The URI of a MongoDB that all tests share: use `database` for a name of your own."""
    with _folder() as folder, MongoServer(folder, folder / "mongo.log") as server:
        server.wait_until_ready()
        yield server.uri


@pytest.fixture(scope="session")
def kafka(downloads: Path) -> Iterator[str]:
    """The bootstrap server of a Kafka that all tests share: use `topic` and `group` for names of your own."""
    with _folder() as folder, KafkaServer(folder, downloads, folder / "kafka.log") as server:
        server.wait_until_ready()
        yield server.bootstrap


@pytest.fixture
def mongo_server() -> Iterator[MongoServer]:
    """A MongoDB of the test's own, to `kill`, `stop` and `start` again (then `wait_until_ready`)."""
    with _folder() as folder, MongoServer(folder, folder / "mongo.log") as server:
        server.wait_until_ready()
        yield server


@pytest.fixture
def kafka_server(downloads: Path) -> Iterator[KafkaServer]:
    """A Kafka of the test's own, to `kill`, `stop` and `start` again (then `wait_until_ready`)."""
    with _folder() as folder, KafkaServer(folder, downloads, folder / "kafka.log") as server:
        server.wait_until_ready()
        yield server


@pytest.fixture
def database() -> str:
    """A name that no other test has."""
    return _unique("reports")


@pytest.fixture
def topic() -> str:
    """A name that no other test has; the topic is not there yet."""
    return _unique("salary.reports")


@pytest.fixture
def group() -> str:
    """A name that no other test has."""
    return _unique("ingest")


def _unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}"


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="paygauge-") as folder:
        yield Path(folder)
