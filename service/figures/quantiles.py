"""Order statistics: exact quantiles and their exact, distribution-free intervals."""

from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from service.figures.compiled import special

CONFIDENCE = 0.95
NORMAL_TAIL = 1.959963984540054
"""The normal quantile at (1 + CONFIDENCE) / 2."""


class Ordered(Protocol):
    """Values in ascending order, of which any one can be read."""

    def __len__(self) -> int:
        """Return how many values there are."""

    def value(self, k: int) -> float:
        """Return the k-th smallest, counted from 0."""

    def count_to(self, amount: float) -> int:
        """Return how many values are at most `amount`."""


class SortedValues:
    """An ascending array, as order statistics."""

    def __init__(self, values: NDArray[np.floating]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def value(self, k: int) -> float:
        """Return the k-th smallest, counted from 0."""
        return float(self.values[k])

    def count_to(self, amount: float) -> int:
        """Return how many values are at most `amount`."""
        return int(np.searchsorted(self.values, amount, side="right"))


def quantile(ordered: Ordered, p: float) -> float:
    """Return the p-th quantile, 0 <= p <= 1, of at least one value.

    Linear interpolation between order statistics: type 7 of Hyndman and Fan (1996), The American Statistician 50(4).
    """
    place = (len(ordered) - 1) * p
    k = int(place)
    low = ordered.value(k)
    return low if place == k else low + (place - k) * (ordered.value(k + 1) - low)


@lru_cache(maxsize=65_536)
def interval_ranks(n: int, p: float) -> tuple[int, int] | None:
    """Return the ranks (from 0) of the order statistics that bound the p-th quantile of n values with 95% confidence.

    The smallest equal-tailed interval by the binomial distribution of the number of values below the quantile, free of
    any assumption on the distribution of pay (David and Nagaraja 2003, Order Statistics, 7.1). None where n is too
    small for one to exist: below 6 for the median, 13 for the quartiles, 36 for the outer tenths.
    """
    tail = (1 - CONFIDENCE) / 2
    low = _binomial_quantile(tail, n, p)
    high = _binomial_quantile(1 - tail, n, p) + 1
    return (low - 1, high - 1) if low >= 1 and high <= n else None


def _binomial_quantile(q: float, n: int, p: float) -> int:
    # from the normal approximation with its correction for skewness, which is at most a step or two from it
    z = NORMAL_TAIL if q > 0.5 else -NORMAL_TAIL
    k: int = min(max(round(n * p + z * (n * p * (1 - p)) ** 0.5 + (1 - 2 * p) * (z * z - 1) / 6), 0), n)
    while k > 0 and special.bdtr(k - 1, n, p) >= q:
        k -= 1
    while special.bdtr(k, n, p) < q:
        k += 1
    return k


def quantile_interval(ordered: Ordered, p: float) -> tuple[float, float] | None:
    """Return the bounds of the p-th quantile's 95% interval, None where the sample is too small for one."""
    ranks = interval_ranks(len(ordered), p) if len(ordered) else None
    return (ordered.value(ranks[0]), ordered.value(ranks[1])) if ranks else None


def share_interval(count: int, n: int) -> tuple[float, float]:
    """Return the bounds of the 95% interval of a share: Clopper and Pearson (1934), Biometrika 26(4)."""
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if count == 0 else float(special.betaincinv(count, n - count + 1, tail))
    high = 1.0 if count == n else float(special.betaincinv(count + 1, n - count, 1 - tail))
    return low, high


def mean_interval(values: NDArray[np.floating]) -> tuple[float, tuple[float, float] | None]:
    """Return the arithmetic mean and its 95% interval by Student's t; no interval below two values."""
    n = len(values)
    mean = float(values.mean(dtype=np.float64))
    if n < 2:
        return mean, None
    half = float(special.stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * float(values.std(ddof=1, dtype=np.float64)) / n**0.5
    return mean, (mean - half, mean + half)
