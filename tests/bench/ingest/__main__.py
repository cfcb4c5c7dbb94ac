"""A backlog into MongoDB, fresh and again: `python -m tests.bench.ingest --reports 100000 --processes 2`."""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from deploy.embedded.process import Process
from deploy.sources.demo import demo_events
from deploy.sources.publish import publish
from ingest.settings import IngestSettings
from ingest.topics import create_topics
from tests.bench.ingest.connector import connect
from tests.bench.ingest.watch import Cost, Pids, watch
from tests.bench.servers import downloads_folder, servers

SEED = 7
FRESH_BAR, AGAIN_BAR = 35_000, 45_000  # events a second
TIMES_BAR = 2.0  # the connector's rate
OURS, PEER = "ingest", "sink connector"


class Run(NamedTuple):
    """One way through the backlog: by whom, in which round, into a fresh database or into one that has it all."""

    party: str
    round: int
    again: bool

    @property
    def database(self) -> str:
        return f"{self.party.replace(' ', '-')}-{self.round}"

    @property
    def group(self) -> str:
        return f"{self.database}-{'again' if self.again else 'fresh'}"


class Bench:
    """The servers, with the backlog in the topic."""

    def __init__(self, processes: int, folder: Path, downloads: Path, kafka: KafkaServer, mongo: MongoServer) -> None:
        self._count, self._folder, self._downloads = processes, folder, downloads
        self._kafka, self._mongo = kafka, mongo
        self._settings = IngestSettings(kafka=kafka.bootstrap, mongo=mongo.uri)

    async def fill(self, reports: int) -> int:
        """Publish the backlog of so many reports, and return how many events it is."""
        await create_topics(self._settings)
        return (await publish(demo_events(reports, SEED), self._settings)).sent

    async def cost(self, run: Run) -> Cost:
        """Start the party, and return what the backlog cost it."""
        with self._running(run) as processes:
            pids = Pids(*[[server.pid or 0 for server in some] for some in (processes, [self._mongo], [self._kafka])])

            def check() -> None:
                for process in processes:
                    process.check()

            return await watch(self._settings.kafka, self._settings.topic, run.group, pids, check)

    @contextmanager
    def _running(self, run: Run) -> Iterator[Sequence[Process]]:
        with ExitStack() as running:
            yield [running.enter_context(process) for process in self._processes(run)]

    def _processes(self, run: Run) -> list[Process]:
        if run.party == PEER:
            where = {"topic": self._settings.topic, "database": run.database, "group": run.group}
            where |= {"bootstrap": self._settings.kafka, "mongo": self._mongo.uri}
            return [connect(self._folder / run.group, self._downloads, tasks=self._count, **where)]
        environ = {"KAFKA": self._settings.kafka, "MONGO": self._settings.mongo}
        environ |= {"DATABASE": run.database, "GROUP": run.group}
        environ = {**os.environ, **{f"PAYGAUGE_{name}": value for name, value in environ.items()}}
        return [
            Process(
                "ingest",
                [sys.executable, "-m", "deploy.command", "ingest"],
                self._folder / f"{run.group}-{number}.log",
                environ,
            )
            for number in range(self._count)
        ]


def table(costs: dict[Run, Cost]) -> Iterator[str]:
    """Yield the lines of a table: the median of the rounds for each party, fresh and again."""
    yield "| | events/s | of the rounds | consumer, CPU us an event | mongod | broker |"
    yield "|---|---:|---|---:|---:|---:|"
    for party, again in dict.fromkeys((run.party, run.again) for run in costs):
        of_these = [cost for run, cost in costs.items() if (run.party, run.again) == (party, again)]
        rate, *us = [statistics.median(column) for column in zip(*of_these, strict=True)]
        rounds = ", ".join(f"{cost.rate / 1_000:.1f}k" for cost in of_these)
        name = f"{party}, {'again' if again else 'fresh'}"
        yield f"| {name} | {rate:,.0f} | {rounds} | {' | '.join(f'{each:.1f}' for each in us)} |"


async def measure(bench: Bench, given: argparse.Namespace) -> None:
    print(
        f"{await bench.fill(given.reports):,} events, {given.processes} processes; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    costs: dict[Run, Cost] = {}
    for number in range(given.rounds):
        for party in [OURS] if given.alone else [OURS, PEER]:
            for again in (False, True):
                run = Run(party, number, again)
                costs[run] = await bench.cost(run)
                print(run.group, costs[run], flush=True)
    print(*table(costs), f"load {os.getloadavg()[0]:.1f}", sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ingest", description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2, help="of ingest, and tasks of the connector")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="without the connector")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paygauge-") as name:
        folder = Path(name)
        with servers(folder) as (mongo, kafka):
            asyncio.run(measure(Bench(given.processes, folder, downloads_folder(), kafka, mongo), given))


main()
