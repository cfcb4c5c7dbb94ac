"""Mixed load while reports arrive: `python -m tests.bench.mixed --held 1000000 --rate 1000 --minutes 5`.

Of all questions, 80% are dashboards that others ask too, 15% are filters that nobody has asked, 5% are premiums.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import httpx2
import numpy as np

import schema
from schema.terms import load_terms
from tests.bench.whole import Arrivals, processor_seconds, resident_megabytes, service_process, whole_path

SEED = 7
P99_BAR_MS, FRESHNESS_BAR_SECONDS = 250.0, 2.0
SHARES = {"dashboard": 0.80, "filter": 0.15, "premium": 0.05}
FOLDER = Path(schema.__file__).parent / "examples" / "operations"
DASHBOARD, PREMIUM = ((FOLDER / f"{name}.graphql").read_text() for name in ("dashboard", "premium"))
FILTER = """query ($where: CohortFilter!) { cohort(where: $where) { sample { reports }
  distribution { quantiles { p estimate { value low high } } suppression { reason } }
  breakdown(by: [LEVEL]) { nodes { keys { code } cohort { distribution { median { value } } } } } } }"""
FRESHNESS = "{ about { reports freshness { p50 p99 } } }"
MEMORY_SECONDS = 10.0
ARRIVED_SECONDS = 3_600.0
"""Of an older one nothing has arrived yet since the bench began."""


class Answered(NamedTuple):
    """A question, how many milliseconds its answer took, what was wrong with it, and of a dashboard how old it was.

    That is how many seconds ago the newest report that it counts had come to Kafka.
    """

    kind: str
    ms: float
    wrong: str
    age: float | None


class Client:
    """One who asks at a steady pace, whatever the answers take."""

    def __init__(self, url: str, seed: int) -> None:
        self._choose = Random(seed)
        self._http = httpx2.AsyncClient(base_url=url, timeout=30)
        self.answered: list[Answered] = []

    async def ask(self, pause: float, until: float) -> None:
        """Ask until a moment of time.monotonic()."""
        asks: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
            "dashboard": self._dashboard,
            "filter": self._filter,
            "premium": self._premium,
        }
        async with self._http:
            while (started := time.monotonic()) < until:
                (kind,) = self._choose.choices(list(SHARES), list(SHARES.values()))
                query, variables = asks[kind]()
                wrong, age = await self._wrong(query, variables)
                took = time.monotonic() - started
                self.answered.append(Answered(kind, 1_000 * took, wrong, age))
                await asyncio.sleep(max(0.0, pause - took))

    async def _wrong(self, query: str, variables: dict[str, Any]) -> tuple[str, float | None]:
        try:
            response = await self._http.post("/graphql", json={"query": query, "variables": variables})
        except httpx2.TransportError as error:
            return type(error).__name__, None
        answer = response.json()
        if "errors" in answer:
            return json.dumps(answer["errors"][0])[:200], None
        through = answer["data"].get("about", {}).get("dataThrough")
        age = datetime.now(UTC) - datetime.fromisoformat(through) if through else None
        return "", age and age.total_seconds()

    def _dashboard(self) -> tuple[str, dict[str, Any]]:
        roles = sorted(load_terms("role"))[:10]
        return DASHBOARD, {"where": {"role": [self._choose.choice(roles)]}}

    def _filter(self) -> tuple[str, dict[str, Any]]:
        roles, countries = list(load_terms("role")), ("US", "DE", "IN", "GB", "CA")
        least, more = self._choose.randrange(20), self._choose.randrange(20)
        drawn = {"role": self._choose.sample(roles, 3), "place": [self._choose.choice(countries)]}
        return FILTER, {"where": {**drawn, "experienceYears": {"min": least, "max": least + more}}}

    def _premium(self) -> tuple[str, dict[str, Any]]:
        role, skill = self._choose.choice(list(load_terms("role"))), f"skill-{self._choose.randrange(150)}"
        return PREMIUM, {"where": {"role": [role]}, "dimension": "SKILL", "value": skill}


async def run(kafka: str, url: str, rate: int, seconds: float, clients: int, asked: float) -> None:
    """Ask and send for so many seconds, and print the figures."""
    asking = [Client(url, SEED + number) for number in range(clients)]
    arrivals, memory = Arrivals(kafka, rate), Memory(url)
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        group.create_task(arrivals.send(seconds))
        group.create_task(memory.watch(until))
        for client in asking:
            group.create_task(client.ask(clients / asked, until))
    found = [each for client in asking for each in client.answered]
    load = os.getloadavg()[0]
    print(f"the service computed {memory.computed():.0f} s in {seconds:.0f} s; the machine's load is {load:.1f}")
    async with httpx2.AsyncClient() as http:
        about = (await http.post(f"{url}/graphql", json={"query": FRESHNESS})).json()["data"]["about"]
    print_figures(found, seconds, len(arrivals.moments), memory, about)


class Memory:
    """The service's resident memory, now and then, in megabytes, and how long it has computed."""

    def __init__(self, url: str) -> None:
        self._process = service_process(url)
        self._began = processor_seconds(self._process)
        self.seen: list[float] = []

    def computed(self) -> float:
        """Return how long it has computed since, in all of its threads."""
        return processor_seconds(self._process) - self._began

    async def watch(self, until: float) -> None:
        """Look until a moment of time.monotonic()."""
        while time.monotonic() < until:
            self.seen.append(await asyncio.to_thread(resident_megabytes, self._process))
            await asyncio.sleep(MEMORY_SECONDS)


def print_figures(found: list[Answered], seconds: float, arrived: int, memory: Memory, about: dict[str, Any]) -> None:
    """Print latency by kind of question, errors, memory and freshness."""
    wrong = [each.wrong for each in found if each.wrong]
    rates = f"{len(found) / seconds:,.0f} questions and {arrived / seconds:,.0f} reports a second"
    print(f"{rates}, {about['reports']:,} reports held at the end")
    for kind in (*SHARES, ""):
        times = [each.ms for each in found if kind in ("", each.kind)]
        p50, p99, longest = np.quantile(times, [0.5, 0.99, 1.0])
        print(f"{kind or 'all'}: {len(times):,} answers, p50 {p50:.1f} ms, p99 {p99:.0f} ms, longest {longest:.0f} ms")
    print(f"bar: p99 of all under {P99_BAR_MS:.0f} ms")
    ages = [each.age for each in found if each.age is not None and each.age < ARRIVED_SECONDS]
    print("age of dashboards: p50 {:.2f} s, p99 {:.2f} s, oldest {:.2f} s".format(*np.quantile(ages, [0.5, 0.99, 1.0])))
    print(f"errors: {len(wrong)} {sorted(set(wrong))[:3]}")
    shown = [memory.seen[int(share * (len(memory.seen) - 1))] for share in (0, 0.5, 1)]
    print("memory: " + ", ".join(f"{each:,.0f}" for each in shown) + " MB at the beginning, the middle and the end")
    print(f"freshness: {about['freshness']} seconds (bar: p99 under {FRESHNESS_BAR_SECONDS:g})")


def main() -> None:
    """Run the whole path on this machine and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", type=int, default=1_000_000, help="reports that are there before")
    parser.add_argument("--rate", type=int, default=1_000, help="reports a second")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--asked", type=float, default=100, help="questions a second, of all clients together")
    options = parser.parse_args()
    with whole_path(options.held, PAYGAUGE_REQUESTS_PER_MINUTE="0") as path:
        seconds = 60 * options.minutes
        asyncio.run(run(path.kafka, path.url, options.rate, seconds, options.clients, options.asked))


if __name__ == "__main__":
    main()
