"""What the money is: figures are held in US dollars and shown in the currency that was asked for."""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from schema.rates import DOLLAR, dollars_for, latest_day
from service.figures.cohort import Cohort
from service.figures.dimensions import Dimension
from service.figures.prices import price_factors, price_level
from service.figures.quantiles import Ordered, SortedValues


class Measure(StrEnum):
    """A part of pay, a year."""

    TOTAL = "total"
    BASE = "base"
    BONUS = "bonus"
    STOCK = "stock"
    BENEFITS = "benefits"
    SIGN_ON = "sign_on"


class PayBasis(StrEnum):
    """Annualised: grants spread over their vesting, no sign-on. First year: what the first twelve months bring."""

    ANNUALIZED = "annualized"
    FIRST_YEAR = "first_year"


@dataclass(frozen=True)
class Basis:
    """How pay is counted and shown: `per_dollar` units of `currency` for one US dollar, on `rate_date`.

    `prices_of` is the month, "2024-07", in whose US dollars amounts are shown; None: each in its own month's. They are
    counted in those of one month, whatever is asked for, and `inflation` is what one of these is worth in that month.
    """

    currency: str = DOLLAR
    per_dollar: float = 1.0
    rate_date: date | None = None
    rate_source: str | None = None
    pay: PayBasis = PayBasis.ANNUALIZED
    prices_of: str | None = None
    inflation: float = 1.0
    _factors: NDArray[np.float64] | None = field(default=None, compare=False, repr=False)

    @property
    def scale(self) -> float:
        """Return what a dollar, as amounts are counted, is as they are shown."""
        return self.per_dollar * self.inflation

    def amounts(self, cohort: Cohort, column: str) -> NDArray[np.float64]:
        """Return a column of pay of a cohort in US dollars a year as they are counted, in no order."""
        amounts = cohort.column(column).astype(np.float64)
        return amounts if self._factors is None else amounts * self._factors[cohort.codes(Dimension.MONTH)]

    def ordered(self, cohort: Cohort, column: str) -> Ordered:
        """Return the same as order statistics; nominal totals are in order already."""
        if self._factors is None:
            return cohort.ordered(column)
        return SortedValues(np.sort(self.amounts(cohort, column)))

    def column(self, measure: Measure) -> str:
        """Return the column that holds a measure under this basis."""
        first_year = measure is Measure.TOTAL and self.pay is PayBasis.FIRST_YEAR
        return "first_year" if first_year else measure.value


def basis_in(currency: str, day: date | None, pay: PayBasis, prices_of: str | None = None) -> Basis:
    """Return the basis for a currency at the rate of one day, by default the latest, in the prices of a month.

    Each report was converted to US dollars at its own effective date; this one rate is applied to the figure. Raises
    Rejection for no rate, NoPriceIndex for a month that has no index.
    """
    real = Basis(pay=pay)
    if prices_of:
        real = Basis(pay=pay, prices_of=prices_of, inflation=price_level(prices_of), _factors=price_factors())
    if currency == DOLLAR:
        return real
    rate = dollars_for(currency, day or latest_day())
    return replace(real, currency=currency, per_dollar=1 / rate.rate, rate_date=rate.day, rate_source=rate.source)
