"""Rows as Roaring bitmaps: made of codes, compact, with the rows whose value is not known aside."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.compiled import counting, is_warm
from service.figures.dimensions import UNKNOWN

Held = TypeVar("Held")

FEW_ROWS = 2_000
FEW_CODES = 100_000
"""To sort so many takes three times as long without compiled code, and less than to wait for that."""

COOKIE = 12346
CONTAINER_ROWS = 65_536
BITSET_BYTES = CONTAINER_ROWS // 8
"""Of Roaring: a container is an array of 16-bit numbers while that takes no more bytes than a bit each."""

Rows = NDArray[np.uint32]
"""Positions in pay order, ascending."""


def bitmaps_of(codes: NDArray[np.integer], rows: Rows | None = None) -> dict[int, BitMap]:
    """Return the rows of each code as bitmaps; `rows` are the positions that the codes belong to, if not 0, 1, 2 ..."""
    return {code: pack(group) for code, group in cut(codes, rows).items()}


def cut(codes: NDArray[np.integer], rows: Rows | None = None) -> dict[int, Rows]:
    """Return the rows of each code that occurs, as parts of one array."""
    placed, bounds = sort_codes(codes, rows)
    return {code: placed[start:end] for code, (start, end) in enumerate(pairwise(bounds.tolist())) if end > start}


def sort_codes(codes: NDArray[np.integer], rows: Rows | None = None) -> tuple[Rows, NDArray[np.int64]]:
    """Return the rows in order of their codes and, within a code, as they came; and the bounds of each code."""
    if rows is None:
        rows = np.arange(len(codes), dtype=np.uint32)
    sort = counting.counting_sort if is_warm.is_set() or len(codes) > FEW_CODES else _stable_sort
    return sort(codes, rows, int(codes.max(initial=0)) + 1)


def _stable_sort(codes: NDArray[np.integer], rows: Rows, count: int) -> tuple[Rows, NDArray[np.int64]]:
    bounds = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(codes, minlength=count), out=bounds[1:])
    narrow = codes.astype(np.min_scalar_type(count), copy=False)  # numpy sorts 16 bits and fewer by radix
    return rows[narrow.argsort(kind="stable")], bounds


def pack(rows: Rows) -> BitMap:
    """Return ascending rows as a bitmap, compact."""
    rows = np.ascontiguousarray(rows, np.uint32)
    # pyroaring reads many rows one by one: that takes four times as long, and keeps all other threads waiting
    bitmap = BitMap.deserialize(b"".join(_serialized(rows))) if len(rows) > FEW_ROWS else BitMap(rows.data)
    bitmap.run_optimize()
    bitmap.shrink_to_fit()
    return bitmap


def _serialized(rows: Rows) -> Iterator[bytes]:
    """Yield the parts of Roaring's portable format, without runs (github.com/RoaringBitmap/RoaringFormatSpec)."""
    first, last = int(rows[0]) // CONTAINER_ROWS, int(rows[-1]) // CONTAINER_ROWS
    edges = np.arange(first, last + 2, dtype=np.uint64) * CONTAINER_ROWS
    bounds = np.searchsorted(rows, np.minimum(edges, np.iinfo(np.uint32).max).astype(np.uint32))
    bounds[-1] = len(rows)
    counts = np.diff(bounds)
    keys = np.flatnonzero(counts)
    sizes = np.minimum(2 * counts[keys], BITSET_BYTES)
    yield np.array([COOKIE, len(keys)], np.uint32).tobytes()
    yield np.stack((keys + first, counts[keys] - 1), axis=1).astype(np.uint16).tobytes()
    yield (8 + 8 * len(keys) + np.cumsum(sizes) - sizes).astype(np.uint32).tobytes()
    low = rows.astype(np.uint16)
    for key in keys.tolist():
        within = low[bounds[key] : bounds[key + 1]]
        yield within.tobytes() if 2 * len(within) <= BITSET_BYTES else _bits(within)


def _bits(rows: NDArray[np.uint16]) -> bytes:
    bits = np.zeros(CONTAINER_ROWS, np.uint8)
    bits[rows] = 1
    return np.packbits(bits, bitorder="little").tobytes()


def rows_of(bitmap: BitMap) -> Rows:
    """Return the rows of a bitmap."""
    return np.frombuffer(bitmap.to_array(), np.uint32)


def known(by_code: Mapping[int, Held]) -> dict[int, Held]:
    """Return what is held of the values that are known."""
    return {code: held for code, held in by_code.items() if code != UNKNOWN}
