"""Factors and weights that several people share, so that what they do to a figure tells nothing of one of them.

Microaggregation (Domingo-Ferrer and Mateo-Sanz 2002, IEEE Transactions on Knowledge and Data Engineering 14(1)): a
factor of one person's own, seen in how a median moves with it, would say whose pay the median is.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.figures.bitmaps import rows_of
from service.figures.cohort import Cohort

Floats = NDArray[np.float64]

SHARED_BY = 5
"""People at least that have one factor, or one weight."""
MANY_REPORTS = 250
"""Of one value: taken to be of enough people, uncounted."""


def shared(cohort: Cohort, values: Floats) -> Floats:
    """Return a value for every report of a cohort: its own, or where few people have that the mean of several.

    Those are the ones next to it that make up SHARED_BY people; of equal ones some, by their ids. The sum stays the
    same.
    """
    if not len(values):
        return values
    _, counts = np.unique(values, return_counts=True)
    if counts.min() >= MANY_REPORTS:
        return values
    order = np.lexsort((cohort.column("id"), values))
    ordered = values[order]
    ends = np.flatnonzero(np.diff(ordered, append=np.inf)) + 1
    people = np.concatenate([[0], np.cumsum(_are_first(cohort)[order])])
    found = values.copy()
    for start, end in _blocks([0, *ends.tolist()], people):
        found[order[start:end]] = ordered[start:end].mean()
    return found


def _blocks(bounds: list[int], people: NDArray[np.integer]) -> list[tuple[int, int]]:
    """Return the ranges of ordered reports that share a value; each takes in, between two bounds, whole or enough.

    `people[i]` is the number of people of whom the first i reports are.
    """
    blocks: list[tuple[int, int]] = []
    begun: int | None = None
    for start, end in pairwise(bounds):
        if begun is None and people[end] - people[start] < SHARED_BY:
            begun = start
        if begun is None or people[end] - people[begun] < SHARED_BY:
            continue
        enough = int(np.searchsorted(people, people[begun] + SHARED_BY))
        # the others of them remain as they are, unless they are few
        until = end if people[end] - people[enough] < SHARED_BY else enough
        blocks.append((begun, until))
        begun = None
    if begun is not None:
        _join_last(blocks, bounds, people)
    return blocks


def _join_last(blocks: list[tuple[int, int]], bounds: list[int], people: NDArray[np.integer]) -> None:
    """Add those at the end who are few, with as many before them as they need."""
    end = bounds[-1]
    begun = int(np.searchsorted(people, max(people[end] - SHARED_BY, 0), side="right")) - 1
    start = bounds[int(np.searchsorted(bounds, begun, side="right")) - 1]
    if blocks and blocks[-1][1] > start:
        start = blocks[-1][1]
    if people[begun] - people[start] < SHARED_BY:
        begun = start
    if blocks and begun == blocks[-1][1]:
        begun, _ = blocks.pop()
    blocks.append((begun, end))


def _are_first(cohort: Cohort) -> NDArray[np.bool_]:
    """Return of each report whether it is the first of its person in the cohort, in the order of `column`."""
    first, start, places = np.ones(len(cohort), bool), 0, [np.zeros(0, np.int64)]
    for part in cohort.parts:
        several = rows_of(part.bitmap & cohort.snapshot.repeated(part.index))
        places.append(start + np.searchsorted(part.rows, several))
        start += part.count
    repeated = np.concatenate(places)
    first[repeated] = False
    first[repeated[np.unique(cohort.column("contributor")[repeated], return_index=True)[1]]] = True
    return first
