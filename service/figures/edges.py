"""The edges that ranges are asked with: whole months of days, whole years of experience, some rounder than others."""

from collections.abc import Mapping

import numpy as np
from pyroaring import BitMap

from service.figures.conditions import Between
from service.figures.dimensions import DAYS_HELD, EXPERIENCE_BANDS, HALF_YEARS_HELD, Dimension
from service.figures.index import MONTH_OF_DAY, Index

MONTHS_A_YEAR, MONTHS_A_QUARTER = 12, 3
BAND_ENDS = tuple(years for _, years in EXPERIENCE_BANDS)
BAND_STARTS = (0, *BAND_ENDS[:-1])


def band_edges(band: int) -> tuple[int, int]:
    """Return the edges of a band of experience, counted from 0, as half-years are held."""
    return 1 + 2 * BAND_STARTS[band], min(1 + 2 * BAND_ENDS[band], HALF_YEARS_HELD)


def cells_of(index: Index, column: str) -> Mapping[int, BitMap]:
    """Return the rows of each cell of a column's grid: months of the day, else the column's own values."""
    return index.bitmaps(Dimension.MONTH) if column == "day" else index.by_value(column)


def span_of(part: Between) -> tuple[int, int]:
    """Return the edges of a range: its first cell, and the first behind it."""
    if part.column != "day":
        return part.low, part.high + 1
    first, last = (int(MONTH_OF_DAY[min(max(day, 0), DAYS_HELD - 1)]) for day in (part.low, part.high))
    return first, last + 1


def spanning(column: str, start: int, end: int) -> Between:
    """Return the range between two edges."""
    return (
        Between(column, _first_day(start), _first_day(end) - 1) if column == "day" else Between(column, start, end - 1)
    )


def _first_day(month: int) -> int:
    return int(np.datetime64(month - 1, "M").astype("datetime64[D]").astype(np.int64))


def roundness(column: str, cell: int) -> int:
    """Return how round an edge before a cell is: 0 where nobody can ask for it, and the more the rounder.

    A year is rounder than a quarter, a quarter than a month; the start of a band of experience than another year.
    """
    if column == "day":
        return 3 if (cell - 1) % MONTHS_A_YEAR == 0 else 2 if (cell - 1) % MONTHS_A_QUARTER == 0 else 1
    if column == "experience":
        years, half = divmod(cell - 1, 2)
        return 0 if half else 2 if years in BAND_STARTS else 1
    return 1
