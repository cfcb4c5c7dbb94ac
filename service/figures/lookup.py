"""Rows found by search, where a bitmap a value would take many times the memory."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.bitmaps import Rows, pack, sort_codes

Hashes = NDArray[np.uint64]


class CodeLookup(Mapping[int, BitMap]):
    """The rows of each of very many codes, 4 bytes a row; a bitmap is made when it is asked for."""

    def __init__(self, codes: NDArray[np.integer]) -> None:
        self._rows, self._ends = sort_codes(codes)

    def __getitem__(self, code: int) -> BitMap:
        if not 0 <= code < len(self._ends):
            raise KeyError(code)
        start, end = self._ends[code - 1] if code else 0, self._ends[code]
        if start == end:
            raise KeyError(code)
        return pack(self._rows[start:end])

    def __iter__(self) -> Iterator[int]:
        return iter(np.flatnonzero(np.diff(self._ends, prepend=0)).tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(np.diff(self._ends, prepend=0)))


class HashLookup:
    """The rows of 64-bit hashes: 8 bytes a row, since the upper halves of the hashes tell nearly all of them apart."""

    def __init__(self, hashes: Hashes) -> None:
        self._hashes = hashes
        self._rows = np.argsort(hashes).astype(np.uint32)
        self._heads = _upper_half(hashes[self._rows])

    def rows(self, wanted: Hashes) -> Rows:
        """Return the rows that have one of these hashes, in no order."""
        heads = np.unique(_upper_half(wanted))  # in order, so that one search ends near where the next begins
        starts, ends = (np.searchsorted(self._heads, heads, side) for side in ("left", "right"))
        counts = ends - starts
        places = np.repeat(ends - np.cumsum(counts), counts) + np.arange(counts.sum())
        found = self._rows[places]
        return found[np.isin(self._hashes[found], wanted)]

    def repeated(self) -> Rows:
        """Return the rows whose hash another row has too, in no order."""
        hashes = self._hashes[self._rows]
        same = np.concatenate(([False], hashes[1:] == hashes[:-1], [False]))[: len(hashes) + 1]
        return self._rows[same[1:] | same[:-1]]


def _upper_half(hashes: Hashes) -> NDArray[np.uint32]:
    return (hashes >> np.uint64(32)).astype(np.uint32)
