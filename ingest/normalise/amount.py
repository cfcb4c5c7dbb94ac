"""An amount of money as people type it ("45 LPA", "£650/day", "80-100k", "65.000 €") -> numbers, period and currency.

Every mark and word of the text must be understood, or the text is no amount: "120k + 20% after a year" is not 120,000.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from ingest.normalise.amount_words import NotAnAmount, Word, number_of, signs, words
from ingest.normalise.text import CACHED_STRINGS, fold

MOST_PAYMENTS = 20
"""Salaries a year: above it, the factor in "30k x 16" is no number of salaries."""

MIL_IS_THOUSAND = frozenset({"EUR", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "UYU"})
"""Currencies of people who write `65 mil` for 65,000."""

_TOKEN = re.compile(
    r"""(?P<number>\d{1,3}(?:[ '’_]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d+)*|\.\d+)
    |(?P<sign>[a-z]{0,3}\$|[€£¥₹₽₪₩฿₺₫₱₦₴₨৳₡₸₾֏₼])
    |(?P<word>[^\W\d_]+(?:\.[^\W\d_]+)*)
    |(?P<mark>[-~+%/×*<>≤≥])
    |(?P<blank>[\s.,:;()\[\]'’"·!?|&=]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?e\+?\d{1,2}")
_ELISION = re.compile(r"\b[ld]['’](?=\w)")
_PREFIXED = re.compile(r"\b(bi|semi)[- ](?=\w)")
_OR_MORE = re.compile(r"\S\+(?=\s*(?:$|/|per\b|pa\b|a\b|p\.))")
_DASHES = str.maketrans("‐‑‒–—―−〜∼", "-" * 7 + "~" * 2)
_CONNECTING = frozenset("-~/")
_PER = frozenset({"/", "per", "pro", "par", "por", "pr"})


class Stated(NamedTuple):
    """What a text states: `low` is `high` unless it gives a range; `bounded` where it gives one end of a range only.

    `per_year` is how often it is paid in a year, None where the text does not say; `currencies` those that its signs
    can stand for, None where it has none.
    """

    low: float
    high: float
    bounded: bool = False
    period: str | None = None
    per_year: float | None = None
    currencies: frozenset[str] | None = None
    percent: bool = False


@dataclass(slots=True)
class _Quantity:
    text: str
    magnitude: Word | None = None
    payments: bool = False

    def value(self, magnitude: Word | None) -> float:
        return number_of(self.text, magnitude) * (magnitude.factor if magnitude else 1.0)


@dataclass(slots=True)
class _Reader:
    """What has been read of a text so far."""

    quantities: list[_Quantity] = field(default_factory=list)
    periods: dict[str, float] = field(default_factory=dict)
    currencies: frozenset[str] | None = None
    kinds: set[str] = field(default_factory=set)
    connected: bool = False
    times: bool = False

    def takenumber_of(self, text: str, *, payments: bool) -> None:
        joined = self.connected or self.times or payments
        if self.quantities and not joined and not self.quantities[-1].payments:
            raise NotAnAmount("it has more than one amount")
        self.quantities.append(_Quantity(text, payments=payments))
        if self.times:
            self.kinds.add("times")
        self.connected = self.times = False

    def take_mark(self, mark: str) -> None:
        if mark == "%":
            self.kinds.add("percent")
        elif mark in "×*":
            self.times = True
        elif mark in "<>≤≥":
            self.kinds.add("bound")
        elif self.quantities and mark in _CONNECTING:
            self.connected = True

    def take_currencies(self, currencies: frozenset[str]) -> None:
        self.currencies = currencies if self.currencies is None else self.currencies & currencies
        if not self.currencies:
            raise NotAnAmount("its currency signs contradict each other")

    def take_word(self, name: str, word: Word, adjacent: bool) -> None:
        if word.currencies:
            self.take_currencies(word.currencies)
        if word.kind == "magnitude":
            if not (adjacent and self.quantities and self.quantities[-1].magnitude is None):
                raise NotAnAmount(f"{name!r} does not follow a number")
            self.quantities[-1].magnitude = word
            if word.code in ("lpa", "cpa"):
                self.periods["year"] = 1.0
            if word.code == "lpm":
                self.periods["month"] = 12.0
        elif word.kind == "period":
            self.periods[word.code] = word.factor
            self.connected = False
        elif word.kind == "extra":
            self.connected = False
        elif word.kind == "range":
            self.connected = bool(self.quantities)
        elif word.kind not in ("noise", "currency", "payments"):
            self.kinds.add(word.kind)


@lru_cache(CACHED_STRINGS)
def read_amount(text: str) -> Stated:
    """Return what the text states. Raises NotAnAmount with the reason where it is not one amount or one range."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_DASHES).strip()
    if _SCIENTIFIC.fullmatch(plain):
        return Stated(float(plain), float(plain))
    if plain.lstrip("$€£¥₹ ").startswith("-"):
        raise NotAnAmount("it is negative")
    reader = _Reader(kinds={"bound"} if _OR_MORE.search(plain) else set())
    tokens = [
        (match.lastgroup or "", match.group())
        for match in _TOKEN.finditer(_PREFIXED.sub(r"\1", _ELISION.sub("", plain)))
    ]
    for kind, token in tokens:
        if kind == "other":
            raise NotAnAmount(f"{token!r} is not understood")
    _read_tokens(reader, [(kind, token) for kind, token in tokens if kind != "blank"])
    return _stated(reader)


def _read_tokens(reader: _Reader, tokens: list[tuple[str, str]]) -> None:
    place = 0
    while place < len(tokens):
        kind, token = tokens[place]
        taken = 1
        adjacent = place > 0 and tokens[place - 1][0] == "number"
        if kind == "number":
            following = fold(tokens[place + 1][1]) if place + 1 < len(tokens) else ""
            reader.takenumber_of(token, payments=_is(following, "payments"))
        elif kind == "sign":
            reader.take_currencies(signs().get(token) or signs()[token[-1]])
        elif kind == "mark":
            reader.take_mark(token)
        elif token == "x":
            reader.times = True
        else:
            taken = _read_words(reader, tokens, place, adjacent)
        place += taken


def _is(name: str, kind: str) -> bool:
    return name in words() and words()[name].kind == kind


def _read_words(reader: _Reader, tokens: list[tuple[str, str]], place: int, adjacent: bool) -> int:
    """Read the longest run of words that is known, and return how many tokens it took."""
    run = []
    for kind, token in tokens[place : place + 3]:
        if kind != "word":
            break
        run.append(fold(token.replace(".", "")))
    if place and tokens[place - 1][1] in _PER and f"/{run[0]}" in words():
        reader.take_word(run[0], words()[f"/{run[0]}"], adjacent)
        return 1
    for length in range(len(run), 0, -1):
        name = " ".join(run[:length])
        if name in words():
            reader.take_word(name, words()[name], adjacent)
            return length
    for name, word in _split(run[0]):
        reader.take_word(name, word, adjacent)
        adjacent = False
    return 1


def _split(name: str) -> Iterator[tuple[str, Word]]:
    """Yield the parts of two words in one: a magnitude and what follows it ("keur", "万円")."""
    for cut in range(1, len(name)):
        first, rest = words().get(name[:cut]), words().get(name[cut:])
        if first and rest and first.kind in ("magnitude", "period"):
            yield name[:cut], first
            yield name[cut:], rest
            return
    raise NotAnAmount(f"{name!r} is not understood")


def _stated(reader: _Reader) -> Stated:
    if "net" in reader.kinds and "vat" not in reader.kinds:
        raise NotAnAmount("it is net of tax; send it before tax")
    payments, quantities = _payments_of(reader)
    if not quantities:
        raise NotAnAmount("it has no number")
    if len(quantities) > 2:
        raise NotAnAmount("it has more than one amount")
    if len(reader.periods) > 1:
        raise NotAnAmount("it names more than one period")
    if any(each.magnitude and each.magnitude.code == "mil" for each in quantities) and not (
        (reader.currencies or frozenset()) & MIL_IS_THOUSAND
    ):
        raise NotAnAmount("'mil' is a thousand to some and a million to others; write k or M")
    period, per_year = next(iter(reader.periods.items()), (None, None))
    if payments:
        period, per_year = "month", payments
    low, high = sorted(_values(quantities))
    bounded = len(quantities) == 1 and bool(reader.kinds & {"bound", "upper", "lower"})
    return Stated(low, high, bounded, period, per_year, reader.currencies, "percent" in reader.kinds)


def _payments_of(reader: _Reader) -> tuple[float | None, list[_Quantity]]:
    counts = [quantity for quantity in reader.quantities if quantity.payments]
    if "times" in reader.kinds and not counts:
        counts = [each for each in reader.quantities if not each.magnitude and 12 <= _plain(each) <= MOST_PAYMENTS]
    if not counts:
        if "times" in reader.kinds:
            raise NotAnAmount("it multiplies by what is no number of salaries")
        return None, reader.quantities
    if len(counts) > 1 or not 12 <= _plain(counts[0]) <= MOST_PAYMENTS:
        raise NotAnAmount("its number of salaries a year is not between 12 and 20")
    return _plain(counts[0]), [quantity for quantity in reader.quantities if quantity is not counts[0]]


def _plain(quantity: _Quantity) -> float:
    return number_of(quantity.text, None)


def _values(quantities: list[_Quantity]) -> list[float]:
    """Return the two ends; one that has no magnitude of its own has the other's where it reads so ("80-100k")."""
    if len(quantities) == 1:
        return [quantities[0].value(quantities[0].magnitude)] * 2
    first, second = quantities
    in_order = _plain(first) <= _plain(second)
    magnitudes = [
        first.magnitude or (second.magnitude if in_order else None),
        second.magnitude or (first.magnitude if in_order else None),
    ]
    low, high = first.value(magnitudes[0]), second.value(magnitudes[1])
    if not any(magnitudes) and low < 1000 <= high and high / 5 <= low * 1000 <= high:
        low *= 1000  # "$100-120,000"
    return [low, high]
