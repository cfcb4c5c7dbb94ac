"""Pay: amounts of any period, in any words and currency -> US dollars a year, at the rate of the effective date."""

from datetime import date
from functools import cache, lru_cache

from msgspec import Struct

from ingest.normalise.amount import read_amount
from ingest.normalise.amount_reader import Stated
from ingest.normalise.amount_words import PER_YEAR, NotAnAmount
from ingest.normalise.text import CACHED_STRINGS, fold
from schema.errors import Rejection
from schema.event import Amount, Pay, Stock
from schema.rates import Rate, dollars_for
from schema.report import AnnualPay
from schema.terms import load_terms
from schema.vocabulary import AmountUnit, Period, QualityFlag, RejectionReason

LEAST_TOTAL = 1.0
MOST_TOTAL = 100_000_000.0
"""US dollars a year: outside these nobody's pay was meant."""

MAX_DISAGREEMENT = 0.01
"""Share of the total: parts are often rounded."""

NOT_GIVEN = frozenset({"", "-", "--", "—", "n/a", "na", "none", "null", "nil", "unknown", "tbd", "not given", "nan"})
"""What stands in a field that was left out."""

SURELY_NEAREST = 0.49
MOST_CENTS = 10**12
"""Cents from a whole number of them, and how many, up to which an error of multiplying by 100 changes no cent."""

PATH = "$.data.pay"

_NO_FLAGS: frozenset[QualityFlag] = frozenset()
# A member that is looked up in its enum each time takes three times as long
_PERCENT, _YEAR = AmountUnit.PERCENT, Period.YEAR
_DISAGREE = frozenset({QualityFlag.PARTS_DISAGREE})

AmountGiven = Amount | float | str


class Span(Struct, frozen=True, gc=False):
    """One part of pay a year, in the report's currency; `low` is `high` unless a range was given.

    `percent` says that it is in percent of the base.
    """

    low: float
    middle: float
    high: float
    percent: bool = False
    flags: frozenset[QualityFlag] = _NO_FLAGS


def annual_pay(pay: Pay, effective: date) -> tuple[AnnualPay, frozenset[QualityFlag]]:
    """Return the pay in US dollars a year, with what is unusual about it.

    Parts win over a total that disagrees with them. A range becomes its middle, with the total's ends kept. Raises
    Rejection: MISSING_FIELD without base and total, WRONG_TYPE where a text is no amount, OUT_OF_RANGE where the total
    is not between 1 and 100,000,000 US dollars, UNKNOWN_CURRENCY, NO_RATE.
    """
    currency = find_currency(pay.currency)
    # Most parts are left out: a call less for each is a tenth of all this
    base = None if pay.base is None else _span(pay.base, "base", currency)
    total = None if pay.total is None else _span(pay.total, "total", currency)
    _check(base, total)
    bonus = None if pay.bonus is None else _part(pay.bonus, "bonus", currency, base)
    benefits = None if pay.benefits is None else _part(pay.benefits, "benefits", currency, base)
    sign_on = None if pay.sign_on is None else _part(pay.sign_on, "sign_on", currency, base, once=True)
    stock, first_stock = (None, 0.0) if pay.stock is None else _stock(pay.stock)
    whole, disagree = _whole((base, bonus, stock, benefits), total)
    once = (sign_on.middle if sign_on else 0.0) + (first_stock - stock.middle if stock else 0.0)
    flags = _DISAGREE if disagree else _NO_FLAGS
    for span in (base, bonus, benefits, total, sign_on):
        if span and span.flags:
            flags |= span.flags
    rate = dollars_for(currency, effective)
    return _in_dollars(currency, rate, whole, once, (base, bonus, stock, benefits, sign_on)), flags


def _in_dollars(currency: str, rate: Rate, whole: Span, once: float, parts: tuple[Span | None, ...]) -> AnnualPay:
    dollars, day, _ = rate
    if not LEAST_TOTAL <= whole.middle * dollars <= MOST_TOTAL:
        raise Rejection(
            RejectionReason.OUT_OF_RANGE, PATH, f"{whole.middle:,.2f} {currency} a year is not between $1 and $100M"
        )
    base, bonus, stock, benefits, sign_on = parts
    total, ranged = _cents(whole.middle * dollars), whole.low < whole.high
    return AnnualPay(
        currency,
        dollars,
        day,
        total,
        _cents(max(whole.middle + once, 0.0) * dollars) if once else total,
        None if base is None else _cents(base.middle * dollars),
        None if bonus is None else _cents(bonus.middle * dollars),
        None if stock is None else _cents(stock.middle * dollars),
        None if benefits is None else _cents(benefits.middle * dollars),
        None if sign_on is None else _cents(sign_on.middle * dollars),
        _cents(whole.low * dollars) if ranged else None,
        _cents(whole.high * dollars) if ranged else None,
    )


def _cents(amount: float) -> float:
    """Return an amount to the cent, the finest that anybody is paid in; so monthly x 12 is the same as yearly."""
    if amount.is_integer():
        return amount
    cents = amount * 100
    whole = int(cents + 0.5)
    # `round` takes twice as long, but near half a cent only it is exact
    return whole / 100 if abs(cents - whole) < SURELY_NEAREST and whole < MOST_CENTS else round(amount, 2)


@lru_cache(CACHED_STRINGS)
def find_currency(text: str) -> str:
    """Return the ISO 4217 code that a code, a name or an unambiguous sign stands for; anything else as it is."""
    return _currencies().get(fold(text)) or _currencies().get(text.strip().casefold()) or text.strip().upper()


def _check(base: Span | None, total: Span | None) -> None:
    if base is None and total is None:
        raise Rejection(RejectionReason.MISSING_FIELD, f"{PATH}.base", "base or total is needed")
    if base:
        _check_paid(base, "base")
    if total:
        _check_paid(total, "total")


def _check_paid(span: Span, name: str) -> None:
    if span.percent:
        raise Rejection(RejectionReason.WRONG_TYPE, f"{PATH}.{name}", "a percentage of nothing is no amount")
    if not span.middle > 0:
        raise Rejection(RejectionReason.OUT_OF_RANGE, f"{PATH}.{name}", "nobody is paid nothing; leave it out")


def _whole(parts: tuple[Span | None, ...], total: Span | None) -> tuple[Span, bool]:
    """Return the annual total, and whether the parts, of which the first is the base, and the stated total disagree.

    Without a base the parts are not all of it: they disagree with the total only where they exceed it.
    """
    low = middle = high = 0.0
    for span in parts:
        if span:
            low, middle, high = low + span.low, middle + span.middle, high + span.high
    if total is None:
        return Span(low, middle, high), False
    if parts[0]:
        return Span(low, middle, high), abs(middle - total.middle) > MAX_DISAGREEMENT * total.middle
    return total, middle > (1 + MAX_DISAGREEMENT) * total.middle


def _part(given: AmountGiven, name: str, currency: str, base: Span | None, *, once: bool = False) -> Span | None:
    """Return a part of pay in money; None where it is left out, or in percent of a base that is not known."""
    span = _span(given, name, currency, once=once)
    if span is None or not span.percent:
        return span
    if base is None:
        return None
    middle = base.middle * span.middle / 100
    if span.low == span.high and base.low == base.high:
        return Span(middle, middle, middle, False, span.flags)
    return Span(base.low * span.low / 100, middle, base.high * span.high / 100, False, span.flags)


def _stock(stock: Stock) -> tuple[Span | None, float]:
    """Return the stock of an average year and of the first: grant / years + refreshers, and the first year's share.

    A grant that vests within less than a year is paid once, so it is spread over no less than one.
    """
    if stock.grant is None and stock.per_year is None:
        return None, 0.0
    grant, yearly = stock.grant or 0.0, stock.per_year or 0.0
    share = 1 / stock.years if stock.years > 1 else 1.0
    first_share = share if stock.first_year_share is None else stock.first_year_share
    average = grant * share + yearly
    return Span(average, average, average), grant * first_share + yearly


def _span(given: AmountGiven, name: str, currency: str, *, once: bool = False) -> Span | None:
    if isinstance(given, str):
        given = Amount(given)
    elif not isinstance(given, Amount):
        return Span(given, given, given)
    amount = given.amount
    if given.min is None and given.max is None and amount is not None and not isinstance(amount, str):
        # Most amounts are no more than a number: no text to read, nothing to be flagged
        percent = given.unit is _PERCENT
        if not percent and not once and given.period is not _YEAR:
            amount *= _times_a_year(given)
        return Span(amount, amount, amount, percent)
    stated = _stated(given, f"{PATH}.{name}")
    if stated is None:
        return None
    per_year, clash = _per_year(given, stated)
    percent = stated.percent or given.unit is AmountUnit.PERCENT
    middle = given.amount if isinstance(given.amount, float | int) else (stated.low + stated.high) / 2
    factor = 1.0 if percent or once else per_year
    flags = _flags(stated, currency, clash and not once)
    return Span(stated.low * factor, middle * factor, stated.high * factor, percent, flags)


def _flags(stated: Stated, currency: str, clash: bool) -> frozenset[QualityFlag]:
    flags = set()
    if clash:
        flags.add(QualityFlag.SUSPECT_PERIOD)
    if stated.currencies is not None and currency not in stated.currencies:
        flags.add(QualityFlag.SUSPECT_CURRENCY)
    if stated.bounded or stated.low < stated.high:
        flags.add(QualityFlag.RANGE)
    return frozenset(flags) if flags else _NO_FLAGS


def _stated(amount: Amount, path: str) -> Stated | None:
    if isinstance(amount.amount, str):
        if amount.amount.strip().casefold() in NOT_GIVEN:
            return None
        try:
            return read_amount(amount.amount)
        except NotAnAmount as error:
            reason = RejectionReason.OUT_OF_RANGE if "negative" in str(error) else RejectionReason.WRONG_TYPE
            raise Rejection(reason, path, f"{amount.amount[:80]!r} is not an amount: {error}") from error
    ends = sorted(end for end in (amount.min, amount.max) if end is not None)
    if amount.amount is not None:
        inside = len(ends) == 2 and ends[0] <= amount.amount <= ends[1]
        return Stated(ends[0], ends[1]) if inside else Stated(amount.amount, amount.amount)
    return Stated(ends[0], ends[-1], bounded=len(ends) == 1) if ends else None


def _times_a_year(amount: Amount) -> float:
    if amount.period is Period.YEAR:
        return 1.0
    return amount.payments if amount.payments and amount.period is Period.MONTH else PER_YEAR[amount.period]


def _per_year(amount: Amount, stated: Stated) -> tuple[float, bool]:
    """Return how often a year the amount is paid, and whether the text and the structured period clash."""
    if stated.per_year is None:
        return _times_a_year(amount), False
    if stated.per_year == PER_YEAR["month"] and amount.payments:
        return amount.payments, False
    return stated.per_year, amount.period is not Period.YEAR and amount.period != stated.period


@cache
def _currencies() -> dict[str, str]:
    names: dict[str, set[str]] = {}
    for term in load_terms("currency").values():
        said = {fold(name) for name in (term.code, term.label, *term.aliases)} | set(term.extra["signs"].split("|"))
        for name in said - {""}:
            names.setdefault(name, set()).add(term.code)
    return {name: next(iter(codes)) for name, codes in names.items() if len(codes) == 1}
