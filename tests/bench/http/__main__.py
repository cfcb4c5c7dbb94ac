"""The API over HTTP beside graphql-yoga and mercurius with graphql-jit: `python -m tests.bench.http`.

The others give our own answers from memory, so that theirs is the cost of a GraphQL server and nothing else. Each
server runs on one core, and the load on another. Each connection sends requests of its own, so that none waits for the
answer to another's.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from string import digits
from typing import Any

import httpx2
from pymongo import MongoClient
from rich.console import Console
from rich.table import Table

from deploy.embedded.mongo import MongoServer
from deploy.embedded.ports import free_ports
from schema.document import Document
from schema.vocabulary import Level
from tests.bench.engines.documents import make_documents
from tests.serving import served

PEERS = Path(__file__).with_name("peers")
SDL = Path(__file__).parents[3] / "schema" / "api.graphql"
SEED = 7
ROUNDS = 3
CONNECTIONS, SECONDS = 10, 5
JSON = {"Content-Type": "application/json"}
SERVER_CORE, LOAD_CORE = 0, 1
REPEATED_FIGURES = 4
"""The 32 figures have 252 objects each time, over the reports here."""
NOTHING_KEPT = {"PAYGAUGE_CACHE_MEGABYTES": "0"}

FIVE = "distribution { quantiles(ps: [0.1, 0.25, 0.5, 0.75, 0.9]) { p estimate { value low high } } }"
METROS = """breakdown(by: [METRO], first: 20) { nodes { keys { code label }
  cohort { distribution { median { value low high } } } } }"""
TERMS = "breakdown(by: [METRO, LEVEL], first: 500) { nodes { keys { code label } } }"
FIGURES = """figures { number section title claim statement unit estimate { value low high kind }
  sample { reports contributors } parts { label estimate { value low high } sample { reports } }
  suppression { reason message } }"""
FILTERED = "query ($where: CohortFilter!) { cohort(where: $where) { %s } }"
YOGA, MERCURIUS = "graphql-yoga", "mercurius + jit"
PROGRAMS = {YOGA: "yoga.mjs", MERCURIUS: "mercurius.mjs"}


@dataclass(frozen=True)
class Question:
    """A query, the filters that it is asked with in turn, and who else is asked."""

    text: str
    query: str
    filters: list[dict[str, Any]]
    # graphql-jit never ends compiling variables of a type that contains itself, as filters do
    peers: tuple[str, ...] = (YOGA,)
    is_kept: bool = True
    """Whether answers are kept by ours, too."""

    @property
    def bodies(self) -> list[str]:
        """What is sent."""
        return [
            json.dumps({"query": self.query, "variables": {"where": where} if where else {}}) for where in self.filters
        ]


def filters() -> list[dict[str, Any]]:
    """Return filters of cohorts that all differ, in no order: more than are asked for, and all leave many reports."""
    pairs = [[one.name, other.name] for one, other in product(Level, Level) if one.name < other.name]
    starts = [f"{year}-{month:02}-01" for year in (2020, 2021) for month in range(1, 13)]
    ends = [f"{year}-{month:02}-01" for year in (2023, 2024) for month in range(1, 13)]
    found = [
        {"level": levels, "effective": {"from": start, "to": end}}
        for levels, start, end in product(pairs, starts, ends)
    ]
    Random(SEED).shuffle(found)
    return found


QUESTIONS = [
    Question("kept: five percentiles, 20 metros", f"{{ cohort {{ {FIVE} {METROS} }} }}", [{}], (YOGA, MERCURIUS)),
    Question("computed: the same, each time of another cohort", FILTERED % f"{FIVE} {METROS}", filters()),
    Question("computed: 500 groups, 1,000 terms", FILTERED % TERMS, filters()),
    Question(
        "from memory: the 32 figures, four times, 1,000 objects",
        f"{{ {' '.join(f'figures{number}: {FIGURES}' for number in range(REPEATED_FIGURES))} }}",
        [{}],
        (YOGA, MERCURIUS),
        is_kept=False,
    ),
]


@contextmanager
def ours(count: int, folder: Path) -> Iterator[dict[bool, str]]:
    """Serve synthetic reports from a MongoDB, as an operator would: by whether answers are kept."""
    with MongoServer(folder / "mongo", folder / "mongo.log") as server:
        server.wait_until_ready()
        client: MongoClient[Document] = MongoClient(server.uri)
        client["paygauge"]["reports"].insert_many(make_documents(count, SEED))
        client.close()
        environ = {"PAYGAUGE_MONGO": server.uri, "PAYGAUGE_REQUESTS_PER_MINUTE": "0"}
        with (
            served(environ, folder / "serve.log") as keeping,
            served({**environ, **NOTHING_KEPT}, folder / "serve.log") as computing,
        ):
            yield {True: f"{keeping}/graphql", False: f"{computing}/graphql"}


@contextmanager
def peer(name: str, answer: Path) -> Iterator[str]:
    """Run one of the others on an answer."""
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}/graphql"
    arguments = ["node", PROGRAMS[name], str(SDL), str(answer), str(port)]
    # PyPI's node is a script that starts the real one: both are to end
    with subprocess.Popen(arguments, cwd=PEERS, start_new_session=True) as process:
        try:
            while not _answers(url):
                time.sleep(0.05)
            yield url
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def _answers(url: str) -> bool:
    try:
        return httpx2.post(url, json={"query": "{ __typename }"}).status_code == 200
    except httpx2.TransportError:
        return False


def load(url: str, question: Question, first: int, count: int) -> dict[str, float]:
    """Return requests a second and milliseconds, under as much load as some connections make with some filters."""
    bodies = question.bodies[first : first + count]
    sent = {"url": url, "connections": CONNECTIONS, "seconds": SECONDS, "bodies": bodies}
    command = ["taskset", "--cpu-list", str(LOAD_CORE), "node", "load.mjs"]
    done = subprocess.run(command, cwd=PEERS, input=json.dumps(sent), text=True, capture_output=True, check=True)
    outcome: dict[str, float] = json.loads(done.stdout)
    if outcome["failed"]:
        raise RuntimeError(f"{outcome['failed']} requests to {url} failed.")
    return outcome


def measure(question: Question, urls: dict[str, str]) -> dict[str, dict[str, float]]:
    """Return the median of each server's outcomes; all are asked in turn, so that all meet the same noise."""
    share = len(question.filters) // ROUNDS or 1
    found: dict[str, list[dict[str, float]]] = {name: [] for name in urls}
    for number in range(ROUNDS):
        for name, url in urls.items():
            found[name].append(load(url, question, number * share % len(question.filters), share))
    return {
        name: {key: statistics.median(each[key] for each in outcomes) for key in outcomes[0]}
        for name, outcomes in found.items()
    }


def answer_of(url: str, question: Question) -> Any:
    """Return the data of one answer by field, not alias. Raises RuntimeError where there is none."""
    told = httpx2.post(url, content=question.bodies[0], headers=JSON, timeout=60).json()
    if "errors" in told:
        raise RuntimeError(told["errors"])
    return {alias.rstrip(digits): value for alias, value in told["data"].items()}


def main() -> None:
    """Start the servers, measure each question and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    count = parser.parse_args().reports
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=PEERS, check=True)
    os.sched_setaffinity(0, {SERVER_CORE})  # the servers inherit it
    table = Table("question", "server", "requests/s", "p50, ms", "p99, ms")
    for column in table.columns[2:]:
        column.justify = "right"
    with tempfile.TemporaryDirectory() as folder, ours(count, Path(folder)) as urls:
        for question in QUESTIONS:
            answer, url = Path(folder) / "answer.json", urls[question.is_kept]
            answer.write_text(json.dumps(answer_of(url, question)))
            size = len(httpx2.post(url, content=question.bodies[0], headers=JSON, timeout=60).content)
            with ExitStack() as running:
                others = {name: running.enter_context(peer(name, answer)) for name in question.peers}
                outcomes = measure(question, {"ours": url, **others})
            for name, outcome in outcomes.items():
                numbers = [f"{outcome[key]:,.{digits}f}" for key, digits in (("rate", 0), ("p50", 1), ("p99", 1))]
                table.add_row(f"{question.text}; {size:,} bytes", name, *numbers)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
