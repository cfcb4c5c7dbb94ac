"""Rows found by search, where a bitmap a value would take many times the memory."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures.bitmaps import Rows, pack, sort_codes

Hashes = NDArray[np.uint64]

BUCKET_BITS = 3
"""Buckets are fewer than rows by this: four to eight rows in each."""
BITMAPS_KEPT = 64
"""Who asks for an employer asks for it again, and privacy looks around it."""


class CodeLookup(Mapping[int, BitMap]):
    """The rows of each of very many codes, found by looking through the column: half a nanosecond a row.

    `counts` are how many each code has. The last ones are remembered.
    """

    def __init__(self, codes: NDArray[np.integer], counts: NDArray[np.intp]) -> None:
        self._codes, self._counts = codes, counts
        self._found: dict[int, BitMap] = {}

    def __getitem__(self, code: int) -> BitMap:
        found = self._found.get(code)
        if found is None:
            found = self._look_up(code)
            if len(self._found) >= BITMAPS_KEPT:
                self._found.clear()
            self._found[code] = found
        return found

    def _look_up(self, code: int) -> BitMap:
        if not (0 <= code < len(self._counts) and self._counts[code]):
            raise KeyError(code)
        return pack(np.flatnonzero(self._codes == code).astype(np.uint32))

    def __iter__(self) -> Iterator[int]:
        return iter(np.flatnonzero(self._counts).tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self._counts))


Buckets = tuple[Rows, NDArray[np.uint32]]
"""Rows by the first bits of their hashes, and where each bucket begins; behind the last one, the end."""


class HashLookup:
    """Rows that are looked up, in buckets by the first bits of their hashes: about 5 bytes a row.

    `hashes` gives the 64-bit hashes of some rows. With `bounds`, the rows are in their buckets already.
    """

    def __init__(self, hashes: Callable[[Rows], Hashes], rows: Rows, bounds: NDArray[np.uint32] | None = None) -> None:
        self._hashes = hashes
        self._shift = np.uint64(64 - max(len(rows).bit_length() - BUCKET_BITS, 1))
        if bounds is None:
            rows, ends = sort_codes(self._numbers(hashes(rows)), rows)
            bounds = ends.astype(np.uint32)
        self._rows, self._bounds = rows, bounds

    @property
    def buckets(self) -> Buckets:
        """Return the rows in their buckets, for a look-up of the same rows by the same hashes."""
        return self._rows, self._bounds

    def _numbers(self, hashes: Hashes) -> NDArray[np.int32]:
        return (hashes >> self._shift).astype(np.int32)

    def rows(self, wanted: Hashes) -> Rows:
        """Return the rows that have one of these hashes, in no order."""
        buckets = np.unique(self._numbers(wanted))
        buckets = buckets[buckets < len(self._bounds) - 1]
        starts, ends = (self._bounds[edges].astype(np.int64) for edges in (buckets, buckets + 1))
        counts = ends - starts
        places = np.repeat(ends - np.cumsum(counts), counts) + np.arange(counts.sum())
        found = self._rows[places]
        return found[np.isin(self._hashes(found), wanted)]

    def repeated(self) -> Rows:
        """Return the rows whose hash another row has too, in no order."""
        hashes = self._hashes(self._rows)
        order = np.argsort(hashes, kind="stable")  # nearly in order already, which that way of sorting makes use of
        same = hashes[order[1:]] == hashes[order[:-1]]
        again = np.zeros(len(order), bool)
        again[1:] |= same
        again[:-1] |= same
        return self._rows[order[again]]
