"""Siblings: groups of a cohort, and how many rows of a set each of them has, counted for all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.bitmaps import rows_of, sort_codes
from service.figures.cohort import Cohort
from service.figures.conditions import Condition
from service.figures.dimensions import Dimension
from service.figures.neighbours import Neighbourhood
from service.figures.sets import Rows, less, size_of

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

ENOUGH = 64
"""Rows that the smallest group would have of a set, were they spread like the cohort's: of larger sets, so many are
looked at. They can tell that many are there, and not that few are."""


@dataclass(frozen=True)
class Tally:
    """How many rows of a set each group has, and how many of them are of people who have no other; at least so many."""

    rows: Numbers
    single: Numbers
    few: int
    most: int
    is_whole: bool = True

    @property
    def are_many(self) -> Flags:
        """Tell where they are surely of more than few people."""
        return (self.single > self.few) | (self.rows > self.most)

    @property
    def are_few(self) -> Flags:
        """Tell where they are surely of few people, and of at least one."""
        return (self.rows > 0) & (self.rows <= self.few) & self.is_whole

    @property
    def are_unsure(self) -> Flags:
        """Tell where more than counts would be needed to say."""
        return ~self.are_many & ((self.rows > self.few) | (not self.is_whole))

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.rows + other.rows, self.single + other.single, self.few, self.most)


class Siblings:
    """Some groups of a cohort by a dimension of one value each, `codes` by place, of at least `smallest` reports.

    Up to `few` people are too few.
    """

    def __init__(self, whole: Cohort, dimension: Dimension, codes: Sequence[int], smallest: int, few: int) -> None:
        self.whole, self.dimension, self.codes, self.few = whole, dimension, codes, few
        self.around = Neighbourhood(whole, few)
        self.asked, self.kept, self.indexes = self.around.asked, self.around.kept, self.around.indexes
        self.enough = ENOUGH * len(whole) // smallest
        self._repeated = tuple([whole.snapshot.repeated(index) for index in self.indexes])
        self._places = np.full(len(whole.snapshot.codebooks[dimension]), len(codes), np.uint16)
        self._places[list(codes)] = np.arange(len(codes))

    def failing(self, *parts: Condition) -> Rows:
        """Return who fails some conditions of the cohort and meets the others."""
        within = self.around.meeting([part for part in self.asked if part not in parts])
        for part in parts:
            within = less(within, self.around.rows_of(part))
        return self.around.counted(within)

    @cached_property
    def own(self) -> "Cut":
        """Return who is in the cohort."""
        return Cut(self, self.around.own)

    @cached_property
    def failing_one(self) -> "list[Cut]":
        """Return, for each condition of the cohort, who fails it alone; or some of them, where they are very many."""
        return [Cut(self, self.failing(part), self.enough) for part in self.asked]

    def tally(self, rows: Rows) -> Tally:
        """Return how many of some rows are in each group."""
        counts, repeated = self._count(rows), self.repeated(rows)
        single = counts - self._count(repeated) if size_of(repeated) else counts
        return Tally(counts[:-1], single[:-1], self.few, self.around.most)

    def repeated(self, rows: Rows) -> Rows:
        """Return those of some rows whose people have another."""
        return tuple([bitmap & again for bitmap, again in zip(rows, self._repeated, strict=True)])

    def places(self, place: int, rows: NDArray[np.uint32]) -> NDArray[np.uint16]:
        """Return in which group each row of the index at a place is; the number of groups for none of them."""
        return self._places.take(self.indexes[place].codes(self.dimension, rows))

    def _count(self, rows: Rows) -> Numbers:
        counts = np.zeros(len(self.codes) + 1, np.int64)
        for place, bitmap in enumerate(rows):
            if bitmap:
                counts += np.bincount(self.places(place, rows_of(bitmap)), minlength=len(counts))
        return counts


class Cut:
    """Rows by group; of many more than `enough` those in the middle."""

    def __init__(self, siblings: Siblings, rows: Rows, enough: int | None = None) -> None:
        parts = size_of(rows) // enough + 1 if enough else 1
        self._siblings, self.whole, self.is_whole = siblings, rows, parts == 1
        if parts > 1:
            rows = tuple(
                [_middle(bitmap, len(index), parts) for bitmap, index in zip(rows, siblings.indexes, strict=True)]
            )
        self.rows = rows
        self.repeated = siblings.repeated(rows)

    @cached_property
    def by_group(self) -> list[tuple[NDArray[np.uint32], Numbers]]:
        """Return the rows of each index by group, and the bounds of each group; those of no group at the end."""
        found = []
        for place, bitmap in enumerate(self.rows):
            rows, count = rows_of(bitmap), len(self._siblings.codes)
            placed, bounds = sort_codes(self._siblings.places(place, rows), rows)
            found.append(
                (placed, np.append(bounds, np.full(max(count + 1 - len(bounds), 0), len(placed)))[: count + 1])
            )
        return found

    @cached_property
    def tally(self) -> Tally:
        """Return how many are in each group."""
        rows = np.sum([np.diff(bounds) for _, bounds in self.by_group], axis=0)
        again = self._siblings.tally(self.repeated).rows if size_of(self.repeated) else 0
        return Tally(rows, rows - again, self._siblings.few, self._siblings.around.most, self.is_whole)

    @property
    def beside(self) -> Tally:
        """Return how many are not in each group."""
        rows = size_of(self.rows)
        single = rows - size_of(self.repeated)
        inside = self.tally
        return Tally(rows - inside.rows, single - inside.single, inside.few, inside.most, self.is_whole)


def _middle(bitmap: BitMap, length: int, parts: int) -> BitMap:
    start = length * (parts // 2) // parts
    return bitmap & BitMap(range(start, start + length // parts + 1))
