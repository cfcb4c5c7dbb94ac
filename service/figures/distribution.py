"""The distribution of a measure over a cohort, as it is published: every figure with its interval, or withheld."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.figures.cohort import TOTAL, Cohort
from service.figures.estimates import Estimate, round_to
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy, Suppression, has_quantile, suppression_of
from service.figures.quantiles import (
    Ordered,
    mean_interval,
    quantile,
    quantile_interval,
    share_interval,
)


@dataclass(frozen=True)
class Bin:
    """Reports from an amount (inclusive) to another (exclusive; the last is inclusive)."""

    low: float
    high: float
    reports: int
    share: float


class Distribution:
    """A measure over a cohort. Amounts are a year, in the currency of the basis, rounded as the policy says.

    It is of the reports in which the measure is known. Every figure is None (the histogram empty) where `suppression`
    says why.
    """

    def __init__(self, cohort: Cohort, measure: Measure, basis: Basis, policy: Policy) -> None:
        self.basis, self.policy = basis, policy
        self._column = basis.column(measure)
        self.cohort = cohort if self._column == TOTAL else cohort.having(self._column)
        self._scale = basis.per_dollar

    @cached_property
    def suppression(self) -> Suppression | None:
        """Return why nothing may be published, None where it may."""
        return suppression_of(self.cohort, self.policy)

    @cached_property
    def ordered(self) -> Ordered:
        """Return the measure's values as order statistics, US dollars a year, whether they may be published or not."""
        return self.basis.ordered(self.cohort, self._column)

    @property
    def effective(self) -> float:
        """Return the effective sample size: the number of reports, since each weighs the same."""
        return float(len(self.cohort))

    def prepare(self) -> None:
        """Do now what the first figure would otherwise wait for."""
        if self.suppression is None:
            _ = self.ordered

    def quantile(self, p: float) -> Estimate | None:
        """Return the p-th quantile (type 7) with its binomial interval; None where too few reports lie beyond it."""
        if self.suppression or not has_quantile(len(self.ordered), p):
            return None
        value, interval = quantile(self.ordered, p), quantile_interval(self.ordered, p)
        return Estimate.of(value, interval, self._scale, self.policy.digits)

    def mean(self) -> Estimate | None:
        """Return the arithmetic mean with its 95% interval by Student's t."""
        if self.suppression:
            return None
        value, interval = mean_interval(self.basis.amounts(self.cohort, self._column))
        return Estimate.of(value, interval, self._scale, self.policy.digits)

    def rank(self, amount: float) -> Estimate | None:
        """Return the share of reports at or below an amount, with its Clopper-Pearson interval.

        The amount is rounded first, as amounts are in every answer, so that ranks say no more than quantiles do.
        """
        if self.suppression:
            return None
        n, below = len(self.ordered), self.ordered.count_to(round_to(amount, self.policy.digits) / self._scale)
        return Estimate.of(below / n, share_interval(below, n))

    def histogram(self, bins: int) -> list[Bin]:
        """Return at most `bins` bins of equal width, neighbours merged until each holds enough reports to be shown.

        The outermost reports are counted in the first and the last bin without being shown as its bounds.
        """
        if self.suppression:
            return []
        edges = self._edges(bins)
        counts = np.diff([0, *(self.ordered.count_to(edge / self._scale) for edge in edges[1:-1]), len(self.ordered)])
        kept = _merge_small(edges, counts, self.policy.minimum_contributors)
        return [Bin(low, high, count, round_to(count / len(self.ordered), 3)) for low, high, count in kept]

    def _edges(self, bins: int) -> NDArray[np.float64]:
        n, beyond = len(self.ordered), self.policy.minimum_contributors - 1
        low, high = self.ordered.value(min(beyond, n - 1)), self.ordered.value(max(n - 1 - beyond, 0))
        edges = np.linspace(min(low, high), max(low, high), bins + 1) * self._scale
        rounded = [round_to(edge, self.policy.digits) for edge in edges]
        return np.unique(rounded) if len(set(rounded)) > 1 else np.array([rounded[0], rounded[0]])


def _merge_small(edges: NDArray[np.float64], counts: NDArray[np.int64], least: int) -> list[tuple[float, float, int]]:
    merged: list[tuple[float, float, int]] = []
    for (low, high), count in zip(pairwise(edges.tolist()), counts.tolist(), strict=True):
        if merged and (count < least or merged[-1][2] < least):
            start, _, held = merged.pop()
            merged.append((start, high, held + count))
        else:
            merged.append((low, high, count))
    return merged
