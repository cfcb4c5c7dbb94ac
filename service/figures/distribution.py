"""The distribution of a measure over a cohort, as it is published: every figure with its interval, or withheld."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from service.figures.cohort import Cohort
from service.figures.curve import Curve
from service.figures.estimates import Estimate, round_to
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy, Suppression, SuppressionReason, difference_of, settled, suppression_of
from service.figures.quantiles import Ordered, interval_ranks, mean_interval, quantile
from service.figures.resolution import has_quantile, least_for, mean_step, shares_of, widened

LEAST_FOR_RANK = 6
"""Fewer reports than this have no interval of their median, which is all that a rank could be read off."""


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
    says why. Quantiles and the mean are all that is computed of pay: `rank` and `histogram` are read off the published
    quantiles, so that they say no more than those do. `blurred_by` reports the cohort differs from what was asked for.
    """

    def __init__(self, cohort: Cohort, measure: Measure, basis: Basis, policy: Policy) -> None:
        self.basis, self.policy = basis, policy
        self._column = basis.column(measure)
        asked = basis.counted(cohort, self._column)
        self.cohort = settled(asked, policy)
        self.blurred_by = difference_of(self.cohort, asked)
        self._published: dict[float, Estimate] = {}

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

    @cached_property
    def scale(self) -> float:
        """Return what a dollar, as amounts are counted, is as they are shown. Raises RateMoved."""
        return self.basis.scale(self.cohort)

    def prepare(self) -> None:
        """Do now what the first figure would otherwise wait for, and find the median, which nearly all ask for."""
        if self.suppression is None:
            _ = self.ordered, self.scale
            self.dollars(0.5)

    def withholding(self, p: float) -> Suppression | None:
        """Return why the p-th quantile is not published, None where it is."""
        if self.suppression or has_quantile(int(self.effective), p):
            return self.suppression
        least = least_for(p)
        needed = f"from {least:,} reports on" if least else "of no cohort: ask for whole hundredths"
        message = f"The {p:g} quantile is published {needed}; these are {int(self.effective):,}."
        return Suppression(SuppressionReason.TOO_FEW_FOR_QUANTILE, message, None)

    def quantile(self, p: float) -> Estimate | None:
        """Return the p-th quantile (type 7) with its binomial interval; None where there are too few reports for it.

        A bound that is the lowest or the highest pay is widened to a round amount, so that it is nobody's.
        """
        dollars = self.dollars(p)
        return dollars and self.shown(dollars)

    def dollars(self, p: float) -> Estimate | None:
        """Return the same in US dollars, as amounts are counted."""
        return None if self.withholding(p) else self._quantile(p)

    def mean(self) -> Estimate | None:
        """Return the arithmetic mean with its 95% interval by Student's t, rounded to two people's part of it."""
        if self.suppression:
            return None
        mean = self._mean()
        step = mean_step(mean.value, self.effective, self.policy.digits)
        return self.shown(mean.rounded(step))

    def rank(self, amount: float) -> Estimate | None:
        """Return the share of reports at or below an amount, by the published quantiles; None below six reports."""
        if self.suppression or self.effective < LEAST_FOR_RANK:
            return None
        return Estimate.of(*self._curve.rank(amount / self.scale))

    def histogram(self, bins: int) -> list[Bin]:
        """Return at most `bins` bins of equal width between the outermost published quantiles, by these quantiles.

        The first and the last bin take in all beyond. Neighbours are merged until each holds the policy's minimum.
        Empty below 13 reports, of which only the median is published.
        """
        shares = self._curve.shares
        if self.suppression or len(shares) < 2:
            return []
        low, high = (self.shown(self._quantile(p)).value for p in (shares[0], shares[-1]))
        edges = sorted({round_to(edge, self.policy.digits) for edge in np.linspace(low, high, bins + 1).tolist()})
        # where all quantiles are one amount there is one bin, which begins and ends there
        edges = edges if len(edges) > 1 else edges * 2
        ends = [0.0, *(self._curve.share_to(edge / self.scale) for edge in edges[1:-1]), 1.0]
        counts = [round(share * len(self.cohort)) for share in ends]
        held = [
            Bin(low, high, until - since, upper - lower)
            for (low, high), (since, until), (lower, upper) in zip(
                pairwise(edges), pairwise(counts), pairwise(ends), strict=True
            )
        ]
        return _merge_small(held, self.policy.minimum_contributors)

    @cached_property
    def _curve(self) -> Curve:
        return Curve(shares_of(int(self.effective)), self._quantile)

    def _quantile(self, p: float) -> Estimate:
        """Return the p-th quantile in US dollars, rounded."""
        if p not in self._published:
            self._published[p] = self._exact(p).changed(lambda amount: round_to(amount, self.policy.digits))
        return self._published[p]

    def _exact(self, p: float) -> Estimate:
        n = len(self.ordered)
        ranks = interval_ranks(n, p)
        interval = None
        if ranks is not None:
            low, high = (self.ordered.value(rank) for rank in ranks)
            interval = widened(low, high, is_lowest=ranks[0] == 0, is_highest=ranks[1] == n - 1)
        return Estimate.exactly(quantile(self.ordered, p), interval)

    def _mean(self) -> Estimate:
        return Estimate.exactly(*mean_interval(self.basis.amounts(self.cohort, self._column)))

    def shown(self, dollars: Estimate) -> Estimate:
        """Return an estimate in US dollars in the currency of the basis.

        It must be rounded before: what is rounded only now could be worked out at enough rates of exchange.
        """
        digits, scale = self.policy.digits, self.scale
        return dollars if scale == 1 else dollars.changed(lambda amount: round_to(amount * scale, digits))


def _merge_small(bins: list[Bin], least: int) -> list[Bin]:
    merged: list[Bin] = []
    for held in bins:
        if merged and (held.reports < least or merged[-1].reports < least):
            before = merged.pop()
            held = Bin(before.low, held.high, before.reports + held.reports, before.share + held.share)
        merged.append(held)
    return [Bin(held.low, held.high, held.reports, round_to(held.share, 3)) for held in merged]
