"""What the reports of each of many groups have in common, as ranges of the columns that it is read from."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.atoms import HELD, MANY_VALUED
from service.figures.bitmaps import rows_of
from service.figures.compiled import kinds
from service.figures.conditions import Between, Condition, OneOf
from service.figures.dimensions import PROPERTIES, UNKNOWN, Dimension
from service.figures.extremes import COLUMNS, Extremes
from service.figures.index import MANY_VALUES, Index
from service.figures.siblings import Cut, Flags, Numbers, Siblings

Line = tuple[str, Numbers, Numbers]
SPANS = (Dimension.YEAR, Dimension.EXPERIENCE_BAND)
"""By whose values, from the lowest to the highest of a group, ranges are asked for."""
LOOKED_AT = 48
"""Rows of each group: so many of a set tell that many more people are in it."""


class Common:
    """Conditions that all reports of each group meet, by line and group: that a column's value lies in [low, high].

    Where low is above high there is none.
    """

    def __init__(self, siblings: Siblings, held: Sequence[Line]) -> None:
        self._siblings, self._held = siblings, held
        self.columns = [column for column, _, _ in held]
        shape = len(held), len(siblings.codes)
        self.low = np.array([low for _, low, _ in held], np.int64).reshape(shape)
        self.high = np.array([high for _, _, high in held], np.int64).reshape(shape)

    @property
    def among_others(self) -> "Common":
        """Return those of them that do not surely hold, or fail, of all other reports of the cohort alike."""
        ranges = [part for part in self._siblings.asked if isinstance(part, Between)]
        own = PROPERTIES[self._siblings.dimension]
        held = [line for line in self._held if own.table is not None or line[0] != own.column]
        return Common(self._siblings, [line for line in held if not any(_holds(line, part) for part in ranges)])

    def implied_by(self, part: Condition) -> Flags:
        """Tell which of them, by line and group, whoever fails a condition of all groups surely fails too."""
        if isinstance(part, Between):
            same = [column == part.column for column in self.columns]
            return np.array(same, bool)[:, None] & (self.low >= part.low) & (self.high <= part.high)
        held = PROPERTIES[part.dimension] if isinstance(part, OneOf) else None
        same = [held is not None and held.table is None and column == held.column for column in self.columns]
        implied: Flags = np.array(same, bool)[:, None] & (self.low == self.high)
        return implied

    def met_by_many(self, failing: Cut, part: Condition) -> Flags:
        """Tell in which groups many of those who fail a condition meet all that does not follow from failing it."""
        asked = (self.low <= self.high) & ~self.implied_by(part)
        met = np.zeros(len(self._siblings.codes), np.int64)
        for index, (placed, bounds), again in zip(
            self._siblings.indexes, failing.by_group, failing.repeated, strict=True
        ):
            if len(placed):
                met += self._count_met(index, placed, bounds, again, asked)
        return met > self._siblings.few

    def _count_met(
        self, index: Index, placed: NDArray[np.uint32], bounds: Numbers, again: BitMap, asked: Flags
    ) -> Numbers:
        nth = np.arange(LOOKED_AT)
        met = nth < np.diff(bounds)[:, None]
        rows = placed[np.minimum(bounds[:-1, None] + nth, len(placed) - 1)]
        if again:
            met &= ~np.isin(rows, rows_of(again))
        for column, needed, low, high in zip(self.columns, asked, self.low, self.high, strict=True):
            if needed.any():
                values = index.columns[column][rows]
                met &= ~needed[:, None] | (low[:, None] <= values) & (values <= high[:, None])
        counts: Numbers = np.count_nonzero(met, axis=1)
        return counts


def common_to(siblings: Siblings, ends: Extremes) -> Common:
    """Return what each group has in common that not all reports have, by its extremes."""
    return Common(siblings, [line for line in _lines(ends) if _may_fail(line, siblings.indexes)])


def ends_in(siblings: Siblings, whole: frozenset[str]) -> Extremes:
    """Return the least and the greatest value of each group, by COLUMNS; of other columns any two that differ."""
    found = np.zeros((2, len(COLUMNS), len(siblings.codes)), np.int64)
    found[1] = -1
    for index, (placed, bounds) in zip(siblings.indexes, siblings.own.by_group, strict=True):
        if len(placed):
            each = [kinds.ends_of_groups(index.columns[column], placed, bounds, column in whole) for column in COLUMNS]
            found = _joined(found, np.stack(each, axis=1))
    return found


def _joined(one: Extremes, other: Extremes) -> Extremes:
    low = np.where(one[1] < 0, other[0], np.where(other[1] < 0, one[0], np.minimum(one[0], other[0])))
    return np.stack([low, np.maximum(one[1], other[1])])


def _lines(ends: Extremes) -> list[Line]:
    found = []
    for dimension, place, table in HELD:
        low, high = ends[:, place]
        is_held = high >= low
        if table is not None:
            first, last = table[low], table[high]
            is_held &= (first != UNKNOWN) & ((first == last) | (dimension in SPANS))
            low, high = np.searchsorted(table, first, "left"), np.searchsorted(table, last, "right") - 1
        else:
            is_held &= (low == high) & (low != UNKNOWN)
        if is_held.any():
            found.append((COLUMNS[place], np.where(is_held, low, 0), np.where(is_held, high, -1)))
    return found


def _holds(line: Line, part: Between) -> bool:
    column, low, high = line
    held = low <= high
    return bool(column == part.column and low[held].max() <= part.low and part.high <= high[held].min())


def _may_fail(line: Line, indexes: Sequence[Index]) -> bool:
    """Return whether a report may fail a condition of any group."""
    column, low, high = line
    if column == "day":
        return True
    values = [index.by_value(column) for index in indexes]
    if max(map(len, values)) > MANY_VALUES:
        return True
    held = low <= high
    least, most = min(map(min, values)), max(map(max, values))
    return bool(low[held].max() > least or high[held].min() < most)


def carrying_more(siblings: Siblings) -> Flags:
    """Tell in which groups all reports have a value of a dimension of which a report may have several."""
    values = [
        (each, code)
        for each in MANY_VALUED
        for code in set().union(*(index.bitmaps(each) for index in siblings.indexes))
    ]
    carried: dict[int, set[tuple[Dimension, int]]] = {}

    def tells(value: tuple[Dimension, int]) -> bool:
        return not all(_is_of_all(index, *value) for index in siblings.indexes)

    for index, (placed, bounds) in zip(siblings.indexes, siblings.own.by_group, strict=True):
        spans = {group: span for group, span in enumerate(pairwise(bounds.tolist())) if span[0] < span[1]}
        for group, found in _carried(index, placed, spans, values).items():
            carried[group] = carried.get(group, found) & found
    return np.array([any(map(tells, carried.get(group, ()))) for group in range(len(siblings.codes))], bool)


def _carried(
    index: Index, placed: NDArray[np.uint32], spans: dict[int, tuple[int, int]], values: list[tuple[Dimension, int]]
) -> dict[int, set[tuple[Dimension, int]]]:
    """Return which of some values all rows of an index between two bounds carry, for each group."""
    group_of = {placed.item(start): group for group, (start, _) in spans.items()}
    found: dict[int, set[tuple[Dimension, int]]] = {group: set() for group in spans}
    first, none = BitMap(group_of), BitMap()
    for dimension, code in values:
        held = index.bitmaps(dimension).get(code, none)
        for row in first & held:
            start, end = spans[group_of[row]]
            if placed.item(end - 1) in held and BitMap(placed[start:end]).issubset(held):
                found[group_of[row]].add((dimension, code))
    return found


def _is_of_all(index: Index, dimension: Dimension, code: int) -> bool:
    return len(index.bitmaps(dimension).get(code, ())) == len(index)


def classes_of(values: Numbers, low: Numbers, high: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return values, and the ends of ranges, as the numbers of classes that no range tells apart."""
    held = low <= high
    begins = np.zeros(max(int(values.max(initial=0)), int(high.max(initial=0))) + 2, np.int64)
    begins[low[held]] = begins[high[held] + 1] = 1
    classes = np.cumsum(begins)
    return classes[values], np.where(held, classes[low], 0), np.where(held, classes[high], -1)
