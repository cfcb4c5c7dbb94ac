"""What may be published: nothing that rests on too few people, or that tells their pay beside another answer."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt
from typing import TypeVar, cast

import numpy as np
from pyroaring import BitMap

from service.figures.cohort import Cohort
from service.figures.conditions import Condition, Unasked, parts_of
from service.figures.kin import adds_up_to_few, neighbour_of
from service.figures.neighbours import Neighbour
from service.figures.parts import Part

Found = TypeVar("Found")

ALIKE = 6
"""Times as many reports as make the difference may be the square root of all: d of n move a share by d / n at most,
and its standard error is at most half of 1 / sqrt(n), so that this is a third of it."""


class SuppressionReason(StrEnum):
    """Why a figure is withheld."""

    TOO_FEW_CONTRIBUTORS = "too_few_contributors"
    TOO_FEW_COMPANIES = "too_few_companies"
    DOMINATED = "dominated"
    TOO_RECENT = "too_recent"
    COMPLEMENT = "complement"
    TOO_FEW_FOR_QUANTILE = "too_few_for_quantile"


@dataclass(frozen=True)
class Policy:
    """The rules in force.

    `dominance` is the share of a cohort's people from which on one employer dominates it: that is flagged, and a reason
    to withhold where `refuses_dominance`. Only reports `minimum_age_days` older than the newest are counted. Amounts
    are rounded to `digits` significant digits.
    """

    name: str = "WORKER_PUBLIC"
    minimum_contributors: int = 5
    minimum_companies: int = 0
    dominance: float = 0.5
    refuses_dominance: bool = False
    minimum_age_days: int = 0
    digits: int = 3


class PolicyName(StrEnum):
    """The policies that can be chosen."""

    WORKER_PUBLIC = "WORKER_PUBLIC"
    EMPLOYER_STRICT = "EMPLOYER_STRICT"


POLICIES = {
    PolicyName.WORKER_PUBLIC: Policy(),
    PolicyName.EMPLOYER_STRICT: Policy(
        "EMPLOYER_STRICT", minimum_companies=5, dominance=0.25, refuses_dominance=True, minimum_age_days=90
    ),
}


def policy_of(name: PolicyName, minimum_contributors: int) -> Policy:
    """Return a policy with the least number of people that was set."""
    return replace(POLICIES[name], minimum_contributors=minimum_contributors)


@dataclass(frozen=True)
class Suppression:
    """A figure of a cohort is withheld: why, in a word and in a sentence; no cohort where a wider one may not help."""

    reason: SuppressionReason
    message: str
    cohort: Cohort | None


def suppression_of(cohort: Cohort, policy: Policy) -> Suppression | None:
    """Return why no figure of a cohort may be published, None where it may; found once a cohort."""
    return _once(cohort, policy, lambda: _find(cohort, policy))


def _once(cohort: Cohort, name: Hashable, find: Callable[[], Found]) -> Found:
    if name not in cohort.privacy:
        cohort.privacy[name] = find()
    return cast("Found", cohort.privacy[name])


def _find(cohort: Cohort, policy: Policy) -> Suppression | None:
    if not cohort.has_contributors(policy.minimum_contributors):
        return _too_recent(cohort, policy) or too_few(cohort, policy)
    return _of_few_companies(cohort, policy) or _beside_another(cohort, policy)


def too_few(cohort: Cohort, policy: Policy) -> Suppression:
    """Return the suppression of a cohort of too few people."""
    message = (
        f"Fewer than {policy.minimum_contributors} people contributed to this figure, so it would say what one of them "
        f"earns. Ask for a wider cohort: fewer filters, a region instead of a metro, a longer time."
    )
    return Suppression(SuppressionReason.TOO_FEW_CONTRIBUTORS, message, cohort)


def _too_recent(cohort: Cohort, policy: Policy) -> Suppression | None:
    if not policy.minimum_age_days:
        return None
    snapshot = cohort.snapshot
    parts = [
        Part(index, cohort.where.rows(index, snapshot.codebooks) & (recent | mine))
        for (index, recent), mine in zip(snapshot.recent, cohort.rows, strict=True)
    ]
    if not Cohort(snapshot, parts, lambda: cohort.where).has_contributors(policy.minimum_contributors):
        return None
    message = (
        f"Enough people contributed to this figure, but fewer than {policy.minimum_contributors} of them "
        f"{policy.minimum_age_days} days ago or more. Ask again later, or for a wider cohort."
    )
    return Suppression(SuppressionReason.TOO_RECENT, message, cohort)


def _of_few_companies(cohort: Cohort, policy: Policy) -> Suppression | None:
    if policy.minimum_companies and cohort.companies < policy.minimum_companies:
        message = (
            f"Fewer than {policy.minimum_companies} employers are among these reports, so a figure would say what one "
            f"of them pays. Ask for a wider cohort: more employers, an industry, a region."
        )
        return Suppression(SuppressionReason.TOO_FEW_COMPANIES, message, cohort)
    if policy.refuses_dominance and dominance_of(cohort) > policy.dominance:
        message = (
            f"More than {policy.dominance:.0%} of these people have one employer, so a figure would say what that one "
            f"pays. Ask for a wider cohort: more employers, an industry, a region."
        )
        return Suppression(SuppressionReason.DOMINATED, message, cohort)
    return None


def dominance_of(cohort: Cohort) -> float:
    """Return the largest share of a cohort's people that has one employer; where it is not known, none has."""
    companies, people = cohort.column("company"), cohort.column("contributor")
    named = (companies > 0) & (people > 0)
    pairs = np.unique(np.stack([companies[named].astype(np.uint64), people[named]]), axis=1)
    # who is not named counts as somebody of their own
    employers = np.concatenate([pairs[0].astype(np.int64), companies[(companies > 0) & (people == 0)]])
    return int(np.bincount(employers, minlength=1).max()) / max(cohort.contributors, 1)


def _beside_another(cohort: Cohort, policy: Policy) -> Suppression | None:
    if _neighbour_of(cohort, policy) is None and not adds_up_to_few(cohort, policy.minimum_contributors - 1):
        return None
    message = (
        f"Beside other cohorts, this one would say what fewer than {policy.minimum_contributors} people earn: those "
        f"whom it leaves out, or takes in, and they do not. Leave out what only those few have, or lack."
    )
    return Suppression(SuppressionReason.COMPLEMENT, message, cohort)


def _neighbour_of(cohort: Cohort, policy: Policy) -> Neighbour | None:
    few = policy.minimum_contributors - 1
    return _once(cohort, few, lambda: neighbour_of(cohort, few))


def settled(cohort: Cohort, policy: Policy) -> Cohort:
    """Return the cohort that figures are made of: this one, or its neighbour where the two are alike.

    They are where the reports that make the difference are so few beside all that they move no quantile by more than a
    third of its standard error: then nothing need be withheld. Both have the figures of one of the two, and side by
    side say nothing of those few; the other's intervals still hold its own quantiles 93 times in 100.
    """
    found = cohort
    while found.has_contributors(policy.minimum_contributors) and (beside := _neighbour_of(found, policy)) is not None:
        if not _needed(cohort) <= set(parts_of(beside.where)) or (
            found is cohort and not _are_alike(cohort, beside.reports)
        ):
            return cohort
        found = cohort.snapshot.cohort(beside.where)
        if not _are_alike(cohort, difference_of(cohort, found)):
            return cohort
    return found


def _needed(cohort: Cohort) -> set[Condition]:
    return {part for part in parts_of(cohort.where) if isinstance(part, Unasked)}


def _are_alike(cohort: Cohort, reports: int) -> bool:
    return ALIKE * reports <= sqrt(len(cohort))


def difference_of(one: Cohort, other: Cohort) -> int:
    """Return how many reports are in one of two cohorts of a snapshot only."""
    return sum(map(BitMap.symmetric_difference_cardinality, one.rows, other.rows)) if one is not other else 0


def withholding(cohort: Cohort, policy: Policy) -> Suppression | None:
    """Return why no distribution of a cohort may be published, None where that of the one it settles on may."""
    return suppression_of(settled(cohort, policy), policy)
