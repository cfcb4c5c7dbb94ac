"""Real servers for the tests, started by the code that `paygauge up` uses, and names of its own for each test."""

import os
import subprocess
import tempfile
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from deploy.embedded.ports import free_ports
from deploy.settings import StackSettings
from schema.settings import read_settings
from tests.running import COMMAND, Start, Up

UNIT = Path(__file__).with_name("unit")


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


@pytest.fixture(scope="session")
def start_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Call it with arguments of `paygauge up`, and a home and port where they matter, to start one."""
    started: list[Up] = []
    with _folder() as folder:

        def start(*arguments: str, home: Path | None = None, port: int | None = None, **environ: str) -> Up:
            home, port = home or folder / _unique("home"), port or free_ports(1)[0]
            printed = tmp_path_factory.mktemp("up") / "printed"
            with printed.open("wb") as output:
                process = subprocess.Popen(
                    [COMMAND, "up", "--home", str(home), "--port", str(port), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **environ},
                    start_new_session=True,
                )
            started.append(Up(process, home, port, printed))
            return started[-1]

        yield start
        for up in started:
            with suppress(subprocess.TimeoutExpired, ProcessLookupError):
                up.interrupt()
            up.process.kill()
            up.process.wait()


@pytest.fixture(scope="session")
def stack(start_up: Start) -> Up:
    """The whole path, running, with a demo in it, shared by all tests that only read or send reports of their own."""
    up = start_up("--demo-reports", "5000")
    up.wait_until_ready()
    return up


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pass, in tests with servers only, a socket that aiokafka or pymongo left to the collector.

    It was connecting when its server died or its client was closed, and is found in any later test.
    """
    for item in items:
        if UNIT not in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, a test that is skipped has failed: nobody reads the list of skipped tests."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"Skipped, which counts as failed in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that is skipped as a whole."""
    report = yield
    if os.environ.get("CI") and report.skipped:
        report.outcome, report.longrepr = "failed", f"Skipped, which counts as failed in CI: {report.longrepr}"
    return report


def _unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}"


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="paygauge-") as folder:
        yield Path(folder)
