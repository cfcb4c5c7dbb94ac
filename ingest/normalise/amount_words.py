"""The words and figures of amounts: what "lakh", "p.a." or "€" says, and which number "1.234.567,89" is."""

import re
from functools import cache
from typing import NamedTuple

import pycountry

from ingest.normalise.text import fold
from schema.terms import load_terms

HOURS_A_YEAR = 2080.0
"""52 weeks of 40 hours, the divisor that the US government and most job boards use; paid leave is counted in."""

DAYS_A_YEAR = 260.0
"""52 weeks of 5 days, paid leave counted in, so that a day is 8 of the hours above."""

PER_YEAR = {
    "year": 1.0,
    "quarter": 4.0,
    "month": 12.0,
    "semimonth": 24.0,
    "fortnight": 26.0,
    "week": 52.0,
    "day": DAYS_A_YEAR,
    "hour": HOURS_A_YEAR,
}
"""How often a year an amount is paid that is said to be for this period."""


class NotAnAmount(ValueError):
    """The text is not one amount or one range."""


class Word(NamedTuple):
    """What a word says about an amount. `factor` is periods a year or a multiplier."""

    kind: str
    code: str
    factor: float
    currencies: frozenset[str]


def number_of(text: str, magnitude: Word | None) -> float:
    """Return the value of digits with separators of either convention; three digits after a lone one are thousands.

    Raises NotAnAmount where the groups of digits are of no convention.
    """
    digits = re.sub(r"[ '’_]", "", text)
    separators = [character for character in digits if character in ".,"]
    if not separators:
        return float(digits)
    last = separators[-1]
    if len(set(separators)) == 2:
        whole, _, fraction = digits.rpartition(last)
        return float(_ungrouped(whole, separators[0]) + "." + fraction)
    whole, _, tail = digits.partition(last)
    if len(separators) == 1:
        decimal = magnitude is not None and last == "."  # "1.250M", but "6,000만"
        if decimal or len(tail) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
            return float(f"{whole or '0'}.{tail}")
    return float(_ungrouped(digits, last))


def _ungrouped(digits: str, separator: str) -> str:
    first, *others = digits.split(separator)
    if not others or not (1 <= len(first) <= 3 and len(others[-1]) == 3):
        raise NotAnAmount(f"{digits!r} is not a number")
    # India groups by two above the thousands
    if any(len(group) not in (2, 3) for group in others) or any(mark in digits for mark in ".," if mark != separator):
        raise NotAnAmount(f"{digits!r} is not a number")
    return first + "".join(others)


@cache
def words() -> dict[str, Word]:
    """Return what each word says, folded; a word with a slash in front counts only after "per" or a slash."""
    known: dict[str, Word] = {}
    for term in load_terms("amount_word").values():
        currencies = frozenset(term.extra["currencies"].split())
        word = Word(
            term.parent or "", term.code, PER_YEAR.get(term.code) or float(term.extra["factor"] or 0), currencies
        )
        for alias in term.aliases:
            slash = "/" if alias.startswith("/") else ""
            known.setdefault(slash + fold(alias.replace(".", "")), word)
    for term in load_terms("currency").values():
        for alias in term.aliases:
            known.setdefault(fold(alias), Word("currency", term.code, 0.0, frozenset({term.code})))
    for sign, codes in signs().items():
        known.setdefault(sign, Word("currency", sign, 0.0, codes))
    for currency in pycountry.currencies:
        code = currency.alpha_3
        known.setdefault(code.lower(), Word("currency", code, 0.0, frozenset({code})))
    return known


@cache
def signs() -> dict[str, frozenset[str]]:
    """Return the currencies that each sign can stand for."""
    known: dict[str, set[str]] = {}
    for term in load_terms("currency").values():
        for sign in term.extra["signs"].split("|"):
            known.setdefault(sign, set()).add(term.code)
    return {sign: frozenset(codes) for sign, codes in known.items()}
