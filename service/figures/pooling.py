"""Pooling: the median of a thin cohort, drawn towards those of its siblings by as much as they are alike.

Partial pooling by empirical Bayes (Morris 1983, Parametric Empirical Bayes Inference, Journal of the American
Statistical Association 78(381)): log medians of the siblings vary around a common one, and each around its own truth.
It is made of medians as they are published, and never given for a cohort that may not be published by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schema.errors import PaygaugeError
from service.figures.cohort import Cohort
from service.figures.comparison import LEAST_FOR_MEDIAN, median_error
from service.figures.conditions import AllOf, OneOf, is_grouped_by_rows, parts_of
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.estimates import Estimate, EstimateKind, round_to
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy, Suppression
from service.figures.quantiles import NORMAL_TAIL, Ordered

Floats = NDArray[np.float64]

LEAST_SIBLINGS = 5
"""Published groups, the cohort's own among them, below which nothing can be said of how alike they are."""
MOST_SIBLINGS = 500
"""Of more, the largest are taken."""
BISECTIONS = 60


class NotOneGroup(PaygaugeError):
    """Only one value of a dimension is drawn towards its siblings: filter by one, or ask a group of a breakdown."""


@dataclass(frozen=True)
class Pooled:
    """A pooled median, the share that the cohort's own reports have in it, and what it was drawn towards.

    `siblings` is the number of published groups of the parent. `refused` says why there is none, where it is not
    withheld.
    """

    estimate: Estimate | None
    weight: float | None
    parent: Cohort
    siblings: int
    refused: str | None
    suppression: Suppression | None


@dataclass(frozen=True)
class Shrunk:
    """A value drawn towards the common one: with its standard error, and the weight that its own value has."""

    value: float
    error: float
    weight: float


def pooled(cohort: Cohort, over: Dimension, measure: Measure, basis: Basis, policy: Policy) -> Pooled:
    """Return the median of a cohort drawn towards those of the other values of a dimension, in the cohort without it.

    Raises NotOneGroup where the cohort is not of one value of the dimension.
    """
    parent, value = parent_of(cohort, over)
    own, whole = (Distribution(each, measure, basis, policy) for each in (cohort, parent))
    suppression = own.suppression or whole.suppression
    if suppression:
        return Pooled(None, None, parent, 0, None, suppression)
    held = [own, *_published(parent, over, value, measure, basis, policy)]
    if len(held) < LEAST_SIBLINGS:
        refused = f"Pooling needs {LEAST_SIBLINGS} groups that can be published; there are {len(held)}."
        return Pooled(None, None, parent, len(held), refused, None)
    logs = np.log([median.value for each in held if (median := each.dollars(0.5))])
    variances = unit_variance([each.ordered for each in held]) / np.array([len(each.cohort) for each in held])
    found = shrink(logs, variances, 0)
    reach = NORMAL_TAIL * found.error
    amounts = np.exp([found.value, found.value - reach, found.value + reach]).tolist()
    middle, low, high = (round_to(amount, policy.digits) for amount in amounts)
    estimate = own.shown(Estimate(middle, low, high, EstimateKind.POOLED))
    return Pooled(estimate, round(found.weight, 2), parent, len(held), None, None)


def _published(
    parent: Cohort, over: Dimension, value: str, measure: Measure, basis: Basis, policy: Policy
) -> list[Distribution]:
    names = parent.snapshot.codebooks[over].values
    others = [group for code, group in parent.groups(over).items() if names[code] != value]
    largest = sorted(others, key=len, reverse=True)[:MOST_SIBLINGS]
    found = [Distribution(group, measure, basis, policy) for group in largest]
    return [each for each in found if each.suppression is None]


def parent_of(cohort: Cohort, over: Dimension) -> tuple[Cohort, str]:
    """Return the cohort whose groups by a dimension this one is among, and which it is. Raises NotOneGroup."""
    parts = parts_of(cohort.where)
    mine = [part for part in parts if isinstance(part, OneOf) and part.dimension is over]
    if len(mine) != 1 or len(mine[0].values) != 1 or not is_grouped_by_rows(over):
        raise NotOneGroup(f"This one is not of one value of {over.name}.")
    (value,) = mine[0].values
    return cohort.snapshot.cohort(AllOf(tuple(part for part in parts if part != mine[0]))), value


def unit_variance(held: list[Ordered]) -> float:
    """Return the variance that the log median of one value would have, over samples as large as have an interval."""
    enough = [each for each in held if len(each) >= LEAST_FOR_MEDIAN]
    if not enough:
        return float("inf")
    sizes = [len(each) for each in enough]
    errors = [median_error(each, logarithmic=True) for each in enough]
    return float(np.average([n * error**2 for n, error in zip(sizes, errors, strict=True)], weights=sizes))


def shrink(values: Floats, variances: Floats, place: int) -> Shrunk:
    """Return one of at least 5 values, each with its sampling variance, drawn towards the mean of all of them.

    The variance between them is Paule and Mandel's (DerSimonian and Kacker 2007, Contemporary Clinical Trials 28(2));
    the share given up and the error are Morris's (1983, 1.12 and 4.2), which know that it was estimated.
    """
    between = between_variance(values, variances)
    weights = 1 / (variances + between)
    common = float(weights @ values / weights.sum())
    k, own = len(values), float(variances[place])
    given_up = (k - 3) / (k - 1) * own / (own + between)
    away = float(values[place]) - common
    unknown = 2 / (k - 3) * given_up**2 * float((variances.mean() + between) / (own + between))
    variance = own * (1 - (k - 1) / k * given_up) + unknown * away**2
    return Shrunk(common + (1 - given_up) * away, variance**0.5, 1 - given_up)


def between_variance(values: Floats, variances: Floats) -> float:
    """Return the variance of the truths behind values: that by which their weighted squares are what they should be."""

    def excess(between: float) -> float:
        weights = 1 / (variances + between)
        common = weights @ values / weights.sum()
        return float(weights @ np.square(values - common)) - (len(values) - 1)

    low, high = 0.0, float(np.var(values)) * len(values) + 1e-12
    if excess(low) <= 0:
        return 0.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high
