"""Cohorts: a set of positions in the ordered columns. A group of a breakdown and a point of a trend are cohorts too."""

from collections import Counter
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.bitmaps import Rows, bitmaps_of, known, pack, rows_of
from service.figures.dimensions import EPOCH, PROPERTIES, UNKNOWN, Dimension
from service.figures.grouping import BitmapGrouping, CodedGrouping, Grouping
from service.figures.index import Index
from service.figures.quantiles import Ordered, SortedValues

if TYPE_CHECKING:  # a snapshot makes cohorts
    from service.figures.snapshot import Snapshot

TOTAL = "total"
FEW_VALUES = 32
DENSE_SHARE = 1 / 16
"""Of the rows: from there on Roaring bitmaps are plain bits, and counting with few of them beats a gather."""
MANY_ROWS = 50_000
"""From there on it pays not to cut all rows of a cohort into groups, but to find those that are read."""


class Part:
    """The rows of a cohort in one index."""

    def __init__(self, index: Index, bitmap: BitMap) -> None:
        self.index = index
        self.bitmap = bitmap
        self.count = len(bitmap)

    @property
    def rows(self) -> Rows:
        """Return the rows as an ascending array; not kept, since it takes 30 times the memory of a bitmap."""
        return rows_of(self.bitmap)

    def value(self, k: int) -> float:
        """Return the k-th smallest total pay, US dollars a year."""
        return float(self.index.total[self.bitmap[k]])

    def count_to(self, amount: float) -> int:
        """Return how many rows are paid at most `amount` US dollars a year."""
        end = int(np.searchsorted(self.index.total, amount, side="right"))
        return int(self.bitmap.rank(end - 1)) if end else 0

    def groups(self, dimension: Dimension) -> dict[int, "Part"]:
        """Return the part of each known value of a dimension that occurs."""
        if self.count < MANY_ROWS:
            return {code: Part(self.index, rows) for code, rows in known(self._cut(dimension)).items()}
        grouping = self._grouping_by(dimension)
        counts = grouping.counts.items()
        return {code: Group(self.index, grouping, code, count) for code, count in counts if code != UNKNOWN}

    def counts(self, dimension: Dimension) -> dict[int, int]:
        """Return how many rows carry each known value of a dimension that occurs."""
        if self._best_by_bitmaps(dimension):
            values = self.index.bitmaps(dimension).items()
            counts = {code: self.bitmap.intersection_cardinality(rows) for code, rows in values}
        else:
            counts = dict(enumerate(np.bincount(self.index.codes(dimension, self.rows)).tolist()))
        return {code: count for code, count in counts.items() if count and code != UNKNOWN}

    def _best_by_bitmaps(self, dimension: Dimension) -> bool:
        dense = self.count > DENSE_SHARE * len(self.index)
        return PROPERTIES[dimension].many or (dense and len(self.index.bitmaps(dimension)) <= FEW_VALUES)

    def _cut(self, dimension: Dimension) -> dict[int, BitMap]:
        if self._best_by_bitmaps(dimension):
            shared = {code: self.bitmap & rows for code, rows in self.index.bitmaps(dimension).items()}
            return {code: rows for code, rows in shared.items() if rows}
        rows = self.rows
        return bitmaps_of(self.index.codes(dimension, rows), rows)

    def _grouping_by(self, dimension: Dimension) -> Grouping:
        if self._best_by_bitmaps(dimension):
            return BitmapGrouping(self.bitmap, self.index.bitmaps(dimension))
        rows = self.rows
        return CodedGrouping(rows, self.index.codes(dimension, rows))


class Group(Part):
    """The rows of a large cohort in one index that carry one value; found when they are asked for."""

    def __init__(self, index: Index, grouping: Grouping, code: int, count: int) -> None:
        self.index = index
        self.count = count
        self._grouping = grouping
        self._code = code

    @property
    def bitmap(self) -> BitMap:  # type: ignore[override]  # read like the attribute that it stands for
        """Return the rows as a bitmap."""
        return self._grouping.bitmaps[self._code]

    def value(self, k: int) -> float:
        """Return the k-th smallest total pay, US dollars a year."""
        return float(self.index.total[self._grouping.row(self._code, k)])


class Cohort:
    """A set of reports, exact and in order of total pay. Ordered: `value(k)` and `count_to(amount)` are in USD a year.

    It has a part in the large base and one in the small delta of its snapshot; empty parts are left out.
    """

    def __init__(self, snapshot: "Snapshot", parts: list[Part]) -> None:
        self.snapshot = snapshot
        self.parts = [part for part in parts if part.count]
        self._count = sum([part.count for part in self.parts])

    def __len__(self) -> int:
        return self._count

    def value(self, k: int) -> float:
        """Return the k-th smallest total pay, counted from 0."""
        if len(self.parts) == 1:
            return self.parts[0].value(k)
        large, small = self.parts
        return _kth_of_two(large, small, k)

    def count_to(self, amount: float) -> int:
        """Return how many reports have a total of at most `amount`."""
        return sum(part.count_to(amount) for part in self.parts)

    def column(self, name: str) -> NDArray[Any]:
        """Return a column's values, one a report, in no particular order."""
        if not self.parts:
            return np.zeros(0)
        return np.concatenate([part.index.columns[name][part.rows] for part in self.parts])

    def codes(self, dimension: Dimension) -> NDArray[Any]:
        """Return the codes of a single-valued dimension, one a report, in the order of `column`."""
        if not self.parts:
            return np.zeros(0, np.uint8)
        return np.concatenate([part.index.codes(dimension, part.rows) for part in self.parts])

    def having(self, column: str) -> "Cohort":
        """Return those reports in which a part of pay is known."""
        parts = [(part.index, part.rows, part.index.columns[column][part.rows]) for part in self.parts]
        return Cohort(self.snapshot, [Part(index, pack(rows[~np.isnan(values)])) for index, rows, values in parts])

    def ordered(self, column: str) -> Ordered:
        """Return a column of pay as order statistics; the total needs no work, for the others see `having`."""
        return self if column == TOTAL else SortedValues(np.sort(self.column(column)))

    def groups(self, dimension: Dimension) -> dict[int, "Cohort"]:
        """Return one cohort a value of a dimension that occurs in this one, by code."""
        found: dict[int, list[Part]] = {}
        for part in self.parts:
            for code, group in part.groups(dimension).items():
                found.setdefault(code, []).append(group)
        return {code: Cohort(self.snapshot, parts) for code, parts in sorted(found.items())}

    def counts(self, dimension: Dimension) -> dict[int, int]:
        """Return how many reports carry each known value of a dimension that occurs, by code."""
        counts: Counter[int] = Counter()
        for part in self.parts:
            counts.update(part.counts(dimension))
        return counts

    @cached_property
    def contributors(self) -> int:
        """Return how many people contributed; a report without a contributor counts as one of its own."""
        single, repeated = 0, []
        for part in self.parts:
            several = part.bitmap & self.snapshot.repeated(part.index)
            single += part.count - len(several)
            if several:
                repeated.append(part.index.columns["contributor"][rows_of(several)])
        return single + (len(np.unique(np.concatenate(repeated))) if repeated else 0)

    @cached_property
    def days(self) -> tuple[date, date] | None:
        """Return the first and the last day on which a reported pay took effect; None where there is no report."""
        if not self.parts:
            return None
        days = self.column("day")
        return EPOCH + timedelta(days=int(days.min())), EPOCH + timedelta(days=int(days.max()))

    @cached_property
    def companies(self) -> int:
        """Return how many employers are known among the reports."""
        codes = [np.unique(part.index.columns["company"][part.rows]) for part in self.parts]
        return int(np.count_nonzero(np.unique(np.concatenate(codes)))) if codes else 0


def _kth_of_two(large: Part, small: Part, k: int) -> float:
    # bisect over how many of the k smallest stand in the small part: about 2 log2(small) reads, each exact
    low, high = max(0, k + 1 - large.count), min(k + 1, small.count)
    while low < high:
        taken = (low + high) // 2
        if small.value(taken) < large.value(k - taken):
            low = taken + 1
        else:
            high = taken
    last = [small.value(low - 1)] if low else []
    return max([*last, large.value(k - low)] if k - low >= 0 else last)
