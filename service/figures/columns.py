"""The columns: reports as numpy arrays, all rows in order of total pay."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from schema.vocabulary import EXCLUDING_FLAGS, QualityFlag, SourceKind
from service.figures.bitmaps import Rows, bitmaps_of, pack, rows_of
from service.figures.dimensions import PROPERTIES, Dimension

FLAG_BITS = {flag: 1 << bit for bit, flag in enumerate(QualityFlag)}
SYNTHETIC_BIT = 1 << len(FLAG_BITS)
MERGED_BIT = SYNTHETIC_BIT << 1
OFFICIAL = 1 + (PROPERTIES[Dimension.KIND].closed or ()).index(SourceKind.OFFICIAL.name)
"""The code of official statistics, which stand beside figures and are never mixed in."""
EXCLUDING_BITS = sum(FLAG_BITS[flag] for flag in EXCLUDING_FLAGS)

DTYPES: dict[str, type[np.generic]] = {
    "id": np.uint64,  # the first 64 bits of the document's _id
    "total": np.float64,  # US dollars a year, as are the next eleven; NaN where it is not known
    "first_year": np.float32,
    "base": np.float32,
    "bonus": np.float32,
    "stock": np.float32,
    "benefits": np.float32,
    "sign_on": np.float32,
    "low": np.float32,  # the range that a posting gives, of which the total is the middle
    "high": np.float32,
    "first_base": np.float32,  # of the first offer, as the next
    "first_total": np.float32,
    "previous_total": np.float32,  # before the change that led to this pay
    "contributor": np.uint64,  # 0: none given, so one of its own
    "day": np.uint16,  # since 1970
    "company": np.uint32,
    "metro": np.uint16,
    "region": np.uint16,
    "country": np.uint16,
    "source": np.uint16,
    "role": np.uint16,
    "level": np.uint8,
    "technology_hub": np.uint8,
    "industry": np.uint16,
    "ml_centrality": np.uint8,
    "company_size": np.uint8,
    "work_mode": np.uint8,
    "pay_policy": np.uint8,
    "employment": np.uint8,
    "education": np.uint8,
    "field": np.uint16,
    "experience": np.uint8,  # 1 + half-years
    "internship": np.uint8,
    "portfolio": np.uint8,
    "change": np.uint8,
    "kind": np.uint8,
    "verification": np.uint8,
    "match": np.uint8,  # the weakest of the matches of role, level and place
    "flags": np.uint16,  # FLAG_BITS, SYNTHETIC_BIT and MERGED_BIT
    "negotiated": np.uint8,
}
"""Every column and its type."""

DIMENSIONS = {held.column for held in PROPERTIES.values()}
"""The columns of codes."""

Many = dict[Dimension, dict[int, BitMap]]
"""For each dimension of many values: the rows by code."""


@dataclass(frozen=True)
class Columns:
    """Reports as arrays of equal length, in order of total pay; `many` holds what has no column."""

    arrays: dict[str, NDArray[np.generic]]
    many: Many

    def __len__(self) -> int:
        return len(self.arrays["total"])

    @property
    def nbytes(self) -> int:
        """Return how much memory the arrays take."""
        return sum(array.nbytes for array in self.arrays.values())

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        return self.arrays[name]


Carried = tuple[NDArray[np.integer], NDArray[np.integer]]
"""The codes of a dimension of many values, row after row, and how many each row has."""


def sort_columns(arrays: dict[str, NDArray[np.generic]], carried: dict[Dimension, Carried]) -> Columns:
    """Return columns in pay order."""
    order = np.lexsort((arrays["id"], arrays["total"]))
    many = {dimension: _sort_carried(codes, counts, order) for dimension, (codes, counts) in carried.items()}
    return Columns({name: _narrow(name, array[order]) for name, array in arrays.items()}, many)


def _narrow(name: str, array: NDArray[np.generic]) -> NDArray[np.generic]:
    # most codes need fewer bits than their columns have, and narrow columns are faster to gather from
    return array.astype(np.min_scalar_type(array.max()), copy=False) if name in DIMENSIONS and len(array) else array


def _sort_carried(
    codes: NDArray[np.integer], counts: NDArray[np.integer], order: NDArray[np.intp]
) -> dict[int, BitMap]:
    counts = counts.astype(np.int64)
    starts = (np.cumsum(counts) - counts)[order]
    counts = counts[order]
    places = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(len(codes))
    return bitmaps_of(codes[places], np.repeat(np.arange(len(order), dtype=np.uint32), counts))


def merge(base: Columns, dead: BitMap, delta: Columns) -> Columns:
    """Return the columns that hold the living rows of `base` and all of `delta`, in pay order.

    Same rows as sorting everything anew, in time linear in the rows.
    """
    alive = np.ones(len(base), bool)
    alive[rows_of(dead)] = False
    kept = np.flatnonzero(alive)
    places = np.searchsorted(base["total"][kept], delta["total"], side="right")
    delta_at = (places + np.arange(len(delta))).astype(np.uint32)
    base_at = np.full(len(base), np.iinfo(np.uint32).max, np.uint32)
    free = np.ones(len(kept) + len(delta), bool)
    free[delta_at] = False
    base_at[kept] = np.flatnonzero(free)
    order = np.empty(len(free), np.int64)
    order[free], order[delta_at] = kept, len(base) + np.arange(len(delta))
    arrays = {name: _narrow(name, np.concatenate((base[name], delta[name])).take(order)) for name in DTYPES}
    many = {
        dimension: _merge_bitmaps(base.many[dimension], base_at, delta.many[dimension], delta_at)
        for dimension in base.many
    }
    return Columns(arrays, many)


def _merge_bitmaps(
    base: dict[int, BitMap], base_at: Rows, delta: dict[int, BitMap], delta_at: Rows
) -> dict[int, BitMap]:
    merged, none = {}, BitMap()
    for code in base.keys() | delta.keys():
        old, new = base_at[rows_of(base.get(code, none))], delta_at[rows_of(delta.get(code, none))]
        rows = np.concatenate((old[old != np.iinfo(np.uint32).max], new))
        if len(rows):
            merged[code] = pack(np.sort(rows, kind="stable"))  # two runs, which that merges
    return merged
