"""Rows cut by code, compiled: numpy and scipy have no counting sort, and no way to count codes block by block."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

# `nogil` so that no other thread waits, `cache` so that no later start waits for the compiler


@njit(nogil=True, cache=True)
def counting_sort(
    codes: NDArray[Any], rows: NDArray[np.uint32], count: int
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the rows in order of their codes and, within a code, as they came; and the bounds of each code.

    `codes[i]` is the code of `rows[i]`, at least 0 and below `count`; the rows of a code stand from its bound to the
    next one (Knuth, The Art of Computer Programming 3, 5.2, algorithm D).
    """
    bounds = np.zeros(count + 1, np.int64)
    for code in codes:
        bounds[code + 1] += 1
    for code in range(count):
        bounds[code + 1] += bounds[code]
    ends = bounds[:-1].copy()
    placed = np.empty(len(rows), np.uint32)
    for place in range(len(rows)):
        code = codes[place]
        placed[ends[code]] = rows[place]
        ends[code] += 1
    return placed, bounds


@njit(nogil=True, cache=True)
def count_by_block(
    column: NDArray[Any], table: NDArray[Any] | None, rows: NDArray[np.uint32], count: int, size: int
) -> tuple[NDArray[np.uint16], NDArray[np.int32]]:
    """Return the code at each row, and how often each code below `count` occurs before each block of `size` of them.

    The last line of the counts is that of all codes. A column holds the codes, or what a table gives them for.
    """
    codes = np.empty(len(rows), np.uint16)
    blocks = (len(rows) + size - 1) // size
    before = np.zeros((blocks + 1, count), np.int32)
    for block in range(blocks):
        before[block + 1] = before[block]
        counts = before[block + 1]
        for place in range(block * size, min((block + 1) * size, len(rows))):
            code = np.int64(column[rows[place]])
            if table is not None:  # compiled only for a table
                code = np.int64(table[code])
            codes[place] = code
            counts[code] += 1
    return codes, before


@njit(nogil=True, cache=True)
def place_of(codes: NDArray[Any], before: NDArray[np.int32], size: int, code: int, k: int) -> int:
    """Return where a code occurs for the k-th time, counted from 0; it must occur so often.

    `before` is what `count_by_block` returned of these codes and this size.
    """
    low, high = 0, len(before) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if before[middle, code] <= k:
            low = middle
        else:
            high = middle
    left, place = k - before[low, code], low * size
    while True:
        if codes[place] == code:
            if left == 0:
                return place
            left -= 1
        place += 1


@njit(nogil=True, cache=True)
def middles_of(codes: NDArray[Any], before: NDArray[np.int32], size: int) -> NDArray[np.int64]:
    """Return, for each code that occurs, where its lower and its upper middle occurrence are; 0 for the others."""
    count = before.shape[1]
    middles = np.zeros((count, 2), np.int64)
    for code in range(count):
        occurs = before[-1, code]
        if occurs:
            place = place_of(codes, before, size, code, (occurs - 1) // 2)
            middles[code] = place
            if occurs % 2 == 0:
                place += 1
                while codes[place] != code:
                    place += 1
                middles[code, 1] = place
    return middles


@njit(nogil=True, cache=True)
def ends_of(values: NDArray[Any], rows: NDArray[np.uint32], whole: bool) -> tuple[np.int64, np.int64]:
    """Return the lowest and the highest value at some rows; of the first that differ, unless of the `whole`."""
    low = high = np.int64(values[rows[0]])
    for row in rows:
        value = np.int64(values[row])
        low, high = min(low, value), max(high, value)
        if low != high and not whole:
            break
    return low, high


@njit(nogil=True, cache=True)
def lowest_and_highest(
    codes: NDArray[Any], values: NDArray[Any], rows: NDArray[np.uint32], count: int
) -> NDArray[np.int64]:
    """Return the lowest and the highest value at the rows of each code below `count`; where it has none, 0 and -1.

    `codes[i]` is the code of `rows[i]`.
    """
    found = np.zeros((2, count), np.int64)
    found[1] = -1
    for place in range(len(rows)):
        code, value = codes[place], np.int64(values[rows[place]])
        if found[1, code] < 0:
            found[0, code] = value
        found[0, code] = min(found[0, code], value)
        found[1, code] = max(found[1, code], value)
    return found
