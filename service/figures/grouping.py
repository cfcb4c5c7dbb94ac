"""Rows cut by their codes: counted at once, sorted only where an answer lies."""

from bisect import bisect_right
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.figures.columns import Rows

BLOCK_ROWS = 32_768
"""Blocks are counted and sorted within the processor's cache; the medians of groups lie close together, in few blocks."""


class Grouping:
    """Ascending rows and the code of each, as one ascending sequence of rows a code."""

    def __init__(self, rows: Rows, codes: NDArray[np.generic]) -> None:
        self._rows, self._codes = rows, codes
        width = int(codes.max(initial=0)) + 1
        edges = [*range(0, len(rows), max(BLOCK_ROWS, width)), len(rows)]
        self._blocks = [slice(start, end) for start, end in pairwise(edges)]
        self._sorted: dict[int, tuple[Rows, list[int]]] = {}
        counts = [np.bincount(codes[block], minlength=width) for block in self._blocks]
        self._ends: list[list[int]] = np.cumsum(counts, axis=0).T.tolist() if counts else []

    @property
    def counts(self) -> dict[int, int]:
        """Return the number of rows of each code that occurs."""
        return {code: ends[-1] for code, ends in enumerate(self._ends) if ends[-1]}

    def row(self, code: int, k: int) -> int:
        """Return the k-th row of a code, counted from 0."""
        ends = self._ends[code]
        number = bisect_right(ends, k)
        rows, starts = self._block(number)
        return rows[starts[code] + k - (ends[number - 1] if number else 0)]

    def rows(self, code: int) -> Rows:
        """Return all rows of a code, ascending."""
        parts = []
        for number in range(len(self._blocks)):
            rows, starts = self._block(number)
            parts.append(rows[starts[code] : starts[code + 1]])
        return np.concatenate(parts)

    def _block(self, number: int) -> tuple[Rows, list[int]]:
        if number not in self._sorted:
            codes = self._codes[self._blocks[number]]
            starts = np.concatenate(([0], np.cumsum(np.bincount(codes, minlength=len(self._ends)))))
            rows = self._rows[self._blocks[number]][np.argsort(codes, kind="stable")]
            self._sorted[number] = rows, starts.tolist()
        return self._sorted[number]
