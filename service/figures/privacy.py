"""What may be published: nothing that rests on too few people, and no amount to the dollar."""

from dataclasses import dataclass
from enum import StrEnum

from service.figures.cohort import Cohort


class SuppressionReason(StrEnum):
    """Why a figure is withheld."""

    TOO_FEW_CONTRIBUTORS = "too_few_contributors"
    TOO_FEW_FOR_QUANTILE = "too_few_for_quantile"


@dataclass(frozen=True)
class Policy:
    """The rules in force. Amounts are rounded to `digits` significant digits."""

    name: str = "WORKER_PUBLIC"
    minimum_contributors: int = 5
    digits: int = 3


@dataclass(frozen=True)
class Suppression:
    """A figure is withheld: why, in a word and in a sentence."""

    reason: SuppressionReason
    message: str


def suppression_of(cohort: Cohort, policy: Policy) -> Suppression | None:
    """Return why no figure of a cohort may be published, None where it may."""
    if cohort.has_contributors(policy.minimum_contributors):
        return None
    message = (
        f"Fewer than {policy.minimum_contributors} people contributed to this figure, so it would say what one of them "
        f"earns. Ask for a wider cohort: fewer filters, a region instead of a metro, a longer time."
    )
    return Suppression(SuppressionReason.TOO_FEW_CONTRIBUTORS, message)


def has_quantile(n: int, p: float) -> bool:
    """Return whether a quantile of n reports says more than the pay of the one at the edge: n p and n (1 - p) >= 1."""
    return n * min(p, 1 - p) >= 1 - 1e-9
