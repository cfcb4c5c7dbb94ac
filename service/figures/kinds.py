"""Kinds of rows, compiled: rows that have some values in common are looked at once, and counted."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_CHOICES = 64
"""Different sets of conditions that rows fail: of more, nothing is said."""
MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio, which spreads what it is multiplied with


@njit(nogil=True, cache=True)
def kinds_of(values: Numbers, single: Flags) -> tuple[Numbers, Numbers]:
    """Return the different columns of `values`, and of each how many are like it: all, and those that are `single`."""
    lines, count = values.shape
    size = 64
    while size < 2 * count:
        size *= 2
    table = np.full(size, -1, np.int64)
    first = np.empty(count, np.int64)
    counts = np.zeros((2, count), np.int64)
    found = 0
    for place in range(count):
        mixed = np.uint64(0)
        for line in range(lines):
            mixed = (mixed ^ np.uint64(values[line, place])) * MIX
            mixed ^= mixed >> np.uint64(29)
        slot = np.int64(mixed & np.uint64(size - 1))
        while True:
            kind = table[slot]
            if kind < 0:
                table[slot] = kind = found
                first[found] = place
                found += 1
                break
            same = True
            for line in range(lines):
                if values[line, first[kind]] != values[line, place]:
                    same = False
                    break
            if same:
                break
            slot = (slot + 1) & (size - 1)
        counts[0, kind] += 1
        counts[1, kind] += single[place]
    return values[:, first[:found]], counts[:, :found]


@njit(nogil=True, cache=True)
def let_in_many(
    kinds: Numbers, counts: Numbers, codes: Numbers, lines: Numbers, low: Numbers, high: Numbers, few: int, most: int
) -> Flags:
    """Tell, for each group, whether those with another code are many, whatever more of its conditions is left out.

    A kind's first value is its code. Condition `a` of group `g` is that the value in a line lies in [low, high]; where
    low is above high there is none. Many are more than `few` single rows, or more than `most` rows.
    """
    found = np.zeros(len(codes), np.bool_)
    choices = np.empty(kinds.shape[1], np.uint64)
    for group in range(len(codes)):
        choices[:] = 0
        for atom in range(len(lines)):
            least, greatest, line = low[atom, group], high[atom, group], lines[atom]
            if least <= greatest:
                for kind in range(kinds.shape[1]):
                    value = kinds[line, kind]
                    if value < least or value > greatest:
                        choices[kind] |= np.uint64(1) << np.uint64(atom)
        found[group] = _are_smallest_many(choices, kinds[0] != codes[group], counts, few, most)
    return found


@njit(nogil=True, cache=True)
def _are_smallest_many(choices: NDArray[np.uint64], others: Flags, counts: Numbers, few: int, most: int) -> bool:
    smallest, found = np.empty(MOST_CHOICES, np.uint64), 0
    held = np.zeros((2, MOST_CHOICES), np.int64)
    for kind in np.flatnonzero(others):
        choice, place = choices[kind], 0
        while place < found and smallest[place] & choice != smallest[place]:
            place += 1
        if place == found:
            found = place = _without_larger(choice, smallest, held, found)
            if found == MOST_CHOICES:
                return False
            smallest[place], held[:, place], found = choice, 0, found + 1
        if smallest[place] == choice:  # else it is part of a larger one
            held[:, place] += counts[:, kind]
    return not np.any((held[0, :found] <= most) & (held[1, :found] <= few))


@njit(nogil=True, cache=True)
def _without_larger(choice: np.uint64, smallest: NDArray[np.uint64], held: Numbers, found: int) -> int:
    kept = 0
    for each in range(found):
        if smallest[each] & choice != choice:
            smallest[kept], held[:, kept] = smallest[each], held[:, each]
            kept += 1
    return kept


@njit(nogil=True, cache=True)
def ends_of_groups(values: NDArray, rows: NDArray[np.uint32], bounds: Numbers, whole: bool) -> Numbers:  # type: ignore[type-arg]
    """Return the lowest and the highest value of each group, whose rows stand from a bound to the next; 0, -1 of none.

    Of the first that differ, unless of the `whole`.
    """
    found = np.zeros((2, len(bounds) - 1), np.int64)
    found[1] = -1
    for group in range(len(bounds) - 1):
        start, end = bounds[group], bounds[group + 1]
        if start == end:
            continue
        low = high = np.int64(values[rows[start]])
        for place in range(start + 1, end):
            value = np.int64(values[rows[place]])
            low, high = min(low, value), max(high, value)
            if low != high and not whole:
                break
        found[0, group], found[1, group] = low, high
    return found
