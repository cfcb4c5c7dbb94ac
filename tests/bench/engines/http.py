"""A filter and five percentiles through GraphQL over HTTP: `python -m tests.bench.engines.http --reports 5000000`."""

import argparse
import http.client
import json
import multiprocessing
import socket
import statistics
import time
from itertools import product
from typing import Any
from unittest.mock import patch

import uvicorn
from pyroaring import BitMap

from schema.vocabulary import Level
from service.app import create_app
from service.documents import columns_of
from service.figures.index import Index
from service.figures.snapshot import Snapshot
from service.http import BoundedHTTPProtocol
from service.settings import ServiceSettings
from tests.bench.engines.reports import make_reports

SEED = 7
ROUNDS = 5
QUERY = """query ($level: [Level!], $place: [String!]) { cohort(where: {level: $level, place: $place}) {
    distribution { quantiles { p estimate { value low high } } } } }"""


class Still:
    """A feed that has loaded one snapshot, and to which nothing comes."""

    connected = current = True

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


def serve(count: int, port: int) -> None:
    """Serve the real API over a snapshot of synthetic reports, in the place of the feed's. No answer is kept."""
    reports = make_reports(count, SEED)
    index = Index(reports.columns())
    index.warm()
    snapshot = Snapshot(index, BitMap(), Index(columns_of(())), reports.books)
    # MongoDB is not asked for anything but keys, and none is sent
    settings = ServiceSettings(mongo="mongodb://127.0.0.1", cache_megabytes=0, cache_seconds=0, requests_per_minute=0)
    with patch("service.app.Feed", return_value=Still(snapshot)):
        uvicorn.run(
            create_app(settings),
            http=BoundedHTTPProtocol,
            host="127.0.0.1",
            port=port,
            log_level="warning",
            access_log=False,
        )


def ask(connection: http.client.HTTPConnection, variables: dict[str, Any]) -> float:
    """Return how long an answer took, in milliseconds. Raises RuntimeError for one with errors."""
    body = json.dumps({"query": QUERY, "variables": variables})
    started = time.perf_counter()
    connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
    answer = connection.getresponse().read()
    took = 1_000 * (time.perf_counter() - started)
    if b'"errors"' in answer:
        raise RuntimeError(answer.decode())
    return took


def main() -> None:
    """Start the server, ask filters that it has not just answered, and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=5_000_000)
    count = parser.parse_args().reports
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(count, port), daemon=True)
    server.start()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    _wait(connection)
    countries = make_reports(1, SEED).books["country"].values[1:11]  # type: ignore[index]  a Dimension is a str
    filters = [{"level": [level.name], "place": [place]} for level, place in product(Level, countries)]
    ask(connection, filters[0])
    # more filters than the snapshot remembers cohorts, so that each is cold again in the next round
    times = sorted(ask(connection, asked) for _ in range(ROUNDS) for asked in filters)
    p99 = times[int(0.99 * len(times))]
    print(f"{count:,} reports, {len(times)} answers: p50 {statistics.median(times):.2f} ms, p99 {p99:.2f} ms")
    server.terminate()
    server.join()


def _wait(connection: http.client.HTTPConnection) -> None:
    while True:
        try:
            connection.connect()
        except ConnectionRefusedError:
            time.sleep(0.2)
        else:
            return


if __name__ == "__main__":
    main()
