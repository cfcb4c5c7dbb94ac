"""A cohort's rows cut into groups: counted block by block at once, found when they are asked for.

Few rows of a group are ever read: those around its quantiles. To count is a third of the work of cutting, and a row is
then found in one block.
"""

from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.bitmaps import Rows, cut, rows_of
from service.figures.compiled import counting
from service.figures.dimensions import Dimension
from service.figures.extremes import LARGE, Extremes, extremes_by_code, extremes_of
from service.figures.index import Index

BITMAP_BLOCKS = 16
CODES_A_BLOCK = 256
"""At least."""


class Grouping(Protocol):
    """The rows of each code, ascending."""

    @property
    def counts(self) -> dict[int, int]:
        """Return the number of rows of each code that occurs."""

    def row(self, code: int, k: int) -> int:
        """Return the k-th row of a code, counted from 0."""

    def rows(self, code: int) -> Rows:
        """Return the rows of a code that occurs."""

    def extremes(self, index: Index, code: int) -> Extremes:
        """Return the extremes over the rows of a code that has fewer than LARGE, which are rows of the index."""

    def carried_by_first(self, index: Index, dimension: Dimension, code: int) -> list[int]:
        """Return the values of a dimension that the first row of a code carries, which is a row of the index."""


class CodeGrouping:
    """Rows by their codes, one each, below a `count` that is not very large: those in a column, or by a table of it."""

    def __init__(self, column: NDArray[Any], table: NDArray[Any] | None, rows: Rows, count: int) -> None:
        self._rows = rows
        # a block's counts are a copy of those before it, which should take no longer than to count its codes
        self._size = max(CODES_A_BLOCK, 2 * count)
        self._codes, self._before = counting.count_by_block(column, table, rows, count, self._size)
        self._counts: list[int] = self._before[-1].tolist()
        self._extremes: Extremes | None = None
        self._carried: dict[Dimension, dict[int, list[int]]] = {}

    @property
    def counts(self) -> dict[int, int]:
        """Return the number of rows of each code that occurs."""
        return {code: count for code, count in enumerate(self._counts) if count}

    @cached_property
    def _cut(self) -> dict[int, Rows]:
        return cut(self._codes, self._rows)

    @cached_property
    def _middles(self) -> list[list[int]]:
        # medians are asked of all groups or of none
        return self._rows[counting.middles_of(self._codes, self._before, self._size)].tolist()  # type: ignore[no-any-return]

    def row(self, code: int, k: int) -> int:
        """Return the k-th row of a code, counted from 0."""
        from_the_middle = 2 * k - self._counts[code] + 1
        if -1 <= from_the_middle <= 1:
            return self._middles[code][from_the_middle > 0]
        return self._rows.item(counting.place_of(self._codes, self._before, self._size, code, k))

    def rows(self, code: int) -> Rows:
        """Return the rows of a code that occurs."""
        return self._cut[code]

    def extremes(self, index: Index, code: int) -> Extremes:
        """Return the extremes over the rows of a code that has fewer than LARGE, which are rows of the index."""
        if self._extremes is None:
            counts = self._before[-1]
            small = np.flatnonzero((counts < LARGE)[self._codes])
            self._extremes = extremes_by_code(index, self._codes[small], self._rows[small], len(counts))
        return self._extremes[:, :, code]

    def carried_by_first(self, index: Index, dimension: Dimension, code: int) -> list[int]:
        """Return the values of a dimension that the first row of a code carries, which is a row of the index."""
        if dimension not in self._carried:
            # of all codes at once: a value's bitmap is cut once, and not looked into for each
            self._carried[dimension] = values_by_row(
                index.bitmaps(dimension), [self.row(each, 0) for each in self.counts]
            )
        return self._carried[dimension].get(self.row(code, 0), [])


class BitmapGrouping:
    """The rows that are in each value's bitmap. Values may overlap."""

    def __init__(self, rows: BitMap, values: Mapping[int, BitMap]) -> None:
        self._rows, self._values = rows, values
        edges = np.linspace(rows.min(), rows.max() + 1, BITMAP_BLOCKS + 1).astype(int).tolist()
        self._blocks = [rows & BitMap(range(*span)) for span in pairwise(edges)]
        counts = {
            code: [block.intersection_cardinality(held) for block in self._blocks] for code, held in values.items()
        }
        self._ends = {code: list(accumulate(found)) for code, found in counts.items()}
        self._found: dict[tuple[int, int], BitMap] = {}

    @property
    def counts(self) -> dict[int, int]:
        """Return the number of rows of each code that occurs."""
        return {code: ends[-1] for code, ends in self._ends.items() if ends[-1]}

    def row(self, code: int, k: int) -> int:
        """Return the k-th row of a code, counted from 0."""
        ends = self._ends[code]
        number = bisect_right(ends, k)
        found = self._found.get((code, number))
        if found is None:
            found = self._found[code, number] = self._blocks[number] & self._values[code]
        return found[k - ends[number]]  # counted from the block's end, so from below 0

    def rows(self, code: int) -> Rows:
        """Return the rows of a code that occurs."""
        return rows_of(self._rows & self._values[code])

    def extremes(self, index: Index, code: int) -> Extremes:
        """Return the extremes over the rows of a code that has fewer than LARGE, which are rows of the index."""
        return extremes_of(index, self.rows(code))

    def carried_by_first(self, index: Index, dimension: Dimension, code: int) -> list[int]:
        """Return the values of a dimension that the first row of a code carries, which is a row of the index."""
        first = self.row(code, 0)
        return values_by_row(index.bitmaps(dimension), [first]).get(first, [])


def values_by_row(values: Mapping[int, BitMap], rows: list[int]) -> dict[int, list[int]]:
    """Return the values whose bitmaps have each of some rows."""
    found: dict[int, list[int]] = {}
    wanted = BitMap(rows)
    for code, held in values.items():
        for row in wanted & held:
            found.setdefault(row, []).append(code)
    return found
