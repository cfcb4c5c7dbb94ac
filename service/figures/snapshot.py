"""Snapshots: a large base that is rebuilt rarely and a small delta that is rebuilt often, as one immutable whole."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import numpy as np
from pyroaring import BitMap

from service.figures.bitmaps import pack, rows_of
from service.figures.cohort import Cohort
from service.figures.columns import SYNTHETIC_BIT
from service.figures.conditions import EVERYTHING, Condition
from service.figures.dimensions import DAYS_HELD, Codebooks
from service.figures.index import Index
from service.figures.parts import Part
from service.figures.twins import NO_KEY, are_duplicates

COHORTS_KEPT = 64
"""At 5M reports a cohort takes up to 0.6 MB."""
FIGURES_KEPT = 256
"""A premium holds the bitmaps of its two sides, at 5M reports up to 0.6 MB each."""

Found = TypeVar("Found")


@dataclass
class Snapshot:
    """All reports at one moment. A query holds one from beginning to end, so that its figures agree with each other.

    `dead` are the rows of the base that the delta replaces or that were withdrawn. `version` grows with every change.
    Reports less than `minimum_age_days` older than the newest are in no cohort.
    """

    base: Index
    dead: BitMap
    delta: Index
    codebooks: Codebooks
    version: int = 0
    through: datetime | None = None
    minimum_age_days: int = 0
    shared: BitMap | None = None
    """Rows of the base whose contributor has a row in the delta, some that had one among them; None: to be found."""
    _cohorts: dict[Condition, Cohort] = field(default_factory=dict, repr=False)
    _figures: dict[Hashable, object] = field(default_factory=dict, repr=False)
    _aged: dict[int, "Snapshot"] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.base) - len(self.dead) + len(self.delta)

    def cohort(self, where: Condition = EVERYTHING) -> Cohort:
        """Return the reports that meet a condition; remembered, since a dashboard asks for the same again."""
        cohort = self._cohorts.get(where)
        if cohort is None:
            parts = [Part(index, where.rows(index, self.codebooks) - hidden) for index, hidden in self.held]
            cohort = Cohort(self, parts, lambda: where)
            if len(self._cohorts) >= COHORTS_KEPT:
                self._cohorts.clear()
            self._cohorts[where] = cohort
        return cohort

    def recall(self, name: Hashable) -> object | None:
        """Return what was remembered under a name, None where nothing was."""
        return self._figures.get(name)

    def remember(self, name: Hashable, found: Found) -> Found:
        """Return something found of these reports, to be recalled while the snapshot lives."""
        if len(self._figures) >= FIGURES_KEPT:
            self._figures.clear()
        self._figures[name] = found
        return found

    @cached_property
    def held(self) -> tuple[tuple[Index, BitMap], ...]:
        """Return the indexes, each with its rows that no figure is made of."""
        return tuple(
            (index, hidden | recent) for (index, hidden), (_, recent) in zip(self._counted, self.recent, strict=True)
        )

    @cached_property
    def recent(self) -> tuple[tuple[Index, BitMap], ...]:
        """Return the indexes, each with the rows that will count when they are old enough."""
        if not self.minimum_age_days:
            return tuple((index, BitMap()) for index, _ in self._counted)
        first = self.newest_day - self.minimum_age_days + 1
        return tuple((index, index.between("day", first, DAYS_HELD - 1) - hidden) for index, hidden in self._counted)

    @cached_property
    def _counted(self) -> tuple[tuple[Index, BitMap], ...]:
        in_base, in_delta = self.duplicates
        return (self.base, self.base.excluded | self.dead | in_base), (self.delta, self.delta.excluded | in_delta)

    @cached_property
    def duplicates(self) -> tuple[BitMap, BitMap]:
        """Return the rows of base and delta that stand behind a twin: the same as if all were in one index."""
        base, delta = self.base, self.delta
        # two that say the same have the same total, which is found faster than what they say
        gone = rows_of(self.dead)
        gone = gone[base.times_paid(base.total[gone]) > 1]
        in_delta = delta.comparable
        totals = delta.total[in_delta]
        in_delta = in_delta[base.times_paid(totals) + delta.times_paid(totals) > 1]
        keys = np.unique(np.concatenate((base.twin_keys(gone), delta.twin_keys(in_delta))))
        touched = pack(np.sort(base.rows_of_twins(keys[keys != NO_KEY])))
        in_base = rows_of(touched - self.dead)
        old, new = base.ranking(in_base), delta.ranking(in_delta)
        behind = are_duplicates(
            np.concatenate((base.twin_keys(in_base), delta.twin_keys(in_delta))),
            {name: np.concatenate((old[name], new[name])) for name in old},
        )
        behind_in_base = pack(in_base[behind[: len(in_base)]])
        return base.duplicates - touched | behind_in_base, pack(in_delta[behind[len(in_base) :]])

    def aged(self, days: int) -> "Snapshot":
        """Return the snapshot in which reports less than this many days older than the newest are in no cohort."""
        if days == self.minimum_age_days:
            return self
        if days not in self._aged:
            self._aged[days] = replace(self, minimum_age_days=days, _cohorts={}, _figures={}, _aged={})
        return self._aged[days]

    def repeated(self, index: Index) -> BitMap:
        """Return the rows of an index whose contributor has another row, there or in the other index."""
        return self._repeated_in_base if index is self.base else self._repeated_in_delta

    @cached_property
    def _shared(self) -> tuple[BitMap, BitMap]:
        in_base = self.base.shared(self.delta.columns) if self.shared is None else self.shared
        both = np.unique(self.base.columns["contributor"][rows_of(in_base)])
        in_delta = np.flatnonzero(np.isin(self.delta.columns["contributor"], both)).astype(np.uint32)
        return in_base, pack(in_delta)

    @cached_property
    def _repeated_in_base(self) -> BitMap:
        return self.base.repeated | self._shared[0]

    @cached_property
    def _repeated_in_delta(self) -> BitMap:
        return self.delta.repeated | self._shared[1]

    @cached_property
    def synthetic(self) -> bool:
        """Return whether any report is synthetic."""
        return any(value & SYNTHETIC_BIT for index in (self.base, self.delta) for value in index.by_value("flags"))

    @cached_property
    def newest_day(self) -> int:
        """Return the newest effective day of any report, in days since 1970; 0 where there is none."""
        return max(int(index.columns["day"].max(initial=0)) for index in (self.base, self.delta))
