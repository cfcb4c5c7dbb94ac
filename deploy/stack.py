"""One stack: its processes, started in the order in which they need each other, watched, stopped in the reverse."""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from deploy.embedded.ports import LOOPBACK, answers, free_ports
from deploy.embedded.process import POLL_SECONDS, Process, ProcessFailed
from deploy.home import Home, RunningStack
from deploy.probe import is_ready, visible_reports
from deploy.settings import StackSettings
from ingest.settings import IngestSettings
from schema.document import COLLECTION, Document
from schema.errors import Unavailable
from schema.settings import PREFIX, read_settings

READY_SECONDS = 300.0  # loading 5M reports takes half a minute
OURS_STOP_SECONDS, SERVERS_STOP_SECONDS = 3.5, 4.0  # together well below the 10 s in which everything must be gone
ANSWER_MS = 5_000
EVERYWHERE = ("0.0.0.0", "::")


class Stack:
    """Kafka and MongoDB, where no others are named, ingest and the service. Leaving the context stops them."""

    def __init__(self, settings: StackSettings, home: Home, environ: Mapping[str, str]) -> None:
        self.settings, self.home = settings, home
        # with the addresses of the servers, once they run
        self.environ = {**environ, PREFIX + "HOME": str(home.folder)}
        self._host = "localhost" if settings.host in EVERYWHERE else settings.host
        self._servers: list[Process] = []
        self._ours: list[Process] = []
        self._passing: list[Process] = []

    def start_servers(self) -> None:
        """Start the servers that are not named, and see that those that are named answer.

        Raises ProcessFailed, NotHere, DownloadFailed and Unavailable.
        """
        waits = []
        if not self.settings.mongo:  # first, so that it starts while Kafka's JVM does
            mongo = MongoServer(self.home.folder / "mongo", self.home.log("mongo"))
            self.environ[PREFIX + "MONGO"] = mongo.uri
            waits.append(mongo.wait_until_ready)
            self._start(mongo, self._servers)
        if not self.settings.kafka:
            kafka = KafkaServer(self.home.folder / "kafka", self.settings.downloads_folder, self.home.log("kafka"))
            self.environ[PREFIX + "KAFKA"] = kafka.bootstrap
            waits.append(kafka.wait_until_ready)
            self._start(kafka, self._servers)
        for wait_until_ready in waits:
            wait_until_ready()
        if self.settings.mongo:
            check_replica_set(self.settings.mongo)
        if self.settings.kafka and not any(map(_answers, self.settings.kafka.split(","))):
            raise Unavailable("Nothing answers at the addresses in PAYGAUGE_KAFKA.")

    def start_ours(self) -> RunningStack:
        """Start ingest and the service, and return where the stack answers. Raises ProcessFailed."""
        port = self.environ.setdefault(PREFIX + "METRICS_PORT", str(free_ports(1)[0]))
        for name in ("ingest", "serve"):
            self._start(self._command([name], self.home.log(name)), self._ours)
        self.wait_until(lambda: is_ready(self._host, self.settings.port), READY_SECONDS, "ready")
        running = RunningStack(
            pid=os.getpid(),
            url=f"http://{self._host}:{self.settings.port}",
            kafka=self.environ[PREFIX + "KAFKA"],
            mongo=self.environ[PREFIX + "MONGO"],
            metrics=f"http://{LOOPBACK}:{port}/metrics",
        )
        self.home.announce(running)
        return running

    def run(self, *arguments: str) -> None:
        """Run one of our commands to its end, printing where we print. Raises ProcessFailed where it or another fails.

        A process of its own, because a signal that comes in the middle of asyncio's work cannot be relied on to end it.
        """
        process = self._command(arguments, None)
        self._start(process, self._passing)
        while process.running:
            self.check()
            time.sleep(POLL_SECONDS)
        if process.exit_code:
            raise ProcessFailed(f"{process.name} ended with exit code {process.exit_code}.")

    def store_is_empty(self) -> bool:
        """Return whether MongoDB holds no report at all, not even a withdrawn one."""
        settings = read_settings(IngestSettings, self.environ)
        with MongoClient[Document](settings.mongo) as client:
            return client.get_default_database(settings.database)[COLLECTION].find_one() is None

    def visible_reports(self) -> int:
        """Return how many reports GraphQL shows now."""
        return visible_reports(self._host, self.settings.port)

    def check(self) -> None:
        """Raise ProcessFailed, with the last lines of its log, if one of the processes has ended."""
        for process in [*self._servers, *self._ours]:
            process.check()

    def wait_until(self, reached: Callable[[], bool], seconds: float, what: str) -> None:
        """Return when `reached` says so. Raises ProcessFailed if a process ends meanwhile, or after `seconds`."""
        deadline = time.monotonic() + seconds
        while not reached():
            self.check()
            if time.monotonic() > deadline:
                raise ProcessFailed(f"Not {what} after {seconds:.0f} s; the logs are in {self.home.logs}.")
            time.sleep(POLL_SECONDS)

    def _command(self, arguments: Sequence[str], log: Path | None) -> Process:
        # -P: a folder called deploy where somebody happens to be is not ours
        argv = [sys.executable, "-P", "-m", "deploy.command", *arguments]
        return Process(f"`paygauge {arguments[0]}`", argv, log, self.environ)

    def _start(self, process: Process, group: list[Process]) -> None:
        group.append(process)  # before the start, so that an interrupt in the middle of it stops it all the same
        process.start()

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop ingest and the service, then the servers that they use."""
        stop_together([*self._passing, *self._ours], OURS_STOP_SECONDS)
        stop_together(self._servers, SERVERS_STOP_SECONDS)


def _answers(bootstrap: str) -> bool:
    host, _, port = bootstrap.strip().rpartition(":")
    return port.isdecimal() and answers(int(port), host)


def check_replica_set(uri: str) -> None:
    """Raise Unavailable where no replica set or sharded cluster answers, which change streams need."""
    try:
        with MongoClient[Document](uri, serverSelectionTimeoutMS=ANSWER_MS) as client:
            hello = client.admin.command("hello")
    except PyMongoError as error:
        raise Unavailable(f"Nothing answers at the address in PAYGAUGE_MONGO ({type(error).__name__}).") from error
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise Unavailable("The MongoDB that PAYGAUGE_MONGO names is no replica set: start it with --replSet.")


def stop_together(processes: Sequence[Process], seconds: float) -> None:
    """Ask all to end, and kill those that have not after `seconds`."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + seconds
    for process in processes:
        process.stop(max(0.0, deadline - time.monotonic()))
