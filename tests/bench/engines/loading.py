"""How long loading and merging take: `python -m tests.bench.engines.loading --reports 5000000`."""

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import bson
import numpy as np

from service.documents import Encoder, columns_of, join_chunks
from service.figures.bitmaps import pack
from service.figures.columns import merge
from service.figures.dimensions import new_codebooks
from service.figures.index import Index
from service.loading import LOADED_AT_ONCE
from service.reader import Reader
from tests.bench.engines.documents import make_documents
from tests.bench.engines.reports import make_reports

T = TypeVar("T")
SEED = 7
RUNS = 5
DOCUMENTS = 20_000
DELTA_ROWS = 100_000
SOUGHT = 20_000


def fastest(work: Callable[[], T], runs: int = RUNS) -> tuple[float, T]:
    """Return the shortest of some runs in seconds, and what the work returned."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - started)
    return min(times), result


def documents() -> None:
    """Measure what a document takes on its way from BSON to the columns: all at once, and one by one."""
    raw = [bson.encode(document) for document in make_documents(DOCUMENTS, SEED)]
    decoded = [bson.decode(each) for each in raw]
    encoder = Encoder(new_codebooks())
    decoding, _ = fastest(lambda: [None for each in raw if not bson.decode(each)])
    reading, _ = fastest(lambda: [None for document in decoded if not encoder.row_of(document)])
    rows = [encoder.row_of(document) for document in decoded]
    placing, _ = fastest(lambda: columns_of(rows))
    batches = [b"".join(raw[start : start + LOADED_AT_ONCE]) for start in range(0, DOCUMENTS, LOADED_AT_ONCE)]
    reader = Reader(encoder)
    at_once, chunks = fastest(lambda: [chunk for batch in batches for chunk in reader.read(batch)])
    joining, _ = fastest(lambda: join_chunks(chunks))
    parts = {"BSON at once": at_once, "chunks to columns": joining}
    parts |= {"by itself, BSON to document": decoding, "document to row": reading, "rows to columns": placing}
    shown = ", ".join(f"{name} {1e6 * seconds / DOCUMENTS:.1f}" for name, seconds in parts.items())
    print(f"microseconds a document: {shown}")


def index(count: int) -> None:
    """Measure what is done to whole columns."""
    reports = make_reports(count, SEED)
    sorting, columns = fastest(reports.columns, 1)
    warming, base = fastest(lambda: _warm(Index(columns)), 2)
    delta = make_reports(DELTA_ROWS, SEED + 1).columns()
    dead = pack(np.arange(0, count, 2 * count // DELTA_ROWS, dtype=np.uint32))
    merging, _ = fastest(lambda: merge(columns, dead, delta), 2)
    sought = columns["id"][:: count // SOUGHT]
    finding, _ = fastest(lambda: base.find(sought))
    print(
        f"{count:,} reports: sorted in {sorting:.1f} s, indexed in {warming:.1f} s, merged with a delta of "
        f"{DELTA_ROWS:,} in {merging:.1f} s; {len(sought):,} ids found in {1e3 * finding:.1f} ms"
    )


def _warm(made: Index) -> Index:
    made.warm()
    return made


def main() -> None:
    """Read the sizes and measure each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, nargs="+", default=[1_000_000, 5_000_000])
    documents()
    for count in parser.parse_args().reports:
        index(count)


if __name__ == "__main__":
    main()
