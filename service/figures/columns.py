"""The columns: reports as numpy arrays, all rows in order of total pay, and the index of bitmaps over them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from schema.vocabulary import EXCLUDING_FLAGS, QualityFlag
from service.figures.dimensions import PROPERTIES, UNKNOWN, Dimension

Rows = NDArray[np.uint32]
"""Positions in pay order, ascending."""

FLAG_BITS = {flag: 1 << bit for bit, flag in enumerate(QualityFlag)}
SYNTHETIC_BIT = 1 << len(FLAG_BITS)
EXCLUDING_BITS = sum(FLAG_BITS[flag] for flag in EXCLUDING_FLAGS)

DTYPES: dict[str, type[np.generic]] = {
    "id": np.uint64,  # the first 64 bits of the document's _id
    "total": np.float64,  # US dollars a year, as are the next six; NaN where a part is not known
    "first_year": np.float32,
    "base": np.float32,
    "bonus": np.float32,
    "stock": np.float32,
    "benefits": np.float32,
    "sign_on": np.float32,
    "contributor": np.uint64,  # 0: none given, so one of its own
    "day": np.uint16,  # since 1970
    "company": np.uint32,
    "metro": np.uint16,
    "region": np.uint16,
    "country": np.uint16,
    "source": np.uint16,
    "role": np.uint8,
    "level": np.uint8,
    "technology_hub": np.uint8,
    "industry": np.uint8,
    "ml_centrality": np.uint8,
    "company_size": np.uint8,
    "work_mode": np.uint8,
    "pay_policy": np.uint8,
    "employment": np.uint8,
    "education": np.uint8,
    "field": np.uint8,
    "experience": np.uint8,  # 1 + half-years
    "internship": np.uint8,
    "portfolio": np.uint8,
    "kind": np.uint8,
    "verification": np.uint8,
    "match": np.uint8,  # the weakest of the matches of role, level and place
    "flags": np.uint8,  # FLAG_BITS and SYNTHETIC_BIT
}
"""Every column and its type."""

Many = dict[Dimension, dict[int, BitMap]]
"""For each dimension of many values: the rows by code."""


@dataclass(frozen=True)
class Columns:
    """Reports as arrays of equal length, in order of total pay; `many` holds what has no column."""

    arrays: dict[str, NDArray[np.generic]]
    many: Many

    def __len__(self) -> int:
        return len(self.arrays["total"])

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        return self.arrays[name]


def sort_columns(arrays: dict[str, NDArray[np.generic]], carried: dict[Dimension, NDArray[np.uint32]]) -> Columns:
    """Return columns in pay order. `carried` has for each dimension of many values an array of (row, code) pairs."""
    order = np.lexsort((arrays["id"], arrays["total"]))
    position = np.empty(len(order), np.uint32)
    position[order] = np.arange(len(order), dtype=np.uint32)
    many = {
        dimension: bitmaps_of(pairs[:, 1], position[pairs[:, 0]]) if len(pairs) else {}
        for dimension, pairs in carried.items()
    }
    return Columns({name: array[order] for name, array in arrays.items()}, many)


def bitmaps_of(codes: NDArray[np.generic], rows: Rows | None = None) -> dict[int, BitMap]:
    """Return the rows of each code as bitmaps; `rows` are the positions that the codes belong to, if not 0, 1, 2 ..."""
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes)) if len(codes) else np.zeros(0, np.int64)
    placed = order.astype(np.uint32) if rows is None else rows[order]
    starts = np.concatenate(([0], ends[:-1]))
    return {code: pack(placed[starts[code] : ends[code]]) for code in np.flatnonzero(ends > starts).tolist()}


def pack(rows: Rows) -> BitMap:
    """Return rows as a bitmap, compact."""
    # pyroaring reads a memoryview twice as fast as an array
    bitmap = BitMap(np.ascontiguousarray(rows).data)
    bitmap.run_optimize()
    bitmap.shrink_to_fit()
    return bitmap


class Index:
    """Columns with the bitmaps over them: which rows carry a value. Nothing changes once it is made."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.total: NDArray[np.float64] = columns["total"].astype(np.float64, copy=False)
        self._raw: dict[str, dict[int, BitMap]] = {}
        self._derived: dict[Dimension, dict[int, BitMap]] = {}

    def __len__(self) -> int:
        return len(self.columns)

    def by_value(self, column: str) -> dict[int, BitMap]:
        """Return the rows of each value of a column."""
        if column not in self._raw:
            self._raw[column] = bitmaps_of(self.columns[column])
        return self._raw[column]

    def bitmaps(self, dimension: Dimension) -> dict[int, BitMap]:
        """Return the rows of each code of a dimension; code 0 holds those of which it is not known."""
        held = PROPERTIES[dimension]
        if held.many:
            return self.columns.many[dimension]
        if held.table is None:
            return self.by_value(held.column)
        if dimension not in self._derived:
            parts: dict[int, list[BitMap]] = {}
            for value, rows in self.by_value(held.column).items():
                parts.setdefault(int(held.table[value]), []).append(rows)
            self._derived[dimension] = {code: BitMap.union(*rows) for code, rows in parts.items()}
        return self._derived[dimension]

    def between(self, column: str, low: int, high: int) -> BitMap:
        """Return the rows whose value in a column lies in [low, high]."""
        return BitMap().union(*[rows for value, rows in self.by_value(column).items() if low <= value <= high])

    def codes(self, dimension: Dimension, rows: Rows) -> NDArray[np.generic]:
        """Return the codes of a single-valued dimension at some rows."""
        held = PROPERTIES[dimension]
        values = self.columns[held.column].take(rows)
        return values if held.table is None else held.table.take(values)

    @cached_property
    def everything(self) -> BitMap:
        """Return all rows."""
        return BitMap(range(len(self)))

    @cached_property
    def excluded(self) -> BitMap:
        """Return the rows that no figure is made of: those with a flag that excludes."""
        return BitMap().union(*[rows for value, rows in self.by_value("flags").items() if value & EXCLUDING_BITS])

    @cached_property
    def _by_id(self) -> tuple[NDArray[np.uint64], Rows]:
        ids = self.columns["id"].astype(np.uint64, copy=False)
        order = np.argsort(ids).astype(np.uint32)
        return ids[order], order

    def find(self, ids: NDArray[np.uint64]) -> Rows:
        """Return the rows of those reports that are held, in no order."""
        held, order = self._by_id
        at = np.searchsorted(held, ids)
        found = at < len(held)
        found[found] = held[at[found]] == ids[found]
        return order[at[found]]

    @cached_property
    def _by_contributor(self) -> Rows:
        return np.argsort(self.columns["contributor"], kind="stable").astype(np.uint32)

    def rows_of_contributors(self, contributors: NDArray[np.uint64]) -> Rows:
        """Return the rows of some contributors, in no order."""
        order, column = self._by_contributor, self.columns["contributor"]
        starts = np.searchsorted(column, contributors, side="left", sorter=order)
        ends = np.searchsorted(column, contributors, side="right", sorter=order)
        spans = [order[start:end] for start, end in zip(starts, ends, strict=True) if end > start]
        return np.concatenate(spans) if spans else np.zeros(0, np.uint32)

    @cached_property
    def repeated(self) -> BitMap:
        """Return the rows whose contributor has another row here."""
        order = self._by_contributor
        contributors = self.columns["contributor"][order]
        same = contributors[1:] == contributors[:-1]
        again = np.zeros(len(order), bool)
        again[1:] |= same
        again[:-1] |= same
        return pack(np.sort(order[again & (contributors != 0)]))

    def warm(self) -> None:
        """Build everything that queries would build on first use, before anybody waits for it."""
        for held in PROPERTIES.values():
            if not held.many:
                self.by_value(held.column)
        self.by_value("match")
        _ = self.everything, self.excluded, self.repeated, self._by_id


def merge(base: Columns, dead: BitMap, delta: Columns) -> Columns:
    """Return the columns that hold the living rows of `base` and all of `delta`, in pay order.

    Same rows as sorting everything anew, in time linear in the rows.
    """
    alive = np.ones(len(base), bool)
    alive[np.frombuffer(dead.to_array(), np.uint32)] = False
    kept = np.flatnonzero(alive)
    places = np.searchsorted(base["total"][kept], delta["total"], side="right")
    delta_at = (places + np.arange(len(delta))).astype(np.uint32)
    base_at = np.full(len(base), np.iinfo(np.uint32).max, np.uint32)
    free = np.ones(len(kept) + len(delta), bool)
    free[delta_at] = False
    base_at[kept] = np.flatnonzero(free)
    arrays = {name: np.insert(base[name][kept], places, delta[name]) for name in base.arrays}
    many = {
        dimension: _merge_bitmaps(base.many[dimension], base_at, delta.many[dimension], delta_at)
        for dimension in base.many
    }
    return Columns(arrays, many)


def _merge_bitmaps(
    base: dict[int, BitMap], base_at: Rows, delta: dict[int, BitMap], delta_at: Rows
) -> dict[int, BitMap]:
    merged = {}
    for code in base.keys() | delta.keys():
        old = base_at[np.frombuffer(base.get(code, BitMap()).to_array(), np.uint32)]
        new = delta_at[np.frombuffer(delta.get(code, BitMap()).to_array(), np.uint32)]
        rows = np.concatenate((old[old != np.iinfo(np.uint32).max], new))
        if len(rows):
            merged[code] = pack(np.sort(rows))
    return merged


def known(bitmaps: dict[int, BitMap]) -> dict[int, BitMap]:
    """Return the bitmaps of the values that are known."""
    return {code: rows for code, rows in bitmaps.items() if code != UNKNOWN}
