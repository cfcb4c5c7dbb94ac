"""A cohort's rows cut by value: counted block by block at once, found when they are asked for.

Few rows of a group are ever read: those around its quantiles. So neither way sorts or copies all of them.
"""

from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.bitmaps import Rows, bitmaps_of

BLOCK_ROWS = 4_096
"""To look through a block takes about as long as to find the block by its counts: a microsecond."""
BLOCKS = 16


class Grouping(Protocol):
    """Each value's rows, ascending."""

    @property
    def counts(self) -> dict[int, int]:
        """Return the number of rows of each code that occurs."""

    @property
    def bitmaps(self) -> dict[int, BitMap]:
        """Return the rows of each code that occurs."""

    def row(self, code: int, k: int) -> int:
        """Return the k-th row of a code, counted from 0."""


class CodedGrouping:
    """By the code of each row: the faster way where values are many or rows few."""

    def __init__(self, rows: Rows, codes: NDArray[np.integer]) -> None:
        self._rows, self._first = rows, int(codes.min())
        width = int(codes.max()) - self._first + 1
        self._codes = (codes - self._first).astype(np.min_scalar_type(width))
        self._size = max(BLOCK_ROWS, width)
        blocks = (self._codes[start : start + self._size] for start in range(0, len(rows), self._size))
        counts = [np.bincount(block, minlength=width) for block in blocks]
        self._ends = np.ascontiguousarray(np.cumsum(counts, axis=0).T)
        self._found: dict[tuple[int, int], Rows] = {}

    @property
    def counts(self) -> dict[int, int]:
        """Return the number of rows of each code that occurs."""
        return {code: count for code, count in enumerate(self._ends[:, -1].tolist(), self._first) if count}

    @cached_property
    def bitmaps(self) -> dict[int, BitMap]:
        """Return the rows of each code that occurs."""
        return {self._first + code: rows for code, rows in bitmaps_of(self._codes, self._rows).items()}

    def row(self, code: int, k: int) -> int:
        """Return the k-th row of a code, counted from 0."""
        code -= self._first
        ends = self._ends[code]
        block = int(ends.searchsorted(k, "right"))
        found = self._found.get((code, block))
        if found is None:
            place = slice(block * self._size, (block + 1) * self._size)
            found = self._found[code, block] = self._rows[place][self._codes[place] == code]
        return int(found[k - ends[block]])  # counted from the end, so negative


class BitmapGrouping:
    """By the bitmaps of the values: the faster way where both they and the rows are dense, or overlap."""

    def __init__(self, rows: BitMap, values: Mapping[int, BitMap]) -> None:
        self._rows, self._values = rows, values
        edges = np.linspace(rows.min(), rows.max() + 1, BLOCKS + 1).astype(int).tolist()
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

    @cached_property
    def bitmaps(self) -> dict[int, BitMap]:
        """Return the rows of each code that occurs."""
        return {code: self._rows & self._values[code] for code in self.counts}

    def row(self, code: int, k: int) -> int:
        """Return the k-th row of a code, counted from 0."""
        ends = self._ends[code]
        block = bisect_right(ends, k)
        found = self._found.get((code, block))
        if found is None:
            found = self._found[code, block] = self._blocks[block] & self._values[code]
        return found[k - ends[block]]  # counted from the end, so negative
