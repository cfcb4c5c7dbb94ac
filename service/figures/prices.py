"""The price level: US consumer prices, so that pay of different years can be compared in the money of one month.

`us_cpi.csv` is the CPI for all urban consumers, all items, US city average, not seasonally adjusted (BLS series
CUUR0000SA0, public domain). A month that BLS did not publish has the index of the month before.
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from schema.errors import PaygaugeError
from service.figures.dimensions import PROPERTIES, Dimension

TABLE = Path(__file__).with_name("us_cpi.csv")
SOURCE = "US CPI-U, all items, not seasonally adjusted (BLS CUUR0000SA0)"


class NoPriceIndex(PaygaugeError):
    """There is no price index for that month."""


@cache
def price_index() -> dict[str, float]:
    """Return the index by month, "2024-07", oldest first."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return {row["month"]: float(row["index"]) for row in csv.DictReader(rows)}


def price_factors(month: str) -> NDArray[np.float64]:
    """Return by code of Dimension.MONTH what a dollar of that month is worth in dollars of `month`.

    Months after the last that is published count as that one, those before the first as the first. Raises NoPriceIndex
    for a `month` that is not in the table.
    """
    index = price_index()
    if month not in index:
        raise NoPriceIndex(f"{month!r} is not one of {next(iter(index))} to {next(reversed(index))}, as YYYY-MM.")
    names = PROPERTIES[Dimension.MONTH].closed or ()
    return index[month] / np.concatenate([[np.nan], _by_code(names, index)])


def _by_code(names: tuple[str, ...], index: dict[str, float]) -> NDArray[np.float64]:
    known = next(iter(index.values()))
    values = []
    for name in names:
        known = index.get(name, known)
        values.append(known)
    return np.array(values)
