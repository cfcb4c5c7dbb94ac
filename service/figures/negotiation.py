"""Negotiation and mobility: by how much offers moved, and pay at the last change. Observational, both of them."""

from dataclasses import dataclass

import numpy as np

from schema.vocabulary import ChangeKind
from service.figures.cohort import TOTAL, Cohort
from service.figures.comparison import median_difference
from service.figures.dimensions import Dimension
from service.figures.estimates import Estimate
from service.figures.privacy import Policy, Suppression, suppression_of
from service.figures.quantiles import SortedValues, quantile, quantile_interval, share_interval

RATIO_DIGITS = 3


@dataclass(frozen=True)
class Negotiation:
    """Share who negotiated, and the median uplift of those who did: final over first offer, less one."""

    negotiated_share: Estimate | None
    uplift_total: Estimate | None
    uplift_base: Estimate | None
    sample: Cohort
    suppression: Suppression | None


@dataclass(frozen=True)
class Mobility:
    """Median growth of total pay at the last change by what led to it, and switching less a raise."""

    switched: Estimate | None
    raised: Estimate | None
    promoted: Estimate | None
    difference: Estimate | None
    sample: Cohort
    suppression: Suppression | None


def negotiation(cohort: Cohort, policy: Policy) -> Negotiation:
    """Return what negotiating did, over the reports that say whether the person negotiated."""
    known, yes = cohort.knowing(Dimension.NEGOTIATED), cohort.carrying(Dimension.NEGOTIATED, "TRUE")
    suppression = suppression_of(known, policy)
    if suppression:
        return Negotiation(None, None, None, known, suppression)
    share = Estimate.of(len(yes) / len(known), share_interval(len(yes), len(known)), digits=RATIO_DIGITS)
    uplifts = [
        _growth(yes, after, before, policy) for after, before in ((TOTAL, "first_total"), ("base", "first_base"))
    ]
    return Negotiation(share, uplifts[0], uplifts[1], known, None)


def mobility(cohort: Cohort, policy: Policy) -> Mobility:
    """Return how pay grew at the last change, over the reports that say what led to it and what pay was before."""
    sample = cohort.having("previous_total").knowing(Dimension.CHANGE)
    by_kind = {kind: sample.carrying(Dimension.CHANGE, kind.name) for kind in ChangeKind}
    suppression = suppression_of(sample, policy)
    if suppression:
        return Mobility(None, None, None, None, sample, suppression)
    switched, raised, promoted = (
        _growth(by_kind[kind], TOTAL, "previous_total", policy)
        for kind in (ChangeKind.SWITCH, ChangeKind.RAISE, ChangeKind.PROMOTION)
    )
    difference = None
    if switched and raised:
        sides = [_ratios(by_kind[kind], TOTAL, "previous_total") for kind in (ChangeKind.SWITCH, ChangeKind.RAISE)]
        gap, half = median_difference(*sides)
        difference = _tenths(gap, None if half is None else (gap - half, gap + half))
    return Mobility(switched, raised, promoted, difference, sample, None)


def _growth(cohort: Cohort, after: str, before: str, policy: Policy) -> Estimate | None:
    named = cohort.having(before).having(after)
    if suppression_of(named, policy):
        return None
    ratios = _ratios(named, after, before)
    if len(ratios) < policy.minimum_contributors:
        return None
    return _tenths(quantile(ratios, 0.5), quantile_interval(ratios, 0.5))


def _ratios(cohort: Cohort, after: str, before: str) -> SortedValues:
    paid, was = cohort.column(after).astype(np.float64), cohort.column(before).astype(np.float64)
    return SortedValues(np.sort(paid[was > 0] / was[was > 0] - 1))


def _tenths(value: float, interval: tuple[float, float] | None) -> Estimate:
    # a ratio near zero to three significant digits would say more than the amounts behind it may
    low, high = (None, None) if interval is None else (round(bound, 3) for bound in interval)
    return Estimate(round(value, 3), low, high)
