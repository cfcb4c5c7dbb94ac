"""What the money is: figures are held in US dollars and shown in the currency that was asked for."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schema.rates import dollars_for, latest_day


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
    """How pay is counted and shown: `per_dollar` units of `currency` for one US dollar, on `rate_date`."""

    currency: str = "USD"
    per_dollar: float = 1.0
    rate_date: date | None = None
    rate_source: str | None = None
    pay: PayBasis = PayBasis.ANNUALIZED

    def column(self, measure: Measure) -> str:
        """Return the column that holds a measure under this basis."""
        first_year = measure is Measure.TOTAL and self.pay is PayBasis.FIRST_YEAR
        return "first_year" if first_year else measure.value


def basis_in(currency: str, day: date | None, pay: PayBasis) -> Basis:
    """Return the basis for a currency at the rate of one day, by default the latest. Raises Rejection for no rate.

    Each report was converted to US dollars at its own effective date; this one rate is applied to the figure.
    """
    if currency == "USD":
        return Basis(pay=pay)
    rate = dollars_for(currency, day or latest_day())
    return Basis(currency, 1 / rate.rate, rate.day, rate.source, pay)
