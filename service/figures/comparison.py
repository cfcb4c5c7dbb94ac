"""Two cohorts side by side: difference and ratio of medians with their intervals, and how far the two overlap."""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

import numpy as np

from service.figures.compiled import special
from service.figures.distribution import Distribution
from service.figures.estimates import Estimate, round_to
from service.figures.privacy import Suppression
from service.figures.quantiles import NORMAL_TAIL, Ordered, quantile
from service.figures.resolution import coarser, effect_step, rounded, widened

OVERLAP_BINS = 50
RATIO_STEP = 0.001
HALF_STEPS = 10
"""The half width of a difference's interval is rounded up to about a tenth of it."""
LEAST_FOR_MEDIAN = 6
"""Fewer values than this have no 95% interval of their median."""


class Verdict(StrEnum):
    """What an interval says: all of it above zero, all below, zero within it, or too little to say."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NOT_DISTINGUISHABLE = "not_distinguishable"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True)
class Comparison:
    """A cohort less another: `difference` in the basis's currency a year, `ratio` less one, `overlap` from 0 to 1."""

    difference: Estimate | None
    ratio: Estimate | None
    overlap: float | None
    verdict: Verdict
    suppression: Suppression | None


def verdict_of(low: float | None, high: float | None) -> Verdict:
    """Return what the interval of an effect says."""
    if low is None or high is None:
        return Verdict.INSUFFICIENT
    if low > 0:
        return Verdict.POSITIVE
    return Verdict.NEGATIVE if high < 0 else Verdict.NOT_DISTINGUISHABLE


def compare(one: Distribution, other: Distribution) -> Comparison:
    """Return how the medians of two distributions of one measure differ; withheld where either is."""
    suppression = one.suppression or other.suppression
    if suppression:
        return Comparison(None, None, None, Verdict.INSUFFICIENT, suppression)
    overlap = rounded(overlap_of(one.ordered, other.ordered), coarser(1 / min(len(one.cohort), len(other.cohort))))
    ratio = published_ratio(one.ordered, other.ordered, one.policy.digits, one.scale / other.scale)
    return Comparison(_difference(one, other), ratio, overlap, verdict_of(ratio.low, ratio.high), None)


def _difference(one: Distribution, other: Distribution) -> Estimate | None:
    """Return the difference of the published medians: with digits of its own it would say more than the two do."""
    medians = [each.quantile(0.5) for each in (one, other)]
    if medians[0] is None or medians[1] is None:
        return None
    gap, (_, half) = medians[0].value - medians[1].value, median_difference(one.ordered, other.ordered)
    digits = one.policy.digits
    if half is None:
        return Estimate(round_to(gap, digits))
    blurred = coarser(half / HALF_STEPS)
    reach = ceil(half / blurred) * blurred * max(one.scale, other.scale)
    return Estimate.of(gap, (gap - reach, gap + reach), digits=digits)


def published_ratio(one: Ordered, other: Ordered, digits: int, rates: float = 1.0) -> Estimate:
    """Return the ratio of two medians, as they are published, less one; its interval rounded as effects are.

    `rates` is the ratio of what a dollar of each is as it is shown.
    """
    _, interval = median_ratio(one, other)
    ratio = round_to(quantile(one, 0.5), digits) / round_to(quantile(other, 0.5), digits) - 1
    step = effect_step(min(len(one), len(other)))
    bounds = interval and (rounded(interval[0], step), rounded(interval[1], step))
    return converted(Estimate.exactly(rounded(ratio, RATIO_STEP), bounds), rates)


def converted(ratio: Estimate, rates: float) -> Estimate:
    """Return a ratio of dollars less one, rounded before, as that of amounts whose rates have the ratio `rates`."""
    return ratio if rates == 1 else ratio.changed(lambda value: rounded((1 + value) * rates - 1, RATIO_STEP))


def median_difference(one: Ordered, other: Ordered) -> tuple[float, float | None]:
    """Return the difference of medians and the half width of its 95% interval.

    Distribution-free: Price and Bonett (2002), Journal of Statistical Computation and Simulation 72(2). No interval
    where a sample has fewer than 6 values.
    """
    gap = quantile(one, 0.5) - quantile(other, 0.5)
    return gap, _half_width(one, other, logarithmic=False)


def median_ratio(one: Ordered, other: Ordered) -> tuple[float, tuple[float, float] | None]:
    """Return the ratio of medians less one, and its 95% interval by the same method on the logarithms."""
    log_ratio = float(np.log(quantile(one, 0.5)) - np.log(quantile(other, 0.5)))
    half = _half_width(one, other, logarithmic=True)
    interval = None if half is None else (float(np.expm1(log_ratio - half)), float(np.expm1(log_ratio + half)))
    return float(np.expm1(log_ratio)), interval


def _half_width(one: Ordered, other: Ordered, *, logarithmic: bool) -> float | None:
    if min(len(one), len(other)) < LEAST_FOR_MEDIAN:
        return None
    errors = [median_error(each, logarithmic=logarithmic) for each in (one, other)]
    return NORMAL_TAIL * float(np.hypot(errors[0], errors[1]))


def median_error(ordered: Ordered, *, logarithmic: bool) -> float:
    """Return the standard error of a median, or of its logarithm, by the same method, to be published.

    Below eight values it is made of the lowest and the highest, which are widened.
    """
    # the distance of two order statistics around the median, over that of the normal quantiles they stand for
    n = len(ordered)
    rank = max(round((n + 1) / 2 - n**0.5), 1)
    low, high = ordered.value(rank - 1), ordered.value(n - rank)
    low, high = widened(low, high, is_lowest=rank == 1, is_highest=rank == 1)
    distance = np.log(high / low) if logarithmic else high - low
    return float(distance / (-2 * special.ndtri(special.bdtr(rank - 1, n, 0.5))))


def overlap_of(one: Ordered, other: Ordered) -> float:
    """Return the overlapping coefficient, the area that two densities share: 1 where they agree, 0 where apart.

    By histograms with common bins, equally filled by the two samples together (Inman and Bradley 1989, Communications
    in Statistics 18(10)).
    """
    shares = np.linspace(0, 1, OVERLAP_BINS + 1)
    edges = np.unique([quantile(each, p) for each in (one, other) for p in shares])
    parts = [
        np.diff([0, *(ordered.count_to(edge) for edge in edges), len(ordered)]) / len(ordered)
        for ordered in (one, other)
    ]
    return float(np.minimum(*parts).sum())
