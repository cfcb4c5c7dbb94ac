"""A `paygauge serve` of the bench's own, started and stopped by hand."""

import http.client
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from deploy.embedded.ports import answers, free_ports
from deploy.embedded.process import Process
from deploy.probe import is_ready

READY_SECONDS = 900.0
STOP_SECONDS = 30.0
ABOUT = "{ about { reports freshness { p50 p99 count } } }"


@dataclass(frozen=True)
class Started:
    """How many seconds after its start a service answered at all, and was ready, and how much it had computed."""

    answers: float
    ready: float
    processor: float


class Service:
    """The service over servers that `environ` names, with what it keeps in `folder`."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self.folder, self.port = folder, free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        own = {"PAYGAUGE_HOME": str(folder), "PAYGAUGE_PORT": str(self.port), "PAYGAUGE_REQUESTS_PER_MINUTE": "0"}
        self._environ = {**environ, **own}

    @contextmanager
    def running(self) -> Iterator[Started]:
        """Run it, ready, until the context ends and it has kept what it holds."""
        started = time.monotonic()
        command = [sys.executable, "-m", "deploy.command", "serve"]
        self.process = Process("serve", command, self.folder / "serve.log", self._environ)
        self.process.start()
        try:
            self.process.wait_until(lambda: answers(self.port), READY_SECONDS)
            first = time.monotonic() - started
            self.process.wait_until(lambda: is_ready("127.0.0.1", self.port), READY_SECONDS)
            yield Started(first, time.monotonic() - started, cpu_seconds(self.process))
            self.process.wait_until((self.folder / "columns" / "base").exists, READY_SECONDS)
        finally:
            self.process.stop(STOP_SECONDS)

    def about(self) -> dict[str, Any]:
        """Return what it says of itself."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        found: dict[str, Any] = ask(connection, ABOUT, {})["about"]
        connection.close()
        return found

    def load_seconds(self) -> float:
        """Return how long it took to read the columns and make them ready."""
        with urlopen(f"{self.url}/metrics", timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("paygauge_load_seconds ")))


def ask(connection: http.client.HTTPConnection, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of an answer. Raises RuntimeError for one with errors."""
    body = json.dumps({"query": query, "variables": variables})
    connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    if "errors" in answer:
        raise RuntimeError(answer["errors"])
    data: dict[str, Any] = answer["data"]
    return data


def cpu_seconds(process: Process) -> float:
    """Return how much of a processor a process has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
