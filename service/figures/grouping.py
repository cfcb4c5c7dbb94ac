"""A cohort's rows cut by bitmaps: counted block by block at once, found when they are asked for.

Few rows of a group are ever read: those around its quantiles. To count is a third of the work of cutting, and a row is
then found in one block.
"""

from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np
from pyroaring import BitMap

BLOCKS = 16


class BitmapGrouping:
    """The rows that are in each value's bitmap, ascending. Values may overlap."""

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
        number = bisect_right(ends, k)
        found = self._found.get((code, number))
        if found is None:
            found = self._found[code, number] = self._blocks[number] & self._values[code]
        return found[k - ends[number]]  # counted from the block's end, so from below 0
