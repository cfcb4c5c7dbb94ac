"""The index: columns with the rows of every value of every dimension, as bitmaps or found by search."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.bitmaps import Rows, bitmaps_of, pack, rows_of
from service.figures.columns import EXCLUDING_BITS, OFFICIAL, Columns
from service.figures.dimensions import DAYS_HELD, PROPERTIES, Dimension
from service.figures.lookup import Buckets, CodeLookup, HashLookup
from service.figures.twins import are_comparable, are_duplicates, keys_of

MONTH_OF_DAY = cast("NDArray[np.uint16]", PROPERTIES[Dimension.MONTH].table)
RANGES_KEPT = 32
"""At 5M reports a range takes up to 0.6 MB; who asks for one asks for it again, and privacy looks around it."""
MANY_VALUES = 1_000
"""From there on bitmaps hold so few rows each that a sorted array takes less memory."""

REPEATED = "contributor"
"""Bitmaps of contributors would be far too many: held are the rows of those who have several."""
TWIN = "twin"
"""What reports say that can have twins; held are the rows that stand behind one."""


class Index:
    """Columns with what finds rows in them. Nothing changes once it is made.

    `made` are the bitmaps that an index of the same columns has made, and `buckets` those of its look-ups.
    """

    def __init__(
        self,
        columns: Columns,
        made: Mapping[str, Mapping[int, BitMap]] | None = None,
        buckets: Mapping[str, Buckets] | None = None,
    ) -> None:
        self.columns = columns
        self.total: NDArray[np.float64] = columns["total"].astype(np.float64, copy=False)
        self._bitmaps = dict(made or {})
        self._buckets = buckets or {}
        self._known: dict[str, BitMap] = {}
        self._ranges: dict[tuple[str, int, int], BitMap] = {}

    def __len__(self) -> int:
        return len(self.columns)

    def by_value(self, column: str) -> Mapping[int, BitMap]:
        """Return the rows of each value of a column."""
        if column not in self._bitmaps:
            self._bitmaps[column] = _by_code(self.columns[column])
        return self._bitmaps[column]

    def bitmaps(self, dimension: Dimension) -> Mapping[int, BitMap]:
        """Return the rows of each code of a dimension; code 0 holds those of which it is not known."""
        held = PROPERTIES[dimension]
        if held.many:
            return self.columns.many[dimension]
        if held.table is None:
            return self.by_value(held.column)
        if dimension not in self._bitmaps:
            self._bitmaps[dimension] = _by_code(held.table[self.columns[held.column]])
        return self._bitmaps[dimension]

    def held(self, dimension: Dimension) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """Return the column of a single-valued dimension and, where it does not hold the codes, the table to them."""
        held = PROPERTIES[dimension]
        return self.columns[held.column], held.table

    def codes(self, dimension: Dimension, rows: Rows) -> NDArray[Any]:
        """Return the codes of a single-valued dimension at some rows."""
        column, table = self.held(dimension)
        values: NDArray[Any] = column.take(rows)
        return values if table is None else table.take(values)

    def known(self, column: str) -> BitMap:
        """Return the rows in which a part of pay is known."""
        if column not in self._known:
            self._known[column] = pack(np.flatnonzero(~np.isnan(self.columns[column])).astype(np.uint32))
        return self._known[column]

    def between(self, column: str, low: int, high: int) -> BitMap:
        """Return the rows whose value in a column lies in [low, high]; remembered for a while."""
        key = column, low, high
        found = self._ranges.get(key)
        if found is None:
            found = self._between_days(low, high) if column == "day" else self._between_values(column, low, high)
            if len(self._ranges) >= RANGES_KEPT:
                self._ranges.clear()
            self._ranges[key] = found
        return found

    def _between_values(self, column: str, low: int, high: int) -> BitMap:
        return BitMap().union(*[rows for value, rows in self.by_value(column).items() if low <= value <= high])

    def _between_days(self, low: int, high: int) -> BitMap:
        # whole months by their bitmaps, and of the first and the last month, where in part, those days that lie between
        first, last = (int(MONTH_OF_DAY[min(max(day, 0), DAYS_HELD - 1)]) for day in (low, high))
        months = self.bitmaps(Dimension.MONTH)
        partly = {month for month in (first, last) if month in months and not _is_whole(month, low, high)}
        within = [rows for month, rows in months.items() if first <= month <= last and month not in partly]
        if not partly:
            return BitMap().union(*within)
        edges = rows_of(BitMap().union(*[months[month] for month in partly]))
        days = self.columns["day"][edges].astype(np.int64)
        return pack(edges[(low <= days) & (days <= high)]).union(*within)

    @cached_property
    def everything(self) -> BitMap:
        """Return all rows."""
        return BitMap(range(len(self)))

    @property
    def _all(self) -> Rows:
        return np.arange(len(self), dtype=np.uint32)

    @cached_property
    def excluded(self) -> BitMap:
        """Return the rows that no figure is made of: those with a flag that excludes, and official statistics."""
        flagged = [rows for value, rows in self.by_value("flags").items() if value & EXCLUDING_BITS]
        return BitMap().union(*flagged, self.by_value("kind").get(OFFICIAL, BitMap()))

    @cached_property
    def _by_id(self) -> HashLookup:
        return self._lookup("id", self.columns["id"].astype(np.uint64, copy=False).take, lambda: self._all)

    @cached_property
    def _by_contributor(self) -> HashLookup:
        contributors = self.columns["contributor"].astype(np.uint64, copy=False)
        return self._lookup(REPEATED, contributors.take, lambda: np.flatnonzero(contributors).astype(np.uint32))

    def _lookup(self, name: str, hashes: Callable[[Rows], NDArray[np.uint64]], rows: Callable[[], Rows]) -> HashLookup:
        return HashLookup(hashes, *(self._buckets.get(name) or (rows(),)))

    def find(self, ids: NDArray[np.uint64]) -> Rows:
        """Return the rows of those reports that are held, in no order."""
        return self._by_id.rows(ids)

    def rows_of_contributors(self, contributors: NDArray[np.uint64]) -> Rows:
        """Return the rows of some contributors, in no order."""
        return self._by_contributor.rows(contributors)

    def shared(self, others: Columns) -> BitMap:
        """Return the rows whose contributor has a row in other columns."""
        contributors = np.unique(others["contributor"]).astype(np.uint64, copy=False)
        return pack(np.sort(self.rows_of_contributors(contributors[contributors != 0])))

    @property
    def repeated(self) -> BitMap:
        """Return the rows whose contributor has another row here."""
        if REPEATED not in self._bitmaps:
            self._bitmaps[REPEATED] = {True: pack(np.sort(self._by_contributor.repeated()))}
        return self._bitmaps[REPEATED][True]

    @property
    def made(self) -> dict[str, Mapping[int, BitMap]]:
        """Return the bitmaps that it has made so far, for an index of the same columns."""
        return {name: held for name, held in self._bitmaps.items() if not isinstance(held, CodeLookup)}

    @property
    def buckets(self) -> dict[str, Buckets]:
        """Return the buckets of its look-ups, for an index of the same columns."""
        lookups = {"id": self._by_id, REPEATED: self._by_contributor, TWIN: self._by_twin}
        return {name: lookup.buckets for name, lookup in lookups.items()}

    def twin_keys(self, rows: Rows) -> NDArray[np.uint64]:
        """Return what rows are compared by with other sources' rows; see twins."""
        return keys_of(self.columns, rows)

    @property
    def comparable(self) -> Rows:
        """Return the rows that can have twins."""
        return np.flatnonzero(are_comparable(self.columns)).astype(np.uint32)

    @cached_property
    def _by_twin(self) -> HashLookup:
        return self._lookup(TWIN, self.twin_keys, lambda: self.comparable)

    def times_paid(self, totals: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return how many rows have each of these totals."""
        return self.total.searchsorted(totals, "right") - self.total.searchsorted(totals)

    def rows_of_twins(self, keys: NDArray[np.uint64]) -> Rows:
        """Return the rows that say one of these things, in no order."""
        return self._by_twin.rows(keys)

    @property
    def duplicates(self) -> BitMap:
        """Return the rows that stand behind a twin here."""
        if TWIN not in self._bitmaps:
            rows = self._by_twin.repeated()
            behind = are_duplicates(self.twin_keys(rows), self.ranking(rows))
            self._bitmaps[TWIN] = {True: pack(np.sort(rows[behind]))}
        return self._bitmaps[TWIN][True]

    def ranking(self, rows: Rows) -> dict[str, NDArray[Any]]:
        """Return the columns that twins are ranked by, at some rows."""
        return {name: self.columns[name][rows] for name in ("id", "day", "verification", "source")}

    def warm(self) -> None:
        """Build everything that queries would build on first use, before anybody waits for it."""
        for dimension in PROPERTIES:
            self.bitmaps(dimension)
        self.by_value("experience")
        self.by_value("match")
        _ = (
            self.everything,
            self.excluded,
            self.repeated,
            self._by_id,
            self.duplicates,
            self._by_contributor,
            self._by_twin,
        )


def _is_whole(month: int, low: int, high: int) -> bool:
    start, end = MONTH_OF_DAY.searchsorted([month, month + 1]).tolist()
    return bool(low <= start and end <= high + 1)


def _by_code(codes: NDArray[Any]) -> Mapping[int, BitMap]:
    counts = np.bincount(codes)
    return CodeLookup(codes, counts) if np.count_nonzero(counts) > MANY_VALUES else bitmaps_of(codes)
