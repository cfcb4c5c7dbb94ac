"""Six questions put to our columns, DuckDB and chDB in one run: `python -m tests.bench.engines --reports 5000000`.

Every engine answers exactly, with quantiles of type 7, from a table of its own; ours on one thread, the others on all
cores. Times are medians of warm runs, in milliseconds. The answers are compared.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from tests.bench.engines.peers import peers
from tests.bench.engines.questions import (
    QUESTIONS,
    Answer,
    Ask,
    changed,
    plain,
    published,
    snapshot_of,
    ways_of,
    with_intervals,
)
from tests.bench.engines.reports import make_reports

RUNS = 25
WARMING = 2
PAUSE_SECONDS = 0.05
SEED = 7


def measure(asks: dict[str, Ask]) -> tuple[dict[str, float], dict[str, Answer]]:
    """Return the median time of each way to ask, in milliseconds, and the answers.

    All are asked in turn, so that all meet the same noise, after a pause, so that none meets threads that another has
    not put to rest yet; each run comes right after two more, so that all are warm.
    """
    times: dict[str, list[float]] = {name: [] for name in asks}
    answers = {}
    for _ in range(RUNS):
        for name, ask in asks.items():
            time.sleep(PAUSE_SECONDS)
            for _ in range(WARMING):
                ask()
            started = time.perf_counter()
            answers[name] = ask()
            times[name].append(1_000 * (time.perf_counter() - started))
    return {name: statistics.median(found) for name, found in times.items()}, answers


def compare(one: Answer, other: Answer) -> None:
    """Raise AssertionError where two answers differ."""
    assert one.keys() == other.keys(), (len(one), len(other))
    for code, values in one.items():
        np.testing.assert_allclose(values, other[code], rtol=1e-9)


def bench(count: int, console: Console) -> None:
    """Measure the questions over this many reports and print the table."""
    reports = make_reports(count, SEED)
    snapshot = snapshot_of(reports)
    later = changed(snapshot, SEED + 1)
    ours = {
        "ours": ways_of(snapshot, plain),
        "with intervals": ways_of(snapshot, with_intervals),
        "published": ways_of(snapshot, published),
        "with a delta": ways_of(later, plain),
    }
    table = Table(title=f"{count:,} reports, milliseconds; load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, peers(reports, Path(folder)) as theirs:
        for name in ("question", *ours, *theirs, "ratio", "with intervals"):
            table.add_column(name, justify="left" if name == "question" else "right")
        for name, question in QUESTIONS.items():
            times, answers = measure({way: asks[name] for way, asks in (ours | theirs).items()})
            for way in ("with intervals", *theirs):
                compare(answers["ours"], answers[way])
            fastest = min(times[peer] for peer in theirs)
            ratios = [f"{fastest / times[way]:,.1f}x" for way in ("ours", "with intervals")]
            table.add_row(f"{name} {question.text}", *(f"{cell:,.2f}" for cell in times.values()), *ratios)
    console.print(table)


def main() -> None:
    """Read the sizes and measure each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, nargs="+", default=[1_000_000, 5_000_000])
    for count in parser.parse_args().reports:
        bench(count, Console(width=150))


if __name__ == "__main__":
    main()
