"""Rows as Roaring bitmaps: made of codes, compact, with the rows whose value is not known aside."""

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.dimensions import UNKNOWN

Rows = NDArray[np.uint32]
"""Positions in pay order, ascending."""


def bitmaps_of(codes: NDArray[np.generic], rows: Rows | None = None) -> dict[int, BitMap]:
    """Return the rows of each code as bitmaps; `rows` are the positions that the codes belong to, if not 0, 1, 2 ..."""
    order, ends = sort_codes(codes)
    placed = order if rows is None else rows[order]
    starts = np.concatenate(([0], ends[:-1]))
    return {code: pack(placed[starts[code] : ends[code]]) for code in np.flatnonzero(ends > starts).tolist()}


def sort_codes(codes: NDArray[np.generic]) -> tuple[Rows, NDArray[np.int64]]:
    """Return the places of the codes, sorted by code and then by place, and for each code where its places end."""
    if not len(codes):
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    narrow = codes.astype(np.min_scalar_type(codes.max()), copy=False)  # numpy sorts 8 and 16 bits by radix
    return np.argsort(narrow, kind="stable").astype(np.uint32), np.cumsum(np.bincount(narrow))


def pack(rows: Rows) -> BitMap:
    """Return rows as a bitmap, compact."""
    # pyroaring reads a memoryview twice as fast as an array
    bitmap = BitMap(np.ascontiguousarray(rows).data)
    bitmap.run_optimize()
    bitmap.shrink_to_fit()
    return bitmap


def rows_of(bitmap: BitMap) -> Rows:
    """Return the rows of a bitmap."""
    return np.frombuffer(bitmap.to_array(), np.uint32)


def known(bitmaps: dict[int, BitMap]) -> dict[int, BitMap]:
    """Return the bitmaps of the values that are known."""
    return {code: rows for code, rows in bitmaps.items() if code != UNKNOWN}
