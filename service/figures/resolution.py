"""Resolution: how finely figures of n reports are published, so that nobody's pay can be read off them.

docs/privacy.md derives the numbers.
"""

from bisect import bisect_left
from functools import lru_cache
from math import floor, log10

QUANTILES = (
    (0, (0.5,)),
    (13, (0.25, 0.75)),
    (36, (0.1, 0.9)),
    (300, tuple(part / 20 for part in range(1, 20))),
    (1_500, tuple(part / 100 for part in range(1, 100))),
)
"""From how many reports on which quantiles are published: the usual ones where they have an interval, the others where
there are five reports to each number that is published, of which a quantile with its interval has three."""

NEAR = 1e-9
"""What two shares differ by at most that are one."""
PEOPLE_BLURRED = 2.0
"""What a mean is rounded to, in shares of one person."""
EFFECT_OF_ONE = 0.25
"""About what one person in n moves an effect on log pay by, times n."""
STEPS = (1, 2, 5, 10)


@lru_cache(maxsize=4_096)
def shares_of(n: int) -> tuple[float, ...]:
    """Return the quantiles that are published of n reports, ascending."""
    return tuple(sorted({p for least, ps in QUANTILES if n >= least for p in ps}))


def has_quantile(n: int, p: float) -> bool:
    """Return whether the p-th quantile of n reports is published."""
    shares = shares_of(n)
    place = bisect_left(shares, p - NEAR)
    return place < len(shares) and shares[place] < p + NEAR


def least_for(p: float) -> int | None:
    """Return of how many reports on the p-th quantile is published; None where it never is."""
    return next((least for least, ps in QUANTILES if any(abs(p - share) < NEAR for share in ps)), None)


def coarser(size: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is at least `size`, which is above 0."""
    power = 10.0 ** floor(log10(size))
    return next(step * power for step in STEPS if step * power >= size * (1 - 1e-9))


def finer(size: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is at most `size`, which is above 0."""
    power = 10.0 ** floor(log10(size) + 1e-12)
    return next(step * power for step in reversed(STEPS) if step * power <= size * (1 + 1e-9))


def rounded(value: float, step: float) -> float:
    """Return the multiple of a step that is nearest to a value."""
    return multiple(round(value / step), step)


def multiple(count: int, step: float) -> float:
    """Return so many steps."""
    # through text, since 0.1 * 3 is not 0.3
    return float(f"{count * step:.12g}") + 0.0  # so that nothing is minus zero


def mean_step(mean: float, n: float, digits: int) -> float:
    """Return what a mean of n amounts, or a share of it, is rounded to: two people's part of it, or its last digit."""
    size = abs(mean)
    if size == 0:
        return 10.0**-digits
    return max(coarser(PEOPLE_BLURRED * size / n), 10.0 ** (floor(log10(size)) + 1 - digits))


def effect_step(n: int) -> float:
    """Return what an effect is rounded to where the smaller side has n reports: about what one of them moves it by."""
    return max(coarser(EFFECT_OF_ONE / max(n, 1)), 1e-4)


def widened(low: float, high: float, *, is_lowest: bool, is_highest: bool) -> tuple[float, float]:
    """Return an interval of amounts in which a bound that is the lowest or the highest amount is nobody's.

    It is widened to 1, 2 or 5 times a power of ten, so that its coverage only grows.
    """
    return finer(low) if is_lowest and low > 0 else low, coarser(high) if is_highest and high > 0 else high
