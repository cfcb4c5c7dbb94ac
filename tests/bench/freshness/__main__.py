"""How fresh, how fast meanwhile, how soon again: `python -m tests.bench.freshness --held 1000000 --rate 2000`.

With servers of its own in a temporary folder: so many reports are held, then events come at a steady rate through
Kafka, ingest and MongoDB while questions are asked; then the service is stopped and started again.
"""

import argparse
import http.client
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from deploy.embedded.ports import free_ports
from deploy.embedded.process import Process
from deploy.probe import is_ready
from tests.bench.freshness.held import fill
from tests.bench.freshness.traffic import Questions, Stream, ask
from tests.bench.servers import servers

READY_SECONDS = 900.0
SETTLE_SECONDS = 3.0
ABOUT = "{ about { reports freshness { p50 p99 count } } }"


class Service:
    """A `paygauge serve`, started and stopped by hand."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self.port = int(environ["PAYGAUGE_PORT"])
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, "-m", "deploy.command", "serve"]
        self._environ, self._log = environ, folder / "serve.log"

    @contextmanager
    def running(self) -> Iterator[float]:
        """Run it, and say how many seconds it took from its start to ready."""
        started = time.monotonic()
        with Process("serve", self._command, self._log, self._environ) as process:
            self.process = process
            process.wait_until(lambda: is_ready("127.0.0.1", self.port), READY_SECONDS)
            yield time.monotonic() - started

    def about(self) -> dict[str, object]:
        """Return what it says of itself."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        found: dict[str, object] = ask(connection, ABOUT, {})["about"]
        connection.close()
        return found


def bench(held: int, rate: int, seconds: float, queries: float, folder: Path) -> None:
    """Measure, and print what was found."""
    with servers(folder) as (mongo, kafka):
        environ = {**os.environ, "PAYGAUGE_MONGO": mongo.uri, "PAYGAUGE_KAFKA": kafka.bootstrap}
        environ |= {
            "PAYGAUGE_HOME": str(folder),
            "PAYGAUGE_PORT": str(free_ports(1)[0]),
            "PAYGAUGE_REQUESTS_PER_MINUTE": "0",
        }
        started = time.monotonic()
        fill(mongo.uri, held)
        print(f"{held:,} reports inserted in {time.monotonic() - started:.0f} s", flush=True)
        service = Service(environ, folder)
        with service.running() as ready:
            print(f"ready after {ready:.1f} s, read from MongoDB", flush=True)
            _while_streaming(service, environ, rate, seconds, queries, folder)
        with service.running() as ready:
            print(f"ready again after {ready:.1f} s, from what was kept, with {service.about()['reports']:,} reports")


def _while_streaming(
    service: Service, environ: dict[str, str], rate: int, seconds: float, queries: float, folder: Path
) -> None:
    command = [sys.executable, "-m", "deploy.command", "ingest"]
    with Process("ingest", command, folder / "ingest.log", environ) as ingest:
        with Questions(service.url, queries) as before:
            time.sleep(max(seconds / 3, 10.0))
        spent = cpu_seconds(service.process), cpu_seconds(ingest)
        with Stream(environ, rate, seconds), Questions(service.url, queries) as meanwhile:
            time.sleep(seconds + SETTLE_SECONDS)
            serve, consume = cpu_seconds(service.process) - spent[0], cpu_seconds(ingest) - spent[1]
            load = os.getloadavg()[0]
            print(f"processor: serve {serve:.1f} s, ingest {consume:.1f} s; the machine's load is {load:.1f}")
            print(f"at {rate:,} events/s: {service.about()}", flush=True)
        for name, asked in (("before", before), ("meanwhile", meanwhile)):
            p50, p99 = np.quantile(asked.milliseconds, (0.5, 0.99))
            print(f"queries {name}: {len(asked.milliseconds):,}, p50 {p50:.1f} ms, p99 {p99:.1f} ms", flush=True)


def cpu_seconds(process: Process) -> float:
    """Return how much of a processor a process has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Read the sizes and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", type=int, default=1_000_000, help="reports held before")
    parser.add_argument("--rate", type=int, default=2_000, help="events a second")
    parser.add_argument("--seconds", type=float, default=60, help="how long they come")
    parser.add_argument("--queries", type=float, default=20, help="questions a second")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paygauge-freshness-") as folder:
        bench(given.held, given.rate, given.seconds, given.queries, Path(folder))


if __name__ == "__main__":
    main()
