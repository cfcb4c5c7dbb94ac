"""Weighted distributions: each employer once, or each report by how it was checked."""

from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from schema.vocabulary import TRUST
from service.figures.cohort import Cohort
from service.figures.compiled import special
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.estimates import Estimate
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy, Suppression, too_few
from service.figures.quantiles import CONFIDENCE, interval_ranks
from service.figures.resolution import widened
from service.figures.sharing import shared

Floats = NDArray[np.float64]


class Weighting(StrEnum):
    """What counts as one: a report, an employer (reports without one are left out), or a report as it was checked."""

    PERSON = "person"
    COMPANY = "company"
    TRUST = "trust"


def distribution_by(
    weighting: Weighting, cohort: Cohort, measure: Measure, basis: Basis, policy: Policy
) -> Distribution:
    """Return the distribution of a measure under a weighting."""
    if weighting is Weighting.PERSON:
        return Distribution(cohort, measure, basis, policy)
    return WeightedDistribution(weighting, cohort, measure, basis, policy)


class WeightedDistribution(Distribution):
    """A measure over a cohort whose reports have weights; `effective` is Kish's effective sample size.

    Intervals are those of that many reports: an approximation, where unweighted ones are exact. A weight of
    few people is shared with others, or it would tell on which side of a median those few are.
    """

    def __init__(self, weighting: Weighting, cohort: Cohort, measure: Measure, basis: Basis, policy: Policy) -> None:
        held = cohort.knowing(Dimension.COMPANY) if weighting is Weighting.COMPANY else cohort
        super().__init__(held, measure, basis, policy)
        self._weighting = weighting

    @cached_property
    def _pairs(self) -> tuple[Floats, Floats]:
        """Return the values in ascending order, and the share of all weight up to and with each."""
        values = self.basis.amounts(self.cohort, self._column)
        order = np.argsort(values)
        shares = np.cumsum(self._weights[order])
        return values[order], shares / shares[-1]

    @cached_property
    def _weights(self) -> Floats:
        if self._weighting is Weighting.COMPANY:
            codes = self.cohort.codes(Dimension.COMPANY)
            by_code = 1 / np.maximum(np.bincount(codes), 1)
        else:
            codes = self.cohort.codes(Dimension.VERIFICATION)
            # in the order of the vocabulary, after 0 for unknown, which a verification never is
            by_code = np.array([0.0, *TRUST.values()])
        return shared(self.cohort, by_code[codes])

    @cached_property
    def suppression(self) -> Suppression | None:
        """Return why nothing may be published: the effective sample must be as large as an unweighted one."""
        if found := super().suppression:
            return found
        return too_few(self.cohort, self.policy) if self.effective < self.policy.minimum_contributors else None

    @cached_property
    def effective(self) -> float:
        """Return Kish's effective sample size (Kish 1965, Survey Sampling): the square of the sum over the squares."""
        return float(self._weights.sum() ** 2 / np.square(self._weights).sum()) if len(self._weights) else 0.0

    def prepare(self) -> None:
        """Do now what the first figure would otherwise wait for."""
        if self.suppression is None:
            _ = self._pairs, self.scale

    def _exact(self, p: float) -> Estimate:
        """Return the p-th quantile with the interval of the effective sample.

        Weighted type 7 of Akinshin (2023), Weighted quantile estimators, arXiv 2304.07265: with equal weights it is
        the unweighted one.
        """
        values, shares = self._pairs
        n = self.effective
        place = p * (n - 1)
        inside = np.clip(np.concatenate([[0.0], shares]) * n - place, 0, 1)
        ranks = interval_ranks(int(n), p)
        interval = None
        if ranks is not None:
            low, high = (self._value_at((rank + 1) / n) for rank in ranks)
            interval = widened(low, high, is_lowest=low == values[0], is_highest=high == values[-1])
        return Estimate.exactly(float(np.diff(inside) @ values), interval)

    def _value_at(self, share: float) -> float:
        values, shares = self._pairs
        return float(values[min(int(np.searchsorted(shares, share - 1e-12)), len(values) - 1)])

    def _mean(self) -> Estimate:
        """Return the weighted mean with its linearised 95% interval (Cochran 1977, Sampling Techniques, 6.4)."""
        values, weights = self.basis.amounts(self.cohort, self._column), self._weights
        mean = float(values @ weights / weights.sum())
        error = float(np.sqrt(np.square(weights * (values - mean)).sum()) / weights.sum())
        half = float(special.stdtrit(max(self.effective - 1, 1), (1 + CONFIDENCE) / 2)) * error
        return Estimate.exactly(mean, (mean - half, mean + half))
