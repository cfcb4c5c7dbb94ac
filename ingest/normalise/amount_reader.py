"""What has been read of the text of an amount so far, token by token, and what it states in the end."""

from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.normalise.amount_words import NotAnAmount, Word, number_of

MOST_PAYMENTS = 20
"""Salaries a year: above it, the factor in "30k x 16" is no number of salaries."""

LEAST_A_YEAR = 15_000
"""Units from which "35,000 in 14 payments" may be what the payments come to, and not one of them."""

MIL_IS_THOUSAND = frozenset({"EUR", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "UYU"})
"""Currencies of people who write `65 mil` for 65,000."""

WITH_PERIOD = {"lpa": {"year": 1.0}, "cpa": {"year": 1.0}, "lpm": {"month": 12.0}}
"""Magnitudes that say the period as well, and how often a year it is paid."""

_CONNECTING = frozenset("-~/")


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
class Quantity:
    """A number in the text, with the magnitude behind it; `payments` where it counts salaries and is no amount."""

    text: str
    magnitude: Word | None = None
    payments: bool = False

    @property
    def plain(self) -> float:
        """The number without its magnitude."""
        return number_of(self.text, None)

    def value(self, magnitude: Word | None) -> float:
        """Return the number with a magnitude."""
        return number_of(self.text, magnitude) * (magnitude.factor if magnitude else 1.0)


@dataclass(slots=True)
class Reader:
    """What has been read so far. Each `take_` raises NotAnAmount where the token fits no amount."""

    quantities: list[Quantity] = field(default_factory=list)
    periods: dict[str, float] = field(default_factory=dict)
    currencies: frozenset[str] | None = None
    kinds: set[str] = field(default_factory=set)
    connected: bool = False
    times: bool = False

    def take_number(self, text: str, *, payments: bool) -> None:
        """Take a number: another one than the first must be connected to it, multiply it, or count salaries."""
        joined = self.connected or self.times or payments
        if self.quantities and not joined and not self.quantities[-1].payments:
            raise NotAnAmount("it has more than one amount")
        self.quantities.append(Quantity(text, payments=payments))
        if self.times:
            self.kinds.add("times")
        self.connected = self.times = False

    def take_mark(self, mark: str) -> None:
        """Take one character."""
        if mark == "%":
            self.kinds.add("percent")
        elif mark in "×*":
            self.times = True
        elif mark in "<>≤≥":
            self.kinds.add("bound")
        elif self.quantities and mark in _CONNECTING:
            self.connected = True

    def take_currencies(self, currencies: frozenset[str]) -> None:
        """Take a sign or word that can stand for these currencies."""
        self.currencies = currencies if self.currencies is None else self.currencies & currencies
        if not self.currencies:
            raise NotAnAmount("its currency signs contradict each other")

    def take_word(self, name: str, word: Word, *, after_number: bool) -> None:
        """Take a word or a run of words that is known."""
        if word.currencies:
            self.take_currencies(word.currencies)
        if word.kind == "magnitude":
            if not (after_number and self.quantities[-1].magnitude is None):
                raise NotAnAmount(f"{name!r} does not follow a number")
            self.quantities[-1].magnitude = word
            self.periods.update(WITH_PERIOD.get(word.code, {}))
        elif word.kind == "period":
            self.periods[word.code] = word.factor
            self.connected = False
        elif word.kind == "extra":
            self.connected = False
        elif word.kind == "span" and "times" not in self.kinds:
            raise NotAnAmount(f"{name!r} is a span of time")
        elif word.kind == "range":
            self.connected = bool(self.quantities)
        else:
            self.kinds |= {word.kind, word.code}

    def stated(self) -> Stated:
        """Return what the whole text states."""
        if "net" in self.kinds and "vat" not in self.kinds:
            raise NotAnAmount("it is net of tax; send it before tax")
        if self.times:
            raise NotAnAmount("it multiplies by nothing")
        if len(self.periods) > 1:
            raise NotAnAmount("it names more than one period")
        payments, amounts = self._split()
        if len(amounts) != 1 and len(amounts) != 2:
            raise NotAnAmount("it has more than one amount" if amounts else "it has no number")
        self._check_mil(amounts)
        period, per_year = next(iter(self.periods.items()), (None, None))
        if payments and period not in (None, "month"):
            raise NotAnAmount("it counts salaries that are not monthly")
        low, high = sorted(_values(amounts))
        if low >= LEAST_A_YEAR and "instalments" in self.kinds and "times" not in self.kinds and not period:
            raise NotAnAmount("say whether it is what is paid in a month or in a year")
        return Stated(
            low,
            high,
            bounded=len(amounts) == 1 and "bound" in self.kinds,
            period="month" if payments else period,
            per_year=payments or per_year,
            currencies=self.currencies,
            percent="percent" in self.kinds,
        )

    def _split(self) -> tuple[float | None, list[Quantity]]:
        """Return the number of salaries a year, where there is one, and the amounts."""
        counts = [each for each in self.quantities if each.payments]
        if "times" in self.kinds and not counts:
            counts = [each for each in self.quantities if not each.magnitude and _counts_salaries(each)]
            if not counts:
                raise NotAnAmount("it multiplies by what is no number of salaries")
        if not counts:
            return None, self.quantities
        if len(counts) > 1 or not _counts_salaries(counts[0]):
            raise NotAnAmount(f"its number of salaries a year is not between 12 and {MOST_PAYMENTS}")
        return counts[0].plain, [each for each in self.quantities if each is not counts[0]]

    def _check_mil(self, amounts: list[Quantity]) -> None:
        has_mil = any(each.magnitude and each.magnitude.code == "mil" for each in amounts)
        if has_mil and not (self.currencies or frozenset()) & MIL_IS_THOUSAND:
            raise NotAnAmount("'mil' is a thousand to some and a million to others; write k or M")


def _counts_salaries(quantity: Quantity) -> bool:
    return 12 <= quantity.plain <= MOST_PAYMENTS


def _values(amounts: list[Quantity]) -> list[float]:
    """Return the two ends; one that has no magnitude of its own has the other's where it reads so ("80-100k")."""
    first, second = amounts[0], amounts[-1]
    in_order = first.plain <= second.plain
    low = first.value(first.magnitude or (second.magnitude if in_order else None))
    high = second.value(second.magnitude or (first.magnitude if in_order else None))
    if not first.magnitude and not second.magnitude and low < 1000 <= high and high / 5 <= low * 1000 <= high:
        low *= 1000  # "$100-120,000"
    return [low, high]
