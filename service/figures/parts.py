"""Parts: the rows of a cohort in one index, and how they are cut into groups."""

from functools import cached_property

import numpy as np
from pyroaring import BitMap

from service.figures.bitmaps import Rows, cut, known, rows_of
from service.figures.dimensions import PROPERTIES, UNKNOWN, Dimension
from service.figures.extremes import Extremes, extremes_of
from service.figures.grouping import BitmapGrouping, CodeGrouping, Grouping
from service.figures.index import MANY_VALUES, Index

FEW_VALUES, DENSE_SHARE = 32, 1 / 16
"""Of the rows: from there on Roaring bitmaps are plain bits, and to intersect them with few others beats a gather."""
MANY_ROWS = 50_000
"""From there on it pays not to intersect a part with all bitmaps, but to find the rows that are read."""


class Part:
    """The rows of a cohort in one index, in order of pay."""

    def __init__(self, index: Index, bitmap: BitMap) -> None:
        self.index = index
        self.bitmap = bitmap
        self.count = len(bitmap)

    @property
    def rows(self) -> Rows:
        """Return the rows as an ascending array; not kept, since it takes 30 times the memory of a bitmap."""
        return rows_of(self.bitmap)

    def row(self, k: int) -> int:
        """Return the k-th row, counted from 0."""
        return self.bitmap[k]

    def value(self, k: int) -> float:
        """Return the k-th smallest total pay, US dollars a year."""
        return self.index.total.item(self.row(k))

    def count_to(self, amount: float) -> int:
        """Return how many rows are paid at most `amount` US dollars a year."""
        end = int(np.searchsorted(self.index.total, amount, side="right"))
        return int(self.bitmap.rank(end - 1)) if end else 0

    def extremes(self) -> Extremes:
        """Return the lowest and the highest code of each column, of fewer than LARGE rows."""
        return extremes_of(self.index, self.rows)

    def carried(self, dimension: Dimension) -> list[int]:
        """Return the values of a dimension that all rows carry, of at least one row."""
        held = self.index.bitmaps(dimension)
        candidates = self._carried_by_first(dimension)
        return [code for code in candidates if self.count <= len(held[code]) and self.bitmap.issubset(held[code])]

    def _carried_by_first(self, dimension: Dimension) -> list[int]:
        first = self.row(0)
        return [code for code, rows in self.index.bitmaps(dimension).items() if first in rows]

    def counts(self, dimension: Dimension) -> dict[int, int]:
        """Return how many rows carry each known value of a dimension that occurs."""
        if self._best_by_bitmaps(dimension):
            values = self.index.bitmaps(dimension).items()
            counts = {code: self.bitmap.intersection_cardinality(rows) for code, rows in values}
        else:
            counts = dict(enumerate(np.bincount(self.index.codes(dimension, self.rows)).tolist()))
        return {code: count for code, count in counts.items() if count and code != UNKNOWN}

    def groups(self, dimension: Dimension) -> dict[int, "Part"]:
        """Return the part of each known value of a dimension that occurs."""
        if not self._best_by_bitmaps(dimension):
            return self._groups_by_code(dimension)
        values = known(self.index.bitmaps(dimension))
        if self.count > MANY_ROWS:
            return self._found_in(BitmapGrouping(self.bitmap, values))
        shared = {code: self.bitmap & rows for code, rows in values.items()}
        return {code: Part(self.index, rows) for code, rows in shared.items() if rows}

    def _groups_by_code(self, dimension: Dimension) -> dict[int, "Part"]:
        rows, values = self.rows, self.index.bitmaps(dimension)
        if len(values) <= MANY_VALUES:
            return self._found_in(CodeGrouping(*self.index.held(dimension), rows, max(values) + 1))
        groups = known(cut(self.index.codes(dimension, rows), rows))
        return {code: ArrayPart(self.index, group) for code, group in groups.items()}

    def _found_in(self, grouping: Grouping) -> dict[int, "Part"]:
        return {code: Group(self.index, grouping, code, count) for code, count in known(grouping.counts).items()}

    def _best_by_bitmaps(self, dimension: Dimension) -> bool:
        if PROPERTIES[dimension].many:
            return True
        is_dense = self.count > DENSE_SHARE * len(self.index)
        return is_dense and len(self.index.bitmaps(dimension)) <= FEW_VALUES


class ArrayPart(Part):
    """A part whose rows came as an array: the bitmap is made when it is asked for."""

    def __init__(self, index: Index, rows: Rows) -> None:
        self.index = index
        self.count = len(rows)
        self._rows = rows

    @cached_property
    def bitmap(self) -> BitMap:  # type: ignore[override]  # read like the attribute that it stands for
        """Return the rows as a bitmap."""
        return BitMap(self._rows.data)

    @property
    def rows(self) -> Rows:
        """Return the rows as an ascending array."""
        return self._rows

    def row(self, k: int) -> int:
        """Return the k-th row, counted from 0."""
        return self._rows.item(k)


class Group(Part):
    """A part whose rows are found when they are asked for."""

    def __init__(self, index: Index, grouping: Grouping, code: int, count: int) -> None:
        self.index = index
        self.count = count
        self._grouping = grouping
        self._code = code

    @cached_property
    def bitmap(self) -> BitMap:  # type: ignore[override]  # read like the attribute that it stands for
        """Return the rows as a bitmap."""
        return BitMap(self.rows.data)

    @property
    def rows(self) -> Rows:
        """Return the rows as an ascending array."""
        return self._grouping.rows(self._code)

    def row(self, k: int) -> int:
        """Return the k-th row, counted from 0."""
        return self._grouping.row(self._code, k)

    def value(self, k: int) -> float:
        """Return the k-th smallest total pay, US dollars a year."""
        # what `Part` does, with one call fewer: a breakdown reads hundreds
        return self.index.total.item(self._grouping.row(self._code, k))

    def extremes(self) -> Extremes:
        """Return the lowest and the highest code of each column, of fewer than LARGE rows."""
        return self._grouping.extremes(self.index, self._code)

    def _carried_by_first(self, dimension: Dimension) -> list[int]:
        return self._grouping.carried_by_first(self.index, dimension, self._code)
