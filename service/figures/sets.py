"""Sets of rows: who is in all of them but one, and who would go with the fewest of them."""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import accumulate
from operator import and_

import numpy as np
from pyroaring import BitMap

from service.figures.bitmaps import rows_of

Rows = tuple[BitMap, ...]
"""Rows in each of a snapshot's indexes."""

MOST_SETS = 64
"""A bit for each in a number."""


def size_of(rows: Rows) -> int:
    """Return how many rows there are."""
    return sum([len(bitmap) for bitmap in rows])


def cardinality(shared: Sequence[BitMap]) -> int:
    """Return how many rows one set has, or two share."""
    return len(shared[0]) if len(shared) == 1 else shared[0].intersection_cardinality(shared[1])


def meet(sets: Sequence[Rows]) -> Rows:
    """Return the rows that are in all of at least one set."""
    return tuple(reduce(and_, sorted(bitmaps, key=len)) for bitmaps in zip(*sets, strict=True))


def less(one: Rows, other: Rows) -> Rows:
    """Return the rows of the one that are not of the other."""
    return tuple(a - b for a, b in zip(one, other, strict=True))


def in_all_but_one(sets: Sequence[BitMap]) -> list[Sequence[BitMap]]:
    """Return, for each of at least two sets, one or two sets that share just the rows that all the others share."""
    if len(sets) <= 3:
        return [[*sets[:place], *sets[place + 1 :]] for place in range(len(sets))]
    order = sorted(range(len(sets)), key=lambda place: len(sets[place]))
    smallest, others = sets[order[0]], [sets[place] for place in order[1:]]
    # all that keep the smallest are parts of it: what does not cut it changes none of them
    cutting = [place for place in order[1:] if smallest.intersection_cardinality(sets[place]) < len(smallest)]
    within = [smallest & sets[place] for place in cutting]
    before = [smallest, *accumulate(within, and_)]
    after = [*reversed([*accumulate(reversed(within), and_)]), smallest]
    shared = dict(zip(cutting, zip(before, after[1:], strict=False), strict=True))
    shared[order[0]] = reduce(and_, others[:-1]), others[-1]
    return [shared.get(place, before[-1:]) for place in range(len(sets))]


def smallest_sets(rows: Rows, sets: Sequence[Rows], most: int) -> Iterator[tuple[int, Rows]]:
    """Yield the smallest choices of sets with rows that are in these sets and in no other, where that is `most` rows.

    A choice is a number with a bit for each set, the first the lowest; the smallest have no part that is one as well.
    Rows in sets from the 65th on are passed over.
    """
    rows = tuple(reduce(BitMap.__sub__, bitmaps) for bitmaps in zip(rows, *sets[MOST_SETS:], strict=True))
    arrays = [rows_of(bitmap) for bitmap in rows]
    choices = [np.zeros(len(array), np.uint64) for array in arrays]
    for place, chosen in enumerate(sets[:MOST_SETS]):
        for array, choice, bitmap, held in zip(arrays, choices, rows, chosen, strict=True):
            choice[np.searchsorted(array, rows_of(bitmap & held))] |= np.uint64(1 << place)
    found, counts = np.unique(np.concatenate(choices), return_counts=True)
    while len(found):
        least = int(np.argmin(np.bitwise_count(found)))
        chosen_bits = found[least]
        if counts[least] <= most:
            yield (
                int(chosen_bits),
                tuple(BitMap(array[choice == chosen_bits]) for array, choice in zip(arrays, choices, strict=True)),
            )
        wider = found & chosen_bits != chosen_bits
        found, counts = found[wider], counts[wider]
