"""Purchasing power: what local pay buys, in international dollars, whatever the exchange rate does.

`purchasing_power.csv` has for each country and year the units of its currency that buy what a dollar buys in the United
States: the World Bank's PPP conversion factor for GDP, indicator PA.NUS.PPP (CC BY 4.0), as published in April 2024, to
six digits; Bulgaria's in euro at 1.95583 lev. Countries whose currency the ECB does not quote are left out.

How exact it is: for all that a country produces, not for an engineer's basket, and for all of it. The World
Bank revises it: the price survey of 2021, published in May 2024, moved India's by about a tenth. Years beyond the table
take the price level of the nearest year in it, which is steadier than a factor where prices rise fast.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.figures.dimensions import EPOCH
from service.figures.exchange import Days, units_per_dollar

TABLE = Path(__file__).with_name("purchasing_power.csv")
SOURCE = "PPP conversion factor, GDP (World Bank PA.NUS.PPP, April 2024)"
FIRST_YEAR, LAST_YEAR = 2015, 2022
MID_MONTH = 15


@dataclass(frozen=True)
class Parity:
    """A country's currency, and its units that buy what a dollar buys in the United States, by year."""

    currency: str
    units: tuple[float, ...]

    def factors(self, days: Days) -> NDArray[np.float64]:
        """Return what a dollar of pay, at the exchange rate of each day, is in international dollars."""
        years = _years(days)
        held = np.clip(years - FIRST_YEAR, 0, LAST_YEAR - FIRST_YEAR)
        rates = np.where((years < FIRST_YEAR) | (years > LAST_YEAR), self._yearly_rates[held], 0.0)
        inside = rates == 0
        rates[inside] = units_per_dollar(self.currency, days[inside])
        factors: NDArray[np.float64] = rates / np.array(self.units)[held]
        return factors

    @cached_property
    def _yearly_rates(self) -> NDArray[np.float64]:
        years = range(FIRST_YEAR, LAST_YEAR + 1)
        days = np.array([[(date(year, month, MID_MONTH) - EPOCH).days for month in range(1, 13)] for year in years])
        means: NDArray[np.float64] = units_per_dollar(self.currency, days.ravel()).reshape(days.shape).mean(axis=1)
        return means


@cache
def parities() -> dict[str, Parity]:
    """Return what is known of each country, by its code of ISO 3166."""
    years = [str(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)]
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return {
            row["country"]: Parity(row["currency"], tuple(float(row[year]) for year in years))
            for row in csv.DictReader(rows)
        }


def parity_factors(countries: NDArray[np.integer], names: list[str], days: Days) -> NDArray[np.float64]:
    """Return what a dollar of each report is in international dollars; NaN where its country's parity is not known.

    `countries` are codes of `names`.
    """
    factors = np.full(len(days), np.nan)
    for code in np.flatnonzero(np.bincount(countries)).tolist():
        parity = parities().get(names[code])
        if parity:
            mine = countries == code
            factors[mine] = parity.factors(days[mine])
    return factors


def _years(days: Days) -> NDArray[np.int64]:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + EPOCH.year
