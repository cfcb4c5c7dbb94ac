"""Company size: a number, a span or a word for how many people an employer has -> a band."""

import re
from functools import cache, lru_cache

from ingest.normalise.text import CACHED_STRINGS, Lookup, fold
from schema.terms import load_terms
from schema.vocabulary import CompanySize

BOUNDS = (
    (10, CompanySize.MICRO),
    (50, CompanySize.SMALL),
    (250, CompanySize.MEDIUM),
    (5_000, CompanySize.LARGE),
)
"""Employees below which an employer is of the band: the EU's bounds (2003/361/EC), and 5,000 for the largest."""

WIDEST_SPAN = 2
"""Bands that a span may reach beyond its first: a wider one ("1-5000") says nothing."""

_NUMBER = re.compile(r"(\d{1,3}(?:[ ,.'’]\d{3})+|\d+(?:\.\d+)?)\s*(k|thousand|tsd|m|million)?(?![\w.])", re.IGNORECASE)
_NO_COUNT = re.compile(r"^\s*-|[$€£¥₹%^*/=]")
_OR_MORE = re.compile(
    r"\+|(?:^|[\s(])(?:>|≥|over|above|more than|at least|from|min|mehr als|plus de)|or more|and more", re.IGNORECASE
)
_BELOW = re.compile(
    r"(?:^|[\s(])(?:<|≤|up to|under|below|fewer than|less than|bis|max)|or (?:fewer|less)\b", re.IGNORECASE
)
_THOUSAND = {"k": 1_000, "thousand": 1_000, "tsd": 1_000, "m": 1_000_000, "million": 1_000_000}


@lru_cache(CACHED_STRINGS)
def find_size(size: str | int | None) -> CompanySize | None:
    """Return the band that a head count, a span of one or a word means; None where it is not understood.

    A span is of the band that its middle is in, "500+" of its lower bound's where nearly all such employers are. S, M
    and L are those of ai-jobs: below 50, 50 to 250, above 250.
    """
    if size is None or isinstance(size, int):
        return _band(size) if size else None
    found = _names().find(size)
    if found.code:
        return CompanySize(found.code)
    numbers = [_value(number, unit) for number, unit in _NUMBER.findall(size)]
    if not 1 <= len(numbers) <= 2 or not _is_head_count(size):
        return None
    low, high = numbers[0], numbers[-1]
    if len(numbers) == 1 and _BELOW.search(size):
        return _band(low - 1) if low <= BOUNDS[1][0] else None
    if len(numbers) == 1 and _OR_MORE.search(size) and low < BOUNDS[2][0]:
        return None
    bands = list(CompanySize)
    first, last = _band(max(low, 1)), _band(high)
    if low > high or first is None or last is None or bands.index(last) - bands.index(first) > WIDEST_SPAN:
        return None
    return _band((low + high) / 2)


def _band(employees: float) -> CompanySize | None:
    if employees < 1:
        return None
    return next((band for bound, band in BOUNDS if employees < bound), CompanySize.ENTERPRISE)


def _value(number: str, unit: str) -> float:
    plain = re.sub(r"[ ,'’]|\.(?=\d{3}(?!\d))", "", number)
    return float(plain) * _THOUSAND.get(unit.casefold(), 1)


def _is_head_count(text: str) -> bool:
    if _NO_COUNT.search(text):
        return False
    words = re.sub(r"[^\W\d_]*\d[^\W_]*", " ", text)
    known = {fold(alias) for alias in load_terms("company_word")["employees"].aliases}
    links = known | {
        "to",
        "bis",
        "a",
        "and",
        "more",
        "over",
        "above",
        "than",
        "under",
        "up",
        "fewer",
        "less",
        "below",
        "max",
        "k",
    }
    return all(word in links for word in re.sub(r"[+#]", " ", fold(words)).split())


@cache
def _names() -> Lookup:
    return Lookup(load_terms("company_size").values())
