"""Quality: what is implausible about a report is flagged, never corrected."""

from functools import cache
from typing import NamedTuple

from ingest.normalise.amount_words import PER_YEAR
from schema.errors import Rejection
from schema.rates import DOLLAR, dollars_for
from schema.report import AnnualPay
from schema.terms import load_terms
from schema.vocabulary import Employment, Level, QualityFlag

WIDEST_RANGE = 10.0
"""Times its low end: the ends of a wider range were hardly meant for the same period and currency."""

PARTIAL_WORK = frozenset({Employment.PART_TIME, Employment.INTERNSHIP, Employment.FREELANCE, Employment.CONTRACT})
PARTIAL_SHARE = 0.2
"""Of a full year's least pay: one day a week, or ten weeks, is work too."""

_TOO_WIDE = frozenset({QualityFlag.OUTLIER})
_NO_FLAGS: frozenset[QualityFlag] = frozenset()


class Bounds(NamedTuple):
    """US dollars a year between which pay is plausible."""

    low: float
    high: float

    def hold(self, amount: float) -> bool:
        """Tell whether the amount lies between the bounds."""
        return self.low <= amount <= self.high


def flags_of(
    pay: AnnualPay, level: Level | None, country: str | None, employment: Employment | None
) -> frozenset[QualityFlag]:
    """Return why a pay is implausible for its level and country; empty where it is plausible.

    SUSPECT_PERIOD where it would be plausible as another period's, SUSPECT_CURRENCY where it would be as an amount in
    the country's currency or in dollars, both where either explains it, OUTLIER where neither does.
    """
    bounds = _bounds(level, country or _home_of(pay.currency))
    if employment in PARTIAL_WORK:
        bounds = Bounds(bounds.low * PARTIAL_SHARE, bounds.high)
    if bounds.low <= pay.total <= bounds.high:
        wide = pay.low is not None and pay.high is not None and pay.high > WIDEST_RANGE * pay.low
        return _TOO_WIDE if wide else _NO_FLAGS
    flags = set()
    if any(bounds.hold(pay.total * times) or bounds.hold(pay.total / times) for times in PER_YEAR.values()):
        flags.add(QualityFlag.SUSPECT_PERIOD)
    if any(bounds.hold(amount) for amount in _in_other_currencies(pay, country)):
        flags.add(QualityFlag.SUSPECT_CURRENCY)
    return frozenset(flags or {QualityFlag.OUTLIER})


def _in_other_currencies(pay: AnnualPay, country: str | None) -> list[float]:
    term = load_terms("country").get(country or "")
    others = {DOLLAR, term.extra["currency"] if term else DOLLAR} - {pay.currency, ""}
    amounts = []
    for currency in sorted(others):
        try:
            amounts.append(pay.total / pay.rate * dollars_for(currency, pay.rate_date).rate)
        except Rejection:  # a currency that has no rate explains nothing
            continue
    return amounts


@cache
def _home_of(currency: str) -> str | None:
    """Return the most populous country that pays in the currency."""
    users = [term for term in load_terms("country").values() if term.extra["currency"] == currency]
    return max(users, key=lambda term: int(term.extra["population"])).code if users else None


@cache
def _bounds(level: Level | None, country: str | None) -> Bounds:
    """Return the bounds of a level in a country; where either is not known, the widest of those it may be.

    Interns say that they are: pay without a level is not held to be an intern's.
    """
    term = load_terms("country").get(country or "")
    rows = [
        bound
        for bound in load_terms("pay_bound").values()
        if (term is None or bound.parent == term.extra["pay_group"])
        and (bound.extra["level"] == level if level else bound.extra["level"] != Level.INTERN)
    ]
    return Bounds(min(float(row.extra["low"]) for row in rows), max(float(row.extra["high"]) for row in rows))
