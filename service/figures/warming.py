"""Compiled code made ready: read from where earlier starts have kept it, and else compiled."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from service.figures import regression
from service.figures.columns import DTYPES
from service.figures.compiled import counting, is_warm, kinds
from service.figures.dimensions import PROPERTIES
from service.figures.grouping import CodeGrouping

WIDTHS: tuple[type[np.unsignedinteger], ...] = (np.uint8, np.uint16, np.uint32)
"""Of columns of codes: those of a small delta are narrower than those of a large base."""


def warm() -> None:
    """Have everything compiled that a question may need, before anybody waits for it."""
    rows = np.arange(8, dtype=np.uint32)
    codes = rows // 4  # of so many rows that the first is not a middle one
    counting.counting_sort(codes.astype(np.int32), rows, 2)  # of which the look-ups' buckets are
    for width in WIDTHS:
        column: NDArray[np.integer] = codes.astype(width)
        counting.counting_sort(column, rows, 2)
        counting.ends_of(column, rows, True)
        counting.lowest_and_highest(codes.astype(np.uint16), column, rows, 2)
        kinds.ends_of_groups(column, rows, np.array([0, 4, 8]), True)
        _group(CodeGrouping(column, None, rows, 2))
    tables = [(held.column, held.table) for held in PROPERTIES.values() if held.table is not None]
    for (name, table), narrow in product(tables, WIDTHS):
        if np.dtype(narrow).itemsize <= np.dtype(DTYPES[name]).itemsize:
            _group(CodeGrouping(codes.astype(narrow), table, rows, int(table.max()) + 1))
    _kinds()
    regression.warm()
    is_warm.set()


def _kinds() -> None:
    held, counts = kinds.kinds_of(np.zeros((2, 4), np.int64), np.ones(4, bool))
    ends = np.zeros((1, 1), np.int64)
    kinds.let_in_many(held, counts, ends[0], ends[0], ends, ends, 4, 200)


def _group(grouping: CodeGrouping) -> None:
    for code in grouping.counts:
        grouping.rows(code)
        grouping.row(code, 0)
        grouping.row(code, 1)
