"""Extremes: the lowest and the highest code of each column, of many groups of rows at once."""

import numpy as np
from numpy.typing import NDArray

from service.figures.bitmaps import Rows
from service.figures.compiled import counting
from service.figures.dimensions import PROPERTIES
from service.figures.index import Index

LARGE = 1_600
"""Reports from which on only what was asked is looked at, not what the reports have in common besides."""

COLUMNS = tuple(dict.fromkeys(held.column for held in PROPERTIES.values() if not held.many))
SPANNED = ("day", "experience")
"""Those that ranges are asked of."""

Extremes = NDArray[np.int64]
"""The lowest, then the highest, of each of COLUMNS; of several groups, for each of them."""


def extremes_of(index: Index, rows: Rows) -> Extremes:
    """Return the extremes over at least one row; of other columns than SPANNED, two codes where not all are one."""
    held = [counting.ends_of(index.columns[column], rows, column in SPANNED) for column in COLUMNS]
    return np.array(held, np.int64).T


def extremes_by_code(index: Index, codes: NDArray[np.integer], rows: Rows, count: int) -> Extremes:
    """Return the extremes over the rows of each code below `count`: `codes[i]` is that of `rows[i]`."""
    held = [counting.lowest_and_highest(codes, index.columns[column], rows, count) for column in COLUMNS]
    return np.stack(held, axis=1)
