"""Twins: reports of different sources that say exactly the same of the same job and person; one of them counts.

A source that names two reports says that they are two, and is believed: the j-th such report of one source can only be
the j-th of another. What people tell is compared, not postings and payrolls, where many jobs are
alike; and only where employer, level and metro are known and pay has more parts than a base, since round salaries are
shared by many.
"""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from schema.vocabulary import SourceKind
from service.figures.bitmaps import Rows
from service.figures.columns import EXCLUDING_BITS, Columns
from service.figures.dimensions import PROPERTIES, Dimension

Keys = NDArray[np.uint64]

NO_KEY = 0
ALL = slice(None)
TOLD = [1 + list(SourceKind).index(kind) for kind in (SourceKind.SURVEY, SourceKind.OFFER)]
"""The codes of what people tell; a codebook begins with the closed vocabulary."""
NEEDED = ("company", "level", "metro", "source")
SAME = ("kind", "company", "role", "level", "metro", "employment", "experience")
SAME_AMOUNTS = ("total", "base", "bonus", "stock", "sign_on")
MONTH_OF_DAY = cast("NDArray[np.uint16]", PROPERTIES[Dimension.MONTH].table)
MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio, which spreads what it is multiplied with


def keys_of(columns: Columns, rows: Rows) -> Keys:
    """Return a 64-bit hash of what each report says of job, person, month and pay; NO_KEY where it can have no twin.

    Hashes are computed when they are asked for: to hold them would take eight bytes a report.
    """
    keys = np.zeros(len(rows), np.uint64)
    told = are_comparable(columns, rows)
    rows = rows[told]
    said: list[NDArray[Any]] = [MONTH_OF_DAY[columns["day"][rows]], *[columns[name][rows] for name in SAME]]
    said += [columns[name][rows].astype(np.float64).view(np.uint64) for name in SAME_AMOUNTS]
    mixed = np.zeros(len(rows), np.uint64)
    for values in said:
        mixed = (mixed ^ values.astype(np.uint64)) * MIX
        mixed ^= mixed >> np.uint64(29)
    keys[told] = mixed
    return keys


def are_comparable(columns: Columns, rows: Rows | slice = ALL) -> NDArray[np.bool_]:
    """Tell which of some reports can have a twin."""
    told = np.isin(columns["kind"][rows], TOLD) & (columns["flags"][rows].astype(np.uint16) & EXCLUDING_BITS == 0)
    for name in NEEDED:
        told &= columns[name][rows] != 0
    parts: Any = np.nan_to_num(columns["bonus"][rows]) + np.nan_to_num(columns["stock"][rows])
    comparable: NDArray[np.bool_] = told & ~np.isnan(columns["base"][rows]) & (parts > 0)
    return comparable


def are_duplicates(keys: Keys, columns: dict[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Tell which of some reports stand behind a twin: the best verified counts, then the earliest, then by id."""
    ranked = np.lexsort((columns["id"], columns["day"], -columns["verification"].astype(np.int16)))
    by_source = ranked[np.lexsort((columns["source"][ranked], keys[ranked]))]
    place = np.empty(len(keys), np.int64)  # among those of its source that say the same
    place[by_source] = _places(keys[by_source], columns["source"][by_source])
    by_place = ranked[np.lexsort((place[ranked], keys[ranked]))]
    duplicates = np.zeros(len(keys), bool)
    duplicates[by_place] = _places(keys[by_place], place[by_place]) > 0
    return duplicates


def _places(*groups: NDArray[Any]) -> NDArray[np.int64]:
    """Return the place of each row in its group, from 0, where rows of a group stand together."""
    count = len(groups[0])
    first = np.ones(count, bool)
    if count:
        first[1:] = np.any([values[1:] != values[:-1] for values in groups], axis=0)
    starts = np.flatnonzero(first)
    return np.arange(count) - starts[np.cumsum(first) - 1] if count else np.zeros(0, np.int64)
