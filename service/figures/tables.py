"""Contingency tables of codes, compiled: numpy would copy every code to 64 bits."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Codes = NDArray[np.uint16]
Floats = NDArray[np.float64]

# `nogil` so that no other thread waits, `cache` so that no later start waits for the compiler


@njit(nogil=True, cache=True)
def count_codes(codes: Codes, size: int) -> Floats:
    """Return how often each code below `size` occurs."""
    counts = np.zeros(size)
    for code in codes:
        counts[code] += 1
    return counts


@njit(nogil=True, cache=True)
def sum_by_code(codes: Codes, weights: Floats, size: int) -> Floats:
    """Return the sum of the weights of each code below `size`."""
    sums = np.zeros(size)
    for place in range(len(codes)):
        sums[codes[place]] += weights[place]
    return sums


@njit(nogil=True, cache=True)
def count_pairs(one: Codes, other: Codes, rows: int, columns: int) -> Floats:
    """Return how often each pair of a code of `one` and a code of `other` occurs."""
    table = np.zeros(rows * columns, np.uint32)
    for place in range(len(one)):
        table[np.int64(one[place]) * columns + other[place]] += 1
    return table.astype(np.float64).reshape(rows, columns)


@njit(nogil=True, cache=True)
def sum_by_pair(one: Codes, other: Codes, weights: Floats, rows: int, columns: int) -> Floats:
    """Return the sum of the weights of each pair of a code of `one` and a code of `other`."""
    table = np.zeros(rows * columns)
    for place in range(len(one)):
        table[np.int64(one[place]) * columns + other[place]] += weights[place]
    return table.reshape(rows, columns)


@njit(nogil=True, cache=True)
def add_by_code(sums: Floats, codes: Codes, amounts: Floats) -> None:
    """Add to each of `sums`, in place, the amount of its code."""
    for place in range(len(codes)):
        sums[place] += amounts[codes[place]]
