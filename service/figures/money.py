"""What the money is: figures are held in US dollars and shown in the currency that was asked for."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from schema.errors import PaygaugeError
from schema.rates import DOLLAR, dollars_for, latest_day
from service.figures.cohort import Cohort
from service.figures.conditions import Among
from service.figures.dimensions import EPOCH, Dimension
from service.figures.exchange import mean_rate, units_per_dollar
from service.figures.extremes import LARGE
from service.figures.parity import parities, parity_factors
from service.figures.prices import latest_month, price_factor, price_factors, price_level
from service.figures.quantiles import Ordered, SortedValues
from service.figures.sharing import shared

Floats = NDArray[np.float64]


class BasisConflict(PaygaugeError):
    """These ways to show pay exclude each other."""


class NoParity(PaygaugeError):
    """The purchasing power of that country is not known: leave out `ppp`."""


class Measure(StrEnum):
    """A part of pay, a year."""

    TOTAL = "total"
    BASE = "base"
    BONUS = "bonus"
    STOCK = "stock"
    BENEFITS = "benefits"
    SIGN_ON = "sign_on"
    RANGE_LOW = "low"
    RANGE_HIGH = "high"


class PayBasis(StrEnum):
    """Annualised: grants spread over their vesting, no sign-on. First year: what the first twelve months bring."""

    ANNUALIZED = "annualized"
    FIRST_YEAR = "first_year"


class Conversion(StrEnum):
    """One day: figures are converted by one rate. Effective day: by the mean of those of their reports' own days."""

    ONE_DAY = "one_day"
    EFFECTIVE_DAY = "effective_day"


@dataclass(frozen=True)
class Basis:
    """How pay is counted and shown: `per_dollar` units of `currency` for one US dollar, on `rate_date`.

    `prices_of` is the month, "2024-07", in whose US dollars amounts are shown; None: each in its own month's. They are
    counted in those of one month, whatever is asked for, and `inflation` is what one of these is worth in that month.
    By `parity`, in international dollars, each report has a factor of its own. By EFFECTIVE_DAY each cohort has one and
    not each report: how a median moves from currency to currency would else tell its day, and so whose it is.
    """

    currency: str = DOLLAR
    per_dollar: float = 1.0
    rate_date: date | None = None
    rate_source: str | None = None
    pay: PayBasis = PayBasis.ANNUALIZED
    prices_of: str | None = None
    inflation: float = 1.0
    conversion: Conversion = Conversion.ONE_DAY
    parity: bool = False

    def scale(self, cohort: Cohort) -> float:
        """Return what a dollar of a cohort, as amounts are counted, is as they are shown. Raises RateMoved."""
        if self.conversion is Conversion.EFFECTIVE_DAY:
            return mean_rate(self.currency, cohort.column("day"))
        return self.per_dollar * self.inflation

    @property
    def _by_report(self) -> bool:
        return self.prices_of is not None or self.parity

    def counted(self, cohort: Cohort, column: str) -> Cohort:
        """Return those reports of a cohort that a figure is made of: in which a part of pay is known.

        In international dollars, also the parity of the country.
        """
        known = cohort.having(column)
        return known.meeting(Among(Dimension.COUNTRY, frozenset(parities()))) if self.parity else known

    def amounts(self, cohort: Cohort, column: str) -> Floats:
        """Return a column of pay of a cohort a year, as amounts are counted, in no order."""
        amounts = cohort.column(column).astype(np.float64)
        return amounts * self._factors(cohort) if self._by_report and len(amounts) else amounts

    def ordered(self, cohort: Cohort, column: str) -> Ordered:
        """Return the same as order statistics; nominal totals are in order already."""
        if not self._by_report:
            return cohort.ordered(column)
        return SortedValues(np.sort(self.amounts(cohort, column)))

    def column(self, measure: Measure) -> str:
        """Return the column that holds a measure under this basis."""
        first_year = measure is Measure.TOTAL and self.pay is PayBasis.FIRST_YEAR
        return "first_year" if first_year else measure.value

    def of_today(self, country: str | None) -> float:
        """Return what a dollar of today, paid in a country, is as amounts are shown. Raises NoParity."""
        worth = self.per_dollar * self.inflation * (price_factor(latest_month()) if self.prices_of else 1.0)
        today = np.array([(latest_day() - EPOCH).days])
        if self.conversion is Conversion.EFFECTIVE_DAY:
            worth *= float(units_per_dollar(self.currency, today)[0])
        if self.parity:
            known = parities().get(country or "")
            if known is None:
                raise NoParity(country or "No country is named.")
            worth *= float(known.factors(today)[0])
        return worth

    def _factors(self, cohort: Cohort) -> Floats:
        """Return what each report is multiplied with; below LARGE, several people share a factor."""
        factors = self._own_factors(cohort)
        return shared(cohort, factors) if len(cohort) < LARGE else factors

    def _own_factors(self, cohort: Cohort) -> Floats:
        factors = np.ones(len(cohort))
        if self.prices_of:
            factors *= price_factors()[cohort.codes(Dimension.MONTH)]
        if self.parity:
            names = cohort.snapshot.codebooks[Dimension.COUNTRY].values
            factors *= parity_factors(cohort.codes(Dimension.COUNTRY), names, cohort.column("day"))
        return factors


def basis_in(
    currency: str,
    day: date | None,
    pay: PayBasis,
    prices_of: str | None = None,
    *,
    conversion: Conversion = Conversion.ONE_DAY,
    parity: bool = False,
) -> Basis:
    """Return the basis for a currency at the rate of one day, by default the latest, in the prices of a month.

    Each report was converted to US dollars at its own effective date; this one rate is applied to the figure. Raises
    Rejection for no rate, NoPriceIndex for a month that has no index, BasisConflict for what cannot be together.
    """
    _check(currency, day, prices_of, conversion, parity=parity)
    real = Basis(pay=pay, parity=parity)
    if prices_of:
        real = replace(real, prices_of=prices_of, inflation=price_level(prices_of))
    if currency == DOLLAR:
        return real
    rate = dollars_for(currency, day or latest_day())
    if conversion is Conversion.EFFECTIVE_DAY:
        return replace(real, currency=currency, rate_source=rate.source, conversion=conversion)
    return replace(real, currency=currency, per_dollar=1 / rate.rate, rate_date=rate.day, rate_source=rate.source)


def _check(currency: str, day: date | None, prices_of: str | None, conversion: Conversion, *, parity: bool) -> None:
    by_day = conversion is Conversion.EFFECTIVE_DAY
    if parity and (currency != DOLLAR or day or by_day):
        raise BasisConflict("International dollars have no exchange rate: with `ppp`, leave out currency and rates.")
    if by_day and day:
        raise BasisConflict("`ratesOf` is for one day: leave it out, or ask for the conversion ONE_DAY.")
    if by_day and prices_of:
        raise BasisConflict("`realTo` is in dollars of one month: ask for the conversion ONE_DAY with it.")
