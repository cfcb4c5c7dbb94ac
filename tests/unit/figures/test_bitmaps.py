"""Rows become bitmaps and come back the same, whatever containers Roaring puts them into."""

import numpy as np
import pytest
from pyroaring import BitMap

from service.figures.bitmaps import pack, rows_of

CONTAINER = 65_536


@pytest.mark.parametrize(
    "rows",
    [
        range(0),
        range(1),
        range(4_095),
        range(4_096),  # the largest array
        range(4_097),  # the smallest bitset
        range(0, 2 * 4_097, 2),
        range(CONTAINER),
        range(CONTAINER - 3_000, CONTAINER + 3_000),
        range(3 * CONTAINER, 4 * CONTAINER + 1),  # nothing in the first containers
        [*range(5_000), *range(9 * CONTAINER, 9 * CONTAINER + 10)],  # nothing in between
        range(2**32 - 5_000, 2**32),
    ],
    ids=lambda rows: f"{len(rows)} from {next(iter(rows), None)}",
)
def test_rows_are_the_same_in_a_bitmap(rows: range | list[int]) -> None:
    array = np.array(rows, np.uint32)
    assert pack(array) == BitMap(list(rows))
    assert np.array_equal(rows_of(pack(array)), array)


def test_many_rows_are_the_same_in_a_bitmap() -> None:
    chosen = np.flatnonzero(np.random.default_rng(7).random(1_000_000) < 0.07).astype(np.uint32)
    assert pack(chosen) == BitMap(chosen.tolist())
