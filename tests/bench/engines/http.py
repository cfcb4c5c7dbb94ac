"""A filter and five percentiles through GraphQL over HTTP: `python -m tests.bench.engines.http --reports 5000000`."""

import argparse
import http.client
import json
import multiprocessing
import socket
import statistics
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import product
from types import SimpleNamespace
from typing import Any

import uvicorn
from pyroaring import BitMap
from starlette.applications import Starlette
from starlette.routing import Route

from schema.vocabulary import Level
from service.documents import columns_of
from service.figures.index import Index
from service.figures.privacy import Policy
from service.figures.snapshot import Snapshot
from service.graphql.schema import schema
from service.graphql.view import GraphQLView
from tests.bench.engines.reports import make_reports

SEED = 7
ROUNDS = 5
QUERY = """query ($level: [Level!], $place: [String!]) { cohort(where: {level: $level, place: $place}) {
    distribution { quantiles { p estimate { value low high } } } } }"""


def serve(count: int, port: int) -> None:
    """Serve the real API over a snapshot of synthetic reports, in the place of the feed's."""
    reports = make_reports(count, SEED)
    index = Index(reports.columns())
    index.warm()
    snapshot = Snapshot(index, BitMap(), Index(columns_of(())), reports.books)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        with ThreadPoolExecutor(2) as executor:
            feed = SimpleNamespace(snapshot=snapshot, connected=True)
            yield {"feed": feed, "policy": Policy(), "executor": executor, "ingestion": None, "client": None}

    app = Starlette(routes=[Route("/graphql", GraphQLView(schema))], lifespan=lifespan)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


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
