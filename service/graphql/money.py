"""What the money of an answer is, as clients see it."""

from datetime import date

import strawberry

from service.figures import estimates, money, parity, prices
from service.figures.money import Conversion, PayBasis
from service.figures.prices import price_index
from service.graphql.describe import described


@described
class MoneyNote:
    """What the money is."""

    currency: str = strawberry.field(description="ISO 4217 code of the currency of all amounts.")
    rate: float | None = strawberry.field(
        description="Units of the currency for one US dollar; null in US dollars, in which figures are held, and where "
        "each cohort has a rate of its own."
    )
    rate_date: date | None = strawberry.field(
        description="Day of the rate; null in US dollars, and where each cohort has the mean rate of its reports' days."
    )
    rate_source: str | None = strawberry.field(description="Who quoted the rate; null in US dollars.")
    conversion: Conversion = strawberry.field(
        description="By the rate of one day, or by the mean of those of the reports' own days."
    )
    prices_of: str | None = strawberry.field(
        description="Month in whose prices amounts are counted, by the US CPI-U; null: each in those of its own time."
    )
    price_index: float | None = strawberry.field(
        description="The CPI-U of that month, 1982 to 1984 = 100; null where amounts are in the prices of their time."
    )
    price_source: str | None = strawberry.field(description="Where the index is from; null where there is none.")
    ppp: bool = strawberry.field(description="Whether amounts are in international dollars, by purchasing power.")
    ppp_source: str | None = strawberry.field(description="Where the parities are from; null where none is applied.")
    ppp_years: str | None = strawberry.field(
        description="Years of which there are parities; other years take the price level of the nearest. Null where "
        "none is applied."
    )
    pay: PayBasis = strawberry.field(description="Annualised, or the first year's.")


def money_note(basis: money.Basis) -> MoneyNote:
    """Return what the money of a basis is."""
    rate = None if basis.rate_date is None else estimates.round_to(basis.per_dollar, 6)
    return MoneyNote(
        currency=basis.currency,
        rate=rate,
        rate_date=basis.rate_date,
        rate_source=basis.rate_source,
        conversion=basis.conversion,
        prices_of=basis.prices_of,
        price_index=price_index()[basis.prices_of] if basis.prices_of else None,
        price_source=prices.SOURCE if basis.prices_of else None,
        ppp=basis.parity,
        ppp_source=parity.SOURCE if basis.parity else None,
        ppp_years=f"{parity.FIRST_YEAR} to {parity.LAST_YEAR}" if basis.parity else None,
        pay=basis.pay,
    )
