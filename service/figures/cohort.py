"""Cohorts: a set of positions in the ordered columns. A group of a breakdown and a point of a trend are cohorts too."""

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.bitmaps import rows_of
from service.figures.conditions import Condition, Known, Not, OneOf, both, is_grouped_by_rows
from service.figures.dimensions import EPOCH, NOT_KNOWN, Dimension
from service.figures.parts import Part
from service.figures.quantiles import Ordered, SortedValues

if TYPE_CHECKING:  # a snapshot makes cohorts
    from service.figures.snapshot import Snapshot

TOTAL = "total"
COUNT = attrgetter("count")


class Cohort:
    """A set of reports, exact and in order of total pay. Ordered: `value(k)` and `count_to(amount)` are in USD a year.

    It has a part in the large base and one in the small delta of its snapshot; empty parts are left out. `where` gives
    the condition that its reports, and no others, meet; it is called when that is asked for.
    """

    def __init__(self, snapshot: "Snapshot", parts: list[Part], where: Callable[[], Condition]) -> None:
        self.snapshot = snapshot
        self._where = where
        self.parts = list(filter(COUNT, parts))
        self._count: int = sum(map(COUNT, parts))
        self.group_of: tuple[Family, int] | None = None
        """The groups that it is one of, and its code among them."""
        self.privacy: dict[Hashable, object] = {}
        """What privacy found: whether its figures may be published, by policy; what differs from it by how few."""

    def __len__(self) -> int:
        return self._count

    @cached_property
    def where(self) -> Condition:
        """Return the condition that its reports, and no others, meet."""
        return self._where()

    @property
    def rows(self) -> tuple[BitMap, ...]:
        """Return its rows in each of the snapshot's indexes."""
        bitmaps = {part.index: part.bitmap for part in self.parts}
        return tuple(bitmaps.get(index, BitMap()) for index, _ in self.snapshot.held)

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
        return np.concatenate([part.index.columns[name].take(part.rows) for part in self.parts])

    def codes(self, dimension: Dimension) -> NDArray[Any]:
        """Return the codes of a single-valued dimension, one a report, in the order of `column`."""
        if not self.parts:
            return np.zeros(0, np.uint8)
        return np.concatenate([part.index.codes(dimension, part.rows) for part in self.parts])

    def meeting(self, condition: Condition) -> "Cohort":
        """Return those reports that meet a condition too."""
        books = self.snapshot.codebooks
        parts = [Part(part.index, part.bitmap & condition.rows(part.index, books)) for part in self.parts]
        return Cohort(self.snapshot, parts, lambda: both(self.where, condition))

    def carrying(self, dimension: Dimension, value: str) -> "Cohort":
        """Return those reports that carry a value of a dimension."""
        return self.meeting(OneOf(dimension, frozenset({value})))

    def knowing(self, dimension: Dimension) -> "Cohort":
        """Return those reports of which a single-valued dimension is known."""
        return self.meeting(Not(OneOf(dimension, frozenset({NOT_KNOWN}))))

    def having(self, column: str) -> "Cohort":
        """Return those reports in which a part of pay is known."""
        return self if column == TOTAL else self.meeting(Known(column))

    def ordered(self, column: str) -> Ordered:
        """Return a column of pay as order statistics; the total needs no work, for the others see `having`."""
        return self if column == TOTAL else SortedValues(np.sort(self.column(column)))

    def groups(self, dimension: Dimension) -> dict[int, "Cohort"]:
        """Return one cohort a value of a dimension that occurs in this one, by code."""
        cut = [part.groups(dimension) for part in self.parts]
        names = self.snapshot.codebooks[dimension].values

        def where(code: int) -> Condition:
            return both(self.where, OneOf(dimension, frozenset({names[code]})))

        if len(cut) == 1:
            found = {code: Cohort(self.snapshot, [part], partial(where, code)) for code, part in sorted(cut[0].items())}
        else:
            found = {
                code: Cohort(self.snapshot, [groups[code] for groups in cut if code in groups], partial(where, code))
                for code in sorted(set().union(*cut))
            }
        if is_grouped_by_rows(dimension):
            family = Family(self, dimension, {code: len(group) for code, group in found.items()})
            for code, group in found.items():
                group.group_of = family, code
        return found

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

    def has_contributors(self, least: int) -> bool:
        """Return whether at least this many people contributed; a few reports nearly always tell."""
        if len(self) < least:
            return False
        key = "contributors", least
        if key not in self.privacy:
            self.privacy[key] = self._finds_contributors(least)
        return bool(self.privacy[key])

    def _finds_contributors(self, least: int) -> bool:
        unnamed, named = 0, set()
        for part in self.parts:
            contributors = part.index.columns["contributor"]
            for k in range(min(part.count, 2 * least)):
                person = contributors.item(part.row(k))
                unnamed += person == 0
                named.add(person)
                if unnamed + len(named - {0}) >= least:
                    return True
        return self.contributors >= least

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
        if not self.parts:
            return 0
        return int(np.count_nonzero(np.bincount(self.column("company"))[1:]))  # the first are those not known


@dataclass(frozen=True)
class Family:
    """The groups that a cohort was cut into, each report into at most one: how large, and what is found of all."""

    whole: Cohort
    dimension: Dimension
    sizes: dict[int, int]
    found: dict[Hashable, object] = field(default_factory=dict)


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
