"""Where an offer stands: among the narrowest cohort of comparable reports that may be published."""

from dataclasses import dataclass
from enum import StrEnum

from service.figures.cohort import Cohort
from service.figures.conditions import AllOf, Condition, OneOf
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.estimates import Estimate
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy, withholding
from service.figures.snapshot import Snapshot

QUARTER = 0.25


class OfferVerdict(StrEnum):
    """Below the middle half of comparable reports, within it, above it, or too few to say."""

    BELOW = "below"
    MARKET = "market"
    ABOVE = "above"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True)
class Facet:
    """A property of the offer that comparable reports share."""

    dimension: Dimension
    value: str


@dataclass(frozen=True)
class WideningStep:
    """A facet given up for a wider one (or for none), with the number of reports before and after."""

    given_up: Facet
    instead: Facet | None
    reports_before: int
    reports_after: int


@dataclass(frozen=True)
class Comparable:
    """The cohort that an offer is compared with, what its reports share, and how it was come to."""

    cohort: Cohort
    facets: tuple[Facet, ...]
    steps: tuple[WideningStep, ...]


def find_comparable(snapshot: Snapshot, ladders: list[list[Facet]], policy: Policy) -> Comparable:
    """Return the narrowest cohort that may be published.

    Each ladder is a property from narrow to wide (metro, region, country). The narrowest rung of each is asked for
    first; until the cohort may be published, ladders are climbed to their end one after the other, in their order.
    """
    rungs = [0] * len(ladders)
    cohort = snapshot.cohort(_condition(_shared(ladders, rungs)))
    steps: list[WideningStep] = []
    for place, ladder in enumerate(ladders):
        while rungs[place] < len(ladder) and withholding(cohort, policy):
            given_up = ladder[rungs[place]]
            rungs[place] += 1
            instead = ladder[rungs[place]] if rungs[place] < len(ladder) else None
            wider = snapshot.cohort(_condition(_shared(ladders, rungs)))
            steps.append(WideningStep(given_up, instead, len(cohort), len(wider)))
            cohort = wider
    return Comparable(cohort, _shared(ladders, rungs), tuple(steps))


def _shared(ladders: list[list[Facet]], rungs: list[int]) -> tuple[Facet, ...]:
    return tuple(ladder[rung] for ladder, rung in zip(ladders, rungs, strict=True) if rung < len(ladder))


def _condition(facets: tuple[Facet, ...]) -> Condition:
    return AllOf(tuple(OneOf(facet.dimension, frozenset({facet.value})) for facet in facets))


def rank_of(cohort: Cohort, measure: Measure, amount: float, basis: Basis, policy: Policy) -> Estimate | None:
    """Return the share of a cohort's reports at or below an amount, in the basis's currency a year."""
    return Distribution(cohort, measure, basis, policy).rank(amount)


def verdict_of(percentile: Estimate | None) -> OfferVerdict:
    """Return where the offer stands; insufficient where the interval reaches from the lower to the upper quarter."""
    if percentile is None or percentile.low is None or percentile.high is None:
        return OfferVerdict.INSUFFICIENT
    if percentile.low < QUARTER and percentile.high > 1 - QUARTER:
        return OfferVerdict.INSUFFICIENT
    if percentile.value < QUARTER:
        return OfferVerdict.BELOW
    return OfferVerdict.ABOVE if percentile.value > 1 - QUARTER else OfferVerdict.MARKET
