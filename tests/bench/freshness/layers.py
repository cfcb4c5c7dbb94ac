"""What a restart, a change and a join cost: `python -m tests.bench.freshness.layers --reports 1000000 5000000`.

In processor time of the thread that does it, which other work on the machine hardly changes.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from service import layers
from service.documents import LAYOUT, Encoder, Row
from service.figures import warming
from service.figures.columns import merge
from service.figures.dimensions import Codebooks
from service.figures.index import Index
from service.layers import Layers
from service.shelf import Moment, Shelf
from tests.bench.engines.documents import make_documents
from tests.bench.engines.reports import make_reports

T = TypeVar("T")
SEED = 7
KINDS = 2_000
CHANGED, DELTAS = 200, (2_000, 20_000, 50_000, 100_000)


def bench(count: int) -> None:
    """Measure with this many reports held, and print."""
    reports = make_reports(count, SEED)
    base = _warm(Index(reports.columns()))
    moment = Moment({}, 1, None, reports.books)
    with tempfile.TemporaryDirectory() as folder:
        saving, _ = spent(lambda: Shelf(Path(folder), "bench").save_base(base, moment))
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        reading, _ = spent(lambda: [_warm(found[0]) for found in [Shelf(Path(folder), "bench").load()] if found])
    print(f"{count:,} reports: {size / 1e6:.0f} MB kept in {saving:.2f} s, ready again in {reading:.2f} s", flush=True)
    warming.warm()
    layers.DELTA_ROWS = 10 * max(DELTAS)  # no join of their own accord
    held, rows = Layers(base, moment, lambda *_: None), _rows(reports.books)
    for delta in DELTAS:
        held.apply(dict(next(rows) for _ in range(delta - CHANGED - len(held.rows))), {})
        few = dict(next(rows) for _ in range(CHANGED))
        took, _ = spent(lambda few=few: held.apply(few, {}))  # type: ignore[misc]  # called at once
        print(f"  {CHANGED} changes beside {delta:,}: {1e3 * took:.1f} ms", flush=True)
    now = held.snapshot
    joining, _ = spent(lambda: _warm(Index(merge(now.base.columns, now.dead, now.delta.columns))))
    print(f"  joined in {joining:.2f} s", flush=True)


def _rows(books: Codebooks) -> Iterator[tuple[int, Row]]:
    rng, encoder = np.random.default_rng(SEED), Encoder(books)
    kinds = [encoder.row_of(document) for document in make_documents(KINDS, SEED)]
    while True:
        packed, specializations, skills = kinds[rng.integers(KINDS)]
        table = np.frombuffer(packed, LAYOUT).copy()
        table["id"], table["contributor"] = rng.integers(1, 2**63, 2)
        table["total"] *= rng.uniform(0.7, 1.4)
        yield int(table["id"][0]), (table.tobytes(), specializations, skills)


def spent(work: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds of processor that this thread spent, and what the work returned."""
    started = time.thread_time()
    result = work()
    return time.thread_time() - started, result


def _warm(index: Index) -> Index:
    index.warm()
    return index


def main() -> None:
    """Read the sizes and measure each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, nargs="+", default=[1_000_000, 5_000_000])
    for count in parser.parse_args().reports:
        bench(count)


if __name__ == "__main__":
    main()
