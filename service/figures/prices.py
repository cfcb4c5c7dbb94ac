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
PRICES_HELD = "2025-01"
"""The month in whose prices real amounts are counted and rounded: an amount that is rounded anew in each month that is
asked for could be worked out from enough of them."""
SOURCE = "US CPI-U, all items, not seasonally adjusted (BLS CUUR0000SA0)"


class NoPriceIndex(PaygaugeError):
    """There is no price index for that month."""


@cache
def price_index() -> dict[str, float]:
    """Return the index by month, "2024-07", oldest first."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return {row["month"]: float(row["index"]) for row in csv.DictReader(rows)}


@cache
def price_factors() -> NDArray[np.float64]:
    """Return by code of Dimension.MONTH what a dollar of that month is worth in dollars of PRICES_HELD.

    Months after the last that is published count as that one, those before the first as the first.
    """
    names = PROPERTIES[Dimension.MONTH].closed or ()
    return price_index()[PRICES_HELD] / np.concatenate([[np.nan], _by_code(names, price_index())])


def latest_month() -> str:
    """Return the newest month that has an index."""
    return next(reversed(price_index()))


def price_factor(month: str) -> float:
    """Return what a dollar of a month that has an index is worth in dollars of PRICES_HELD."""
    return price_index()[PRICES_HELD] / price_index()[month]


def price_level(month: str) -> float:
    """Return what a dollar of PRICES_HELD is worth in dollars of a month. Raises NoPriceIndex."""
    index = price_index()
    if month not in index:
        raise NoPriceIndex(f"{month!r} is not one of {next(iter(index))} to {next(reversed(index))}, as YYYY-MM.")
    return index[month] / index[PRICES_HELD]


def _by_code(names: tuple[str, ...], index: dict[str, float]) -> NDArray[np.float64]:
    known = next(iter(index.values()))
    values = []
    for name in names:
        known = index.get(name, known)
        values.append(known)
    return np.array(values)
