"""Exchange rates day by day, so that figures can be shown at the rates of the days on which pay took effect."""

from datetime import timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from schema.errors import PaygaugeError
from schema.rates import DOLLAR, dollars_for
from service.figures.dimensions import DAYS_HELD, EPOCH

Days = NDArray[np.integer]
"""Days since 1970."""

MOST_MOVED = 1.5
"""The dearest day of a currency over the cheapest, within a cohort, from which on their mean stands for none."""


class RateMoved(PaygaugeError):
    """The exchange rate moved too far: ask for the rate of one day, or for a shorter time."""


def units_per_dollar(currency: str, days: Days) -> NDArray[np.float64]:
    """Return how many units of a currency a dollar was on each day. Raises Rejection for a day without a rate."""
    known = _known(currency)
    for day in np.flatnonzero(np.bincount(days)).tolist():
        if np.isnan(known[day]):
            known[day] = 1 / dollars_for(currency, EPOCH + timedelta(days=day)).rate
    return known[days]


def mean_rate(currency: str, days: Days) -> float:
    """Return the units of a currency for a dollar, by the mean of what a unit was worth on some days. Raises RateMoved.

    Of pay that is fixed in the currency, and was converted to dollars day by day, that gives back the mean.
    """
    if not len(days):
        return 1.0
    rates = units_per_dollar(currency, days)
    moved = float(rates.max() / rates.min())
    if moved > MOST_MOVED:
        raise RateMoved(f"{currency} moved by a factor of {moved:.2f} between these reports' days.")
    return 1 / float((1 / rates).mean())


@cache
def _known(currency: str) -> NDArray[np.float64]:
    return np.full(DAYS_HELD, 1.0 if currency == DOLLAR else np.nan)
