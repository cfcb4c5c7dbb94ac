"""What the service holds for a report, in bytes: `python -m tests.bench.engines.memory --reports 5000000`."""

import argparse
import ctypes
import gc
import os
from pathlib import Path

from service.figures.index import Index
from service.figures.warming import warm
from tests.bench.engines.reports import make_reports

SEED = 7
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Return the resident bytes of this process, after giving back what is free."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES


def main() -> None:
    """Build a warm index and print what it adds to the process, a report, beside the compiled code that any needs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=5_000_000)
    count = parser.parse_args().reports
    start = resident()
    warm()
    before = resident()
    index = Index(make_reports(count, SEED).columns())
    index.warm()
    held = resident() - before
    arrays = sum(array.nbytes for array in index.columns.arrays.values())
    print(f"compiled code: {(before - start) / 1e6:.0f} MB, however many reports there are")
    print(f"{count:,} reports: {held / count:.1f} bytes a report resident, of which columns {arrays / count:.1f}")


if __name__ == "__main__":
    main()
