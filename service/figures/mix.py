"""The mix: how total pay splits into its parts. Shares of the mean, because percentiles of parts do not add up."""

from dataclasses import dataclass

import numpy as np

from service.figures.cohort import TOTAL, Cohort
from service.figures.estimates import Estimate
from service.figures.money import Measure
from service.figures.privacy import Policy, suppression_of
from service.figures.resolution import mean_step

PARTS = (Measure.BASE, Measure.BONUS, Measure.STOCK, Measure.BENEFITS)
NORMAL_95 = 1.959964
DIGITS = 3


@dataclass(frozen=True)
class MixPart:
    """A part's share of total pay over a cohort, and how many reports name it."""

    measure: Measure
    share: Estimate | None
    reports: int


def mix(cohort: Cohort, policy: Policy) -> list[MixPart]:
    """Return the parts of total pay, over the reports that say how their total splits: those that name a base.

    A share is a ratio of sums; its interval is by the linearised variance of a ratio (Cochran 1977, Sampling
    Techniques, 6.4).
    """
    split = cohort.having(Measure.BASE.value)
    total = split.column(TOTAL).astype(np.float64)
    withheld = suppression_of(split, policy) is not None
    parts = []
    for measure in PARTS:
        amounts = split.column(measure.value)
        named = ~np.isnan(amounts)
        count = int(np.count_nonzero(named))
        share = None
        if not withheld and not (count and suppression_of(split.having(measure.value), policy)):
            share = _share(np.where(named, amounts, 0.0).astype(np.float64), total, count or len(total))
        parts.append(MixPart(measure, share, count))
    return parts


def _share(part: np.ndarray, total: np.ndarray, named: int) -> Estimate:
    """Return the share of a part that so many reports name, rounded to what two of these have in it."""
    ratio = float(part.sum() / total.sum())
    half = NORMAL_95 * float(np.sqrt(np.square(part - ratio * total).sum()) / total.sum())
    step = mean_step(ratio, named, DIGITS)
    estimate = Estimate.exactly(ratio, (max(ratio - half, 0.0), min(ratio + half, 1.0)))
    return estimate.rounded(step)
