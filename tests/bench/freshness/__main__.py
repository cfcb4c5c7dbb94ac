"""How fresh, how fast meanwhile, how soon again: `python -m tests.bench.freshness --held 1000000 --rate 2000`.

With servers of its own in a temporary folder: so many reports are held, then events come at a steady rate through
Kafka, ingest and MongoDB while questions are asked; then the service is stopped and started again.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from deploy.embedded.process import Process
from tests.bench.freshness.held import fill
from tests.bench.freshness.service import Service, cpu_seconds
from tests.bench.freshness.traffic import Questions, Stream
from tests.bench.servers import servers

SETTLE_SECONDS = 5.0


def bench(held: int, rate: int, seconds: float, queries: float, folder: Path) -> None:
    """Measure, and print what was found."""
    with servers(folder) as (mongo, kafka):
        environ = {**os.environ, "PAYGAUGE_MONGO": mongo.uri, "PAYGAUGE_KAFKA": kafka.bootstrap}
        started = time.monotonic()
        fill(mongo.uri, held)
        print(f"{held:,} reports inserted in {time.monotonic() - started:.0f} s", flush=True)
        service = Service(environ, folder)
        with service.running() as ready:
            print(f"ready after {ready.ready:.1f} s, read from MongoDB", flush=True)
            _while_streaming(service, environ, rate, seconds, queries, folder)
        with service.running() as ready:
            reports = service.about()["reports"]
            print(f"ready again after {ready.ready:.1f} s, from what was kept, with {reports:,} reports")


def _while_streaming(
    service: Service, environ: dict[str, str], rate: int, seconds: float, queries: float, folder: Path
) -> None:
    command = [sys.executable, "-m", "deploy.command", "ingest"]
    with Process("ingest", command, folder / "ingest.log", environ) as ingest:
        time.sleep(SETTLE_SECONDS)  # in which ingest starts
        stream = Stream(environ, rate, seconds)
        with Questions(service.url, queries) as before:
            time.sleep(seconds)
        spent = cpu_seconds(service.process), cpu_seconds(ingest)
        with stream, Questions(service.url, queries) as meanwhile:
            time.sleep(seconds + SETTLE_SECONDS)
            serve, consume = cpu_seconds(service.process) - spent[0], cpu_seconds(ingest) - spent[1]
            load = os.getloadavg()[0]
            print(f"processor: serve {serve:.1f} s, ingest {consume:.1f} s; the machine's load is {load:.1f}")
            print(f"at {rate:,} events/s: {service.about()}", flush=True)
        for name, asked in (("before", before), ("meanwhile", meanwhile)):
            p50, p99 = np.quantile(asked.milliseconds, (0.5, 0.99))
            counts = f"{len(asked.milliseconds):,}, {len(asked.errors)} failed"
            print(f"queries {name}: {counts}, p50 {p50:.1f} ms, p99 {p99:.1f} ms", flush=True)


def main() -> None:
    """Read the sizes and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", type=int, default=1_000_000, help="reports held before")
    parser.add_argument("--rate", type=int, default=2_000, help="events a second")
    parser.add_argument("--seconds", type=float, default=60, help="how long they come")
    parser.add_argument("--queries", type=float, default=5, help="questions a second")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paygauge-freshness-") as folder:
        bench(given.held, given.rate, given.seconds, given.queries, Path(folder))


if __name__ == "__main__":
    main()
