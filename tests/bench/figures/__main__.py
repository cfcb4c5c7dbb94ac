"""Figures over a million reports on one core, as GraphQL gives them: `python -m tests.bench.figures`.

Cold: nothing was asked of the snapshot before; of the processor: of that time, what this process got of a core that
others use too; again: the same asked once more. Held up: for how long nothing else on the event loop could run, which
on a busy machine is mostly the wait for the core; by the loop: for how long it was the loop's own work. The premium is
compared with the same regression by sparse matrices, on the same rows.
"""

import argparse
import asyncio
import gc
import os
import statistics
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Any

from rich.console import Console
from rich.table import Table

from service.figures.privacy import Policy
from service.figures.snapshot import Snapshot
from service.graphql.context import Context
from service.graphql.execution import run
from service.graphql.limits import DEFAULTS
from service.graphql.schema import schema
from service.graphql.turns import Turns
from tests.bench.engines.questions import snapshot_of
from tests.bench.engines.reports import make_reports
from tests.bench.figures.peer import ask_both

RUNS = 5
SEED = 7
PROBE_SECONDS = 0.001
LEAST_ANSWER = 0.02
ESTIMATE = "{ value low high }"
RARER_ROLE = "applied-scientist"
"""Of 6% of the reports, so that its metros have a few hundred each, below which privacy looks around the most."""


@dataclass(frozen=True)
class Case:
    """A query, and the milliseconds that it may take cold, None where nothing was promised."""

    query: str
    bar: float | None = None


CASES = {
    "premium of a skill, 6 controls": Case(
        f'{{ cohort {{ premium(dimension: SKILL, value: "pytorch") {{ adjusted {ESTIMATE} verdict }} }} }}', 150
    ),
    "index of 20 quarters at constant mix": Case(
        f"{{ cohort {{ trend(interval: QUARTER) {{ points {{ adjusted {ESTIMATE} }} }} }} }}", 200
    ),
    "an offer": Case(
        """{ evaluateOffer(offer: {title: "Senior Machine Learning Engineer", place: "New York", currency: "USD",
        base: 190000, bonus: 20000, stockPerYear: 40000}) { percentile { value low high } verdict
        parts { measure percentile { value } } widened { dimension reportsAfter } } }""",
        20,
    ),
    "the 32 figures": Case("{ figures { number statement } }", 3_000),
    "60 months with medians": Case(
        f"{{ cohort {{ trend(interval: MONTH) {{ points {{ raw {ESTIMATE} }} forecast {{ points {{ value }} }} }} }} }}"
    ),
    "200 metros with medians": Case(
        "{ cohort { breakdown(by: [METRO], first: 200) { nodes { cohort { distribution { median { value } } } } } } }"
    ),
    "200 metros of a rarer role": Case(
        f'{{ cohort(where: {{role: ["{RARER_ROLE}"]}}) {{ breakdown(by: [METRO], first: 200) {{ '
        "nodes { cohort { distribution { median { value } } } } } } }"
    ),
}


@dataclass
class Probe:
    """How much later than it should a coroutine comes to run, and for how long the loop itself worked meanwhile, in
    milliseconds.
    """

    late: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Sleep again and again, and write down by how much too long."""
        while True:
            started, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(PROBE_SECONDS)
            self.late.append(1_000 * (time.perf_counter() - started - PROBE_SECONDS))
            self.busy.append(1_000 * (time.thread_time() - worked))


@asynccontextmanager
async def probing() -> AsyncIterator[Probe]:
    """Run a probe beside what is measured."""
    probe = Probe()
    task = asyncio.ensure_future(probe.run())
    await asyncio.sleep(LEAST_ANSWER)
    yield probe
    await asyncio.sleep(LEAST_ANSWER)
    task.cancel()


def fresh(snapshot: Snapshot) -> Snapshot:
    """Return the same reports as a snapshot of which nothing was asked yet."""
    return replace(snapshot, version=snapshot.version + 1, **{name: {} for name in ("_cohorts", "_figures", "_aged")})


async def ask(snapshot: Snapshot, query: str, executor: ThreadPoolExecutor) -> float:
    """Return how long an answer took, in milliseconds. Raises AssertionError for one with errors."""
    held: dict[str, Any] = {
        "snapshot": snapshot,
        "policy": Policy(),
        "executor": executor,
        "limits": DEFAULTS,
    }
    context = Context(**(dict.fromkeys(part.name for part in fields(Context) if part.init) | held))
    operation = schema.documents.prepared(query, DEFAULTS).operation(None)
    started = time.perf_counter()
    answer = await run(schema, operation, {}, context, 0, Turns())
    assert b'"errors"' not in answer.body, answer.body
    return 1_000 * (time.perf_counter() - started)


async def idle() -> float:
    """Return for how long the machine itself holds up a loop on which nothing else runs."""
    held_up = []
    for _ in range(RUNS):
        async with probing() as probe:
            await asyncio.sleep(10 * LEAST_ANSWER)
        held_up.append(max(probe.late))
    return statistics.median(held_up)


async def measure(case: Case, snapshot: Snapshot) -> list[float]:
    """Return the medians of a case: cold, of that on the processor, again, the loop held up, and by the loop itself."""
    cold, busy, again, held_up, own = [], [], [], [], []
    with ThreadPoolExecutor(2) as executor:
        await ask(fresh(snapshot), case.query, executor)  # so that the query is parsed and the code is compiled
        for _ in range(RUNS):
            unasked, started = fresh(snapshot), time.process_time()
            async with probing() as probe:
                cold.append(await ask(unasked, case.query, executor))
            busy.append(1_000 * (time.process_time() - started))
            again.append(await ask(unasked, case.query, executor))
            held_up.append(max(probe.late))
            own.append(max(probe.busy))
    return [statistics.median(times) for times in (cold, busy, again, held_up, own)]


def main() -> None:
    """Measure each case and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--only", help="cases whose name contains this")
    asked = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    snapshot = snapshot_of(make_reports(asked.reports, SEED))
    _ = snapshot.repeated(snapshot.base)
    gc.freeze()  # as the service does
    load = os.getloadavg()[0]
    table = Table(title=f"{asked.reports:,} reports, one core, milliseconds; load average {load:.1f}")
    for name in ("what is asked", "cold", "of the processor", "at most", "again", "held up", "by the loop"):
        table.add_column(name, justify="left" if name == "what is asked" else "right")
    table.add_row("nothing", "", "", "", "", f"{asyncio.run(idle()):,.0f}", "")
    for name, case in CASES.items():
        if asked.only and asked.only not in name:
            continue
        cold, busy, again, held_up, own = asyncio.run(measure(case, snapshot))
        bar = f"{case.bar:,.0f}" if case.bar else ""
        table.add_row(name, f"{cold:,.0f}", f"{busy:,.0f}", bar, f"{again:,.1f}", f"{held_up:,.0f}", f"{own:,.1f}")
    console = Console(width=110)
    console.print(table)
    if not asked.only:
        ours, theirs = ask_both(snapshot, RUNS)
        console.print(
            f"The premium's regression: ours {ours:,.0f} ms, by sparse matrices {theirs:,.0f} ms: {theirs / ours:.1f}x"
        )


if __name__ == "__main__":
    main()
